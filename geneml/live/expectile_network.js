// Expectile networks of several levels, run in the page: change genotypes, watch the levels.
import { loadNetwork } from "./part_network.js";

// A function of genotypes (numbers) that gives one predicted expectile for each level, in the
// unit of the trait.
export function levelNetworks({ levels }) {
  const networks = levels.map(({ layers }) => loadNetwork(layers));
  return (genotypes) => {
    const input = Float32Array.from(genotypes);
    return networks.map((network, k) => levels[k].mean + levels[k].scale * network(input, 1, input.length)[0]);
  };
}

export const genotypesOf = (text) => Array.from(text, Number);

// Neighbouring levels that are out of order: [[lower, higher], ...] as positions.
export const crossings = (values) => values.flatMap((value, k) => (k > 0 && value < values[k - 1] ? [[k - 1, k]] : []));

// The level nearest to the mean, by which people are sorted.
export const middle = (taus) => taus.reduce((best, tau, k) => (Math.abs(tau - 0.5) < Math.abs(taus[best] - 0.5) ? k : best), 0);

export function render(stage, data, kit) {
  const predict = levelNetworks(data);
  const taus = data.levels.map(({ tau }) => tau);
  const centre = middle(taus);
  const named = (k) => kit.number(taus[k]);
  // Sorted by the middle level; what was observed stays with its person.
  const people = data.people
    .map((text, i) => {
      const genotypes = genotypesOf(text);
      return { text, genotypes, values: predict(genotypes), seen: data.observed ? data.observed[i] : null };
    })
    .sort((a, b) => a.values[centre] - b.values[centre]);
  const board = kit.board(stage);
  const crossed = people.flatMap((one, i) => (crossings(one.values).length > 0 ? [i] : []));
  const random = kit.generator(people.length);
  let now = [];

  const rank = board.slider({
    label: `Person, from the lowest predicted ${kit.number(taus[centre])} expectile to the highest`,
    min: 1, max: people.length, step: 1, value: Math.max(1, Math.round(0.9 * people.length)), format: kit.whole,
    changed: () => begin(),
  });
  const choices = data.shown.map((column, i) =>
    board.choice({
      label: data.names[i],
      options: [["0", "0"], ["1", "1"], ["2", "2"]],
      value: "0",
      changed: (control) => {
        now[column] = Number(control.value);
        draw();
      },
    }),
  );
  const go = (place) => {
    rank.value = place + 1;
    begin();
  };
  board.button("Back to this person's genotypes", () => begin());
  board.button("Somebody else", () => go(random.integer(people.length)));
  if (crossed.length > 0) {
    let turn = -1;
    board.button("Somebody whose levels cross", () => {
      turn = (turn + 1) % crossed.length;
      go(crossed[turn]);
    });
  }
  const unit = data.unit || "trait";
  const own = board.chart({ title: "This person's levels", height: 300, key: [[0, "dash", "with the person's own genotypes"], [1, "line", "with the genotypes chosen above"], [2, "line", "levels that cross"]] });
  const crowd = board.chart({ title: `Everybody, sorted by the ${kit.number(taus[centre])} expectile`, height: 300, key: [[0, "dot", "a person, at each level"], [3, "dot", "the same, every other level"], [1, "dot", "the genotypes chosen above"]] });

  const person = () => people[rank.value - 1];
  const reset = () => {
    now = [...person().genotypes];
    choices.forEach((choice, i) => {
      choice.value = String(now[data.shown[i]]);
    });
  };
  const begin = () => {
    reset();
    draw();
  };
  const everything = people.flatMap(({ values }) => values);
  const draw = () => {
    const { values: before, seen, genotypes } = person();
    const values = predict(now);
    const out = crossings(values);
    const span = [...everything, ...values];
    const [least, most] = [Math.min(...span), Math.max(...span)];
    const y = { domain: [least - 0.06 * (most - least), most + 0.06 * (most - least)], label: unit };
    own.axes({ x: { domain: [0, 1], label: "level τ", ticks: taus, format: (v) => kit.number(v) }, y });
    own.line(taus.map((tau, k) => [tau, before[k]]), 0, { dash: true });
    own.line(taus.map((tau, k) => [tau, values[k]]), 1);
    own.dots(taus.map((tau, k) => [tau, values[k]]), 1, { size: 10 });
    for (const pair of out) {
      own.line(pair.map((k) => [taus[k], values[k]]), 2);
      own.dots(pair.map((k) => [taus[k], values[k]]), 2, { size: 10 });
    }
    crowd.axes({ x: { domain: [0, people.length + 1], label: "rank of the person", format: kit.whole }, y, right: 44 });
    taus.forEach((tau, k) => {
      // Two colours in turn: neighbouring levels overlap.
      crowd.dots(people.map((one, i) => [i + 1, one.values[k]]), k % 2 ? 3 : 0, { size: 3, faint: true });
    });
    crowd.rule({ x: rank.value }, 0);
    crowd.dots(values.map((value) => [rank.value, value]), 1, { size: 10 });
    // Labels of the levels at the right end, pushed apart where they would touch.
    let floor = Infinity;
    for (const k of taus.keys()) {
      const end = people.slice(-Math.ceil(people.length / 20)).map((one) => one.values[k]);
      floor = Math.min(crowd.y(kit.mean(end)) + 4, floor - 14);
      crowd.label(crowd.area.right + 4, floor, kit.number(taus[k]), { quiet: true });
    }
    const changed = data.shown.filter((column) => now[column] !== genotypes[column]).length;
    const text = now.join("");
    const same = people.filter((one) => one.text === text).length;
    const list = taus.map((tau, k) => `${named(k)}: ${kit.number(values[k], 1)}`).join(", ");
    const who = `Person ${kit.whole(rank.value)} of ${kit.whole(people.length)}${seen === null ? "" : `, observed: ${kit.number(seen, Number.isInteger(seen) ? 0 : 1)}${data.unit ? ` ${data.unit}` : ""}`}.`;
    const moved = changed === 0 ? " These are the person's own genotypes." : ` With ${kit.plural(changed, "genotype")} changed, the ${named(centre)} expectile moves by ${kit.signed(values[centre] - before[centre], 1)} and the ${named(taus.length - 1)} expectile by ${kit.signed(values.at(-1) - before.at(-1), 1)}.`;
    const real = changed === 0 ? "" : same > 0 ? ` ${kit.plural(same, "person has", "people have")} exactly these genotypes.` : " Nobody here has exactly these genotypes: the network was never shown such a person, or hardly ever.";
    const order = out.length > 0 ? ` Levels cross: ${out.map(([a, b]) => `${named(b)} lies below ${named(a)}`).join(", ")}, which no distribution can do.` : " The levels are in order.";
    board.say(`${who} Predicted ${unit}: ${list}.${moved}${real}${order}`);
    own.describe(`Predicted ${unit} at each level: ${list}.${order}`);
    crowd.describe(`Predictions of ${kit.whole(people.length)} people at ${taus.length} levels, sorted by the ${named(centre)} expectile. ${kit.plural(crossed.length, "person has", "people have")} levels that cross. Marked: person ${kit.whole(rank.value)}.`);
  };
  reset();
  board.draw(draw);
}
