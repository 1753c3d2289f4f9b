// Three loci arrive one after the other; what each adds depends on who came before.

const PAIR = [0, 1]; // the loci that interact

// The trait of a person with these copies. It is a line in the copies of each locus, so the
// average over independent loci of the population is its value at their average copies.
export const trait = ({ effects, interaction }, copies) =>
  effects.reduce((total, effect, k) => total + effect * copies[k], 0) + interaction * copies[PAIR[0]] * copies[PAIR[1]];

// Value of a coalition: loci that have arrived count with the person's copies, the others with
// the background's.
export const worth = (game, arrived) =>
  trait(game, game.genotype.map((copies, k) => (arrived.includes(k) ? copies : game.background)));

export function orders(n) {
  if (n === 0) return [[]];
  const shorter = orders(n - 1);
  return Array.from({ length: n }, (_, first) => shorter.map((rest) => [first, ...rest.map((k) => (k >= first ? k + 1 : k))])).flat();
}

// Every order of arrival with what each locus adds (by locus), and the averages of those.
export function play(game) {
  const rows = orders(game.effects.length).map((order) => {
    const added = new Array(order.length);
    order.forEach((locus, i) => {
      added[locus] = worth(game, order.slice(0, i + 1)) - worth(game, order.slice(0, i));
    });
    return { order, added };
  });
  const credits = game.effects.map((_, k) => rows.reduce((total, { added }) => total + added[k], 0) / rows.length);
  return { rows, credits, base: worth(game, []), prediction: worth(game, game.effects.map((_, k) => k)) };
}

// Halves and quarters are written out, so that the reader's sums agree.
const digits = (value) => [0, 1, 2, 3].find((d) => Math.abs(value * 10 ** d - Math.round(value * 10 ** d)) < 1e-9) ?? 4;

export function render(stage, data, kit) {
  const { names } = data;
  const board = kit.board(stage);
  const plain = (value) => kit.number(value, digits(value));
  const signed = (value) => kit.signed(value, digits(value));
  const copies = names.map((name, k) => board.choice({ label: `Copies at locus ${name}`, options: [["0", "0"], ["1", "1"], ["2", "2"]], value: String(data.genotype[k]) }));
  const effects = names.map((name, k) => board.slider({ label: `Effect of a copy at ${name}`, min: -3, max: 3, step: 0.5, value: data.effects[k], format: (v) => kit.signed(v, 1) }));
  const interaction = board.slider({ label: `Interaction ${names[0]} × ${names[1]}`, min: -3, max: 3, step: 0.5, value: data.interaction, format: (v) => kit.signed(v, 1) });
  const background = board.slider({ label: "Copies in the background", min: 0, max: 2, step: 0.5, value: data.background, format: (v) => kit.number(v, 1) });
  const picture = board.chart({ title: "Six orders of arrival, from base value to prediction", height: 290, key: names.map((name, k) => [k + 1, "bar", `locus ${name}`]) });
  picture.element.classList.add("gl-span");
  const numbers = kit.table("What each locus adds when it arrives", ["order", ...names, "sum"]);
  numbers.element.classList.add("gl-span", "gl-total");
  board.place(numbers.element);
  const words = (order) => order.map((k) => names[k]).join(" → ");
  board.draw(() => {
    const game = { effects: effects.map((one) => one.value), interaction: interaction.value, genotype: copies.map((one) => Number(one.value)), background: background.value };
    const { rows, credits, base, prediction } = play(game);
    const total = prediction - base;
    numbers.rows([...rows.map(({ order, added }) => [words(order), ...added.map((one) => signed(one)), signed(total)]), ["average", ...credits.map((one) => signed(one)), signed(total)]]);
    const steps = rows.map(({ order, added }) => {
      let level = base;
      return order.map((locus) => ({ locus, from: level, to: (level += added[locus]) }));
    });
    const all = [base, prediction, ...steps.flat().map(({ to }) => to)];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const gap = Math.max(high - low, 1) * 0.08;
    picture.axes({ x: { domain: [low - gap, high + gap], label: "trait" }, y: { domain: [0, 6], ticks: rows.map((_, i) => 5.5 - i), format: (v) => words(rows[Math.round(5.5 - v)].order), grid: false }, top: 26, left: 34 + 7 * words([0, 1, 2]).length });
    for (const [level, text] of [[base, `base ${plain(base)}`], [prediction, `prediction ${plain(prediction)}`]]) {
      picture.rule({ x: level }, 0);
      const leftHalf = level < (low + high) / 2;
      picture.label(picture.x(level), 16, text, { anchor: total === 0 ? "middle" : leftHalf ? "start" : "end", strong: true });
    }
    steps.forEach((row, i) => row.forEach(({ locus, from, to }, k) => {
      const y = 5.5 - i + (1 - k) * 0.26;
      if (from === to) picture.add("path", { d: `M${picture.x(from)} ${picture.y(y + 0.13)}V${picture.y(y - 0.13)}`, class: `gl-s${locus + 1} gl-line` });
      else picture.bar(from, to, y - 0.13, y + 0.13, locus + 1);
    }));
    const credit = names.map((name, k) => `${name} ${signed(credits[k])}`).join(", ");
    picture.describe(`In every order the three steps lead from ${plain(base)} to ${plain(prediction)}. Averages: ${credit}.`);
    const spread = rows.map(({ added }) => added[0]);
    const [least, most] = [Math.min(...spread), Math.max(...spread)];
    const uneven = most - least > 1e-9 ? `${names[0]} adds between ${signed(least)} and ${signed(most)}, depending on whether ${names[1]} came before; the average shares what the two make together.` : "No locus cares who came before: each adds the same in every order, its effect times the difference in copies.";
    const idle = names.filter((_, k) => rows.every(({ added }) => Math.abs(added[k]) < 1e-9));
    const none = idle.length ? ` ${idle.join(" and ")} never ${idle.length > 1 ? "add" : "adds"} anything and ${idle.length > 1 ? "get" : "gets"} no credit.` : "";
    board.say(`Shapley values: ${credit}. They sum to ${signed(total)}, which is the prediction ${plain(prediction)} less the base value ${plain(base)}. ${uneven}${none}`);
  });
}
