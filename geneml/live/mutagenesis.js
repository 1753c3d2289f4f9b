// Change any base: the prediction moves, and the map of all substitutions is computed anew.
import { sequenceModel, trueChanges, trueValue } from "./part_mutations.js";
import { closeUp } from "./part_close_up.js";

// One number a position: how much higher the value is with the base that is there than with the
// others, on average.
export function perPosition(changes, letters) {
  return Float64Array.from({ length: changes.length / letters }, (_, place) => {
    let total = 0;
    for (let b = 0; b < letters; b += 1) total += changes[place * letters + b];
    return 0 - total / (letters - 1);
  });
}

// Indices of the largest changes by size, largest first.
export const strongest = (changes, count) =>
  Array.from(changes.keys())
    .filter((i) => changes[i] !== 0)
    .sort((i, j) => Math.abs(changes[j]) - Math.abs(changes[i]) || i - j)
    .slice(0, count);

// Positions but `place` where some effect moved by more than `least`, and the one that moved most.
export function moved(before, after, letters, place, least) {
  const found = { count: 0, most: -1, by: 0 };
  for (let start = 0; start < before.length; start += letters) {
    if (start === place * letters) continue;
    let by = 0;
    for (let i = start; i < start + letters; i += 1) by = Math.max(by, Math.abs(after[i] - before[i]));
    if (by > least) found.count += 1;
    if (by > found.by) Object.assign(found, { most: start / letters, by });
  }
  return found;
}

export function render(stage, data, kit) {
  const { truth, causal, alphabet } = data;
  const size = alphabet.length;
  const model = sequenceModel(data);
  const original = Array.from(data.sequence);
  const look = () => {
    const state = model.mutate(letters);
    return truth ? { ...state, truth: trueValue(truth, letters), trueChanges: trueChanges(truth, letters, alphabet) } : state;
  };
  const largest = (state) => Math.max(...[state.changes, state.trueChanges ?? []].map((all) => all.reduce((top, one) => Math.max(top, Math.abs(one)), 0)));
  let letters = Array.from(original);
  let now = look();
  const reference = now;
  let before = null; // the state before the last change
  let last = null; // the last change { place, from, to }
  let limit = largest(now) || 1;
  const trail = [];

  const board = kit.board(stage);
  const view = board.choice({ label: "The whole sequence as", options: [["map", "every substitution"], ["track", "one number a base"]], value: "map" });
  const place = board.slider({ label: "Look at position", min: 0, max: letters.length - 1, value: causal?.[0] ?? Math.floor(letters.length / 2), format: kit.whole, changed: () => cells.look(place.value) });
  const beside = truth && board.toggle({ label: "True effects beside the network's", value: false });
  const undo = board.button("Undo", () => step(trail.pop(), true));
  const back = board.button("Back to the reference", () => {
    trail.length = 0;
    letters = Array.from(original);
    [before, last, now] = [null, null, reference];
    draw();
  });
  const extreme = (sign) => () => {
    const best = now.changes.reduce((top, one, i) => (sign * one > sign * now.changes[top] ? i : top), 0);
    if (sign * now.changes[best] > 0) set(Math.floor(best / size), alphabet[best % size]);
  };
  board.button("Largest rise", extreme(1));
  board.button("Largest fall", extreme(-1));

  const overview = board.chart({ title: "", height: 150 });
  overview.element.classList.add("gl-span");
  overview.svg.classList.add("gl-click");
  const cells = closeUp({ alphabet, causal: causal ?? [], original, chosen: (p, letter) => set(p, letter), moved: (p) => {
    place.value = p;
    frame();
  } }, kit);
  board.place(cells.element);
  board.finding.classList.add("gl-span");
  board.place(board.finding); // what a click did stands right below the cells
  const line = board.chart({ title: data.unit ? `Prediction (${data.unit})` : "Prediction", height: 150, key: truth ? [[1, "dot", "network"], [2, "dot", "truth"]] : [] });
  const five = kit.table("The five strongest substitutions now", ["substitution (from 0)", "network", ...(truth ? ["truth"] : [])]);
  board.place(five.element);
  const whole = kit.table("Change of the prediction for every substitution", ["position", ...alphabet]);
  whole.element.classList.add("gl-tall");
  const details = kit.html("details", { class: "gl-details gl-span" }, kit.html("summary", {}, "The whole map as a table"), whole.element);
  details.addEventListener("toggle", () => listAll());
  board.place(details);

  const set = (p, letter) => {
    if (letters[p] === letter) return;
    trail.push({ place: p, from: letters[p], to: letter });
    step(trail.at(-1));
    cells.look(p);
  };
  // Make one change, or take one back.
  const step = (change, back) => {
    if (!change) return;
    const { place: p } = change;
    last = back ? { place: p, from: change.to, to: change.from } : change;
    letters = letters.with ? letters.with(p, last.to) : Object.assign([...letters], { [p]: last.to });
    before = now;
    now = look();
    limit = Math.max(limit, largest(now));
    draw();
  };

  const name = (i) => `${letters[Math.floor(i / size)]}${Math.floor(i / size)}${alphabet[i % size]}`;
  const both = () => Boolean(beside?.value);
  let outline = null;
  const frame = () => {
    outline?.remove();
    const { first, count } = cells.shown();
    const x = overview.x(first - 0.5);
    outline = overview.add("rect", { x, y: overview.area.top - 2, width: overview.x(first + count - 0.5) - x, height: overview.area.bottom - overview.area.top + 4, rx: 3, class: "gl-frame" });
  };
  const drawOverview = () => {
    const bands = [["network", now.changes], ...(both() ? [["truth", now.trueChanges]] : [])];
    const map = view.value === "map";
    const rows = map ? size : 5;
    overview.height = 66 + bands.length * rows * (map ? 15 : 17) + (bands.length - 1) * 12;
    overview.axes({ x: { domain: [-0.5, letters.length - 0.5], label: "position (from 0)", format: kit.whole }, y: { domain: [0, 1], ticks: [], grid: false }, left: 84, right: 14, top: 20 });
    const { area } = overview;
    const tall = (area.bottom - area.top - (bands.length - 1) * 12) / bands.length;
    const every = bands.flatMap(([, changes]) => Array.from(perPosition(changes, size)));
    const reach = [Math.min(0, ...every), Math.max(1e-9, ...every)]; // one scale for both tracks
    bands.forEach(([label, changes], band) => {
      const top = area.top + band * (tall + 12);
      overview.label(0, top + tall / 2 + 4, label, { strong: true });
      if (map) kit.heatCells(overview, changes, { rows: size, limit, top, tall: tall / size, left: area.left, wide: (area.right - area.left) / letters.length });
      else drawTrack(perPosition(changes, size), reach, top, tall);
      if (map) Array.from(alphabet).forEach((letter, b) => overview.label(area.left - 4, top + ((b + 0.5) * tall) / size + 4, letter, { anchor: "end", quiet: true }));
    });
    if (causal) overview.add("path", { d: causal.map((p) => `M${overview.x(p).toFixed(1)} ${area.top - 9}h0`).join(""), class: "gl-s0 gl-dots", "stroke-width": 7 });
    frame();
    const top = strongest(now.changes, 1)[0];
    overview.describe(`${map ? "Rows are bases, columns positions; the colour is the change of the prediction" : "Bars show what the base at each position contributes"}. Strongest: ${top === undefined ? "none" : `${name(top)}, ${kit.signed(now.changes[top])}`}.`);
  };
  const drawTrack = (values, [low, high], top, tall) => {
    const y = kit.scale([low, high], [top + tall - 2, top + 2]);
    const wide = Math.max(overview.x(2) - overview.x(1) - 0.6, 1);
    for (const sign of [1, -1]) {
      const path = Array.from(values, (value, i) => (sign * value > 0 ? `M${(overview.x(i) - wide / 2).toFixed(1)} ${y(0).toFixed(1)}h${wide.toFixed(1)}V${y(value).toFixed(1)}h${(-wide).toFixed(1)}z` : "")).join("");
      overview.add("path", { d: path, class: sign > 0 ? "gl-rise" : "gl-fall" });
    }
    overview.add("path", { d: `M${overview.area.left} ${y(0).toFixed(1)}H${overview.area.right}`, class: "gl-axis" });
    overview.label(overview.area.left - 4, top + 10, kit.signed(high), { anchor: "end", quiet: true });
    overview.label(overview.area.left - 4, top + tall, kit.signed(low), { anchor: "end", quiet: true });
  };
  const drawLine = () => {
    const states = [["now", now], ...(before ? [["before", before]] : []), ["reference", reference]];
    const values = states.flatMap(([, state]) => (truth ? [state.prediction, state.truth] : [state.prediction]));
    const middle = (Math.max(...values) + Math.min(...values)) / 2;
    const half = Math.max((Math.max(...values) - Math.min(...values)) * 0.6, 0.3 * data.scale);
    line.axes({ x: { domain: [middle - half, middle + half] }, y: { domain: [-0.5, states.length - 0.4], ticks: states.map((_, i) => i), format: (i) => states[i][0] }, top: 8, bottom: 28 });
    line.rule({ x: reference.prediction }, 0);
    states.forEach(([, state], i) => {
      if (truth) line.dots([[state.truth, i]], 2, { size: 9 });
      line.dots([[state.prediction, i]], 1, { size: 13 });
      const left = state.prediction > middle + 0.4 * half;
      line.label(line.x(state.prediction) + (left ? -11 : 11), line.y(i) - 7, kit.number(state.prediction), { strong: true, anchor: left ? "end" : "start" });
    });
    line.describe(states.map(([word, state]) => `${word}: ${kit.number(state.prediction)}${truth ? ` (truth ${kit.number(state.truth)})` : ""}`).reverse().join(", "));
  };
  const listAll = () => {
    if (!details.open) return;
    whole.rows(letters.map((letter, p) => [`${p} (${letter})`, ...Array.from(alphabet, (one, b) => (one === letter ? "–" : kit.signed(now.changes[p * size + b])))]));
  };
  const tell = () => {
    const far = letters.filter((letter, i) => letter !== original[i]).length;
    if (!last) {
      board.say(`The network predicts ${kit.number(now.prediction)} for the reference${truth ? `; its true value is ${kit.number(now.truth)}` : ""}. Choose a base: blue raises the prediction, orange lowers it.`);
      return;
    }
    // From the numbers as written, so that the reader's subtraction agrees.
    const written = (key) => Number(now[key].toFixed(2)) - Number(before[key].toFixed(2));
    const others = moved(before.changes, now.changes, size, last.place, 0.05 * limit);
    const known = !truth ? "" : written("truth") === 0 ? " The true value stayed." : ` The true value moved by ${kit.signed(written("truth"))}.`;
    const web = others.count ? `Effects at ${kit.plural(others.count, "other position")} changed with it, most at ${others.most}: the network reads these bases together.` : "The effects of the other bases hardly changed: to the network, this base adds up with the rest.";
    board.say(`${last.from} to ${last.to} at position ${last.place}: the prediction went from ${kit.number(before.prediction)} to ${kit.number(now.prediction)} (${kit.signed(written("prediction"))}).${known} ${web} ${kit.plural(far, "base")} now ${far === 1 ? "differs" : "differ"} from the reference.`);
  };
  const draw = () => {
    overview.heading(view.value === "map" ? "Change of the prediction for every substitution" : "What each base contributes to the prediction");
    const full = (sign) => (view.value === "map" ? `, full colour ${kit.signed(sign * limit)}` : "");
    overview.keys([[1, "bar", `raises${full(1)}`], [2, "bar", `lowers${full(-1)}`], ...(causal ? [[0, "dot", "causal position"]] : [])]);
    undo.disabled = trail.length === 0;
    back.disabled = trail.length === 0;
    cells.draw({ letters, changes: now.changes, truth: both() ? now.trueChanges : null, limit });
    drawOverview();
    drawLine();
    five.rows(strongest(now.changes, 5).map((i) => [`${name(i)}${causal?.includes(Math.floor(i / size)) ? " ●" : ""}`, kit.signed(now.changes[i]), ...(truth ? [kit.signed(now.trueChanges[i])] : [])]));
    listAll();
    tell();
  };
  overview.svg.addEventListener("click", (event) => {
    const at = event.clientX - overview.svg.getBoundingClientRect().left;
    const { left, right } = overview.area;
    const p = Math.floor(((at - left) / (right - left)) * letters.length);
    cells.look(Math.min(Math.max(p, 0), letters.length - 1));
  });
  cells.look(place.value);
  board.draw(draw);
}
