// A filter slides over sequences; windows above a threshold are stacked into a motif.
import { drawLogo, frequencies, information } from "./part_logo.js";

const LETTERS = "ACGT";

// Activation of a filter (k x 4) at every window of a sequence.
export function scanOne(codes, filter) {
  const count = Math.max(codes.length - filter.length + 1, 0);
  const values = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    let total = 0;
    for (let k = 0; k < filter.length; k += 1) total += filter[k][codes[at + k]];
    values[at] = total;
  }
  return values;
}

export const baseCodes = (sequence) => Uint8Array.from(sequence, (letter) => LETTERS.indexOf(letter));

// Windows above `share` of the largest activation, strongest first: [sequence, position, value].
// With `best`, at most one window of each sequence. A filter that is never positive has none.
export function collect(activations, share, best) {
  let top = -Infinity;
  for (const values of activations) for (const value of values) top = Math.max(top, value);
  const found = [];
  if (!(top > 0)) return { top, threshold: NaN, windows: found };
  activations.forEach((values, i) => {
    const here = [];
    values.forEach((value, at) => value >= share * top - 1e-12 && here.push([i, at, value]));
    if (best && here.length) found.push(here.reduce((one, two) => (two[2] > one[2] ? two : one)));
    else found.push(...here);
  });
  found.sort((one, two) => two[2] - one[2] || one[0] - two[0] || one[1] - two[1]);
  return { top, threshold: share * top, windows: found };
}

// Most frequent base in each column.
export const consensus = (table) => table.map((column) => LETTERS[column.indexOf(Math.max(...column))]).join("");

export const reverseComplement = (motif) => Array.from(motif, (letter) => LETTERS[3 - LETTERS.indexOf(letter)]).reverse().join("");

// Best agreement of a motif with a known one, over shifts and both strands:
// { matches, of, reversed }.
export function compare(motif, known) {
  const best = { matches: -1, of: known.length, reversed: false };
  for (const reversed of [false, true]) {
    const other = reversed ? reverseComplement(known) : known;
    for (let shift = 1 - other.length; shift < motif.length; shift += 1) {
      let matches = 0;
      for (let k = 0; k < other.length; k += 1) if (motif[k + shift] === other[k]) matches += 1;
      if (matches > best.matches) Object.assign(best, { matches, reversed });
    }
  }
  return best;
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const codes = data.sequences.map(baseCodes);
  const scans = data.filters.map((filter) => codes.map((one) => scanOne(one, filter)));
  const size = data.filters[0].length;
  const filter = data.filters.length > 1 && board.choice({ label: "Filter", options: data.names.map((name, i) => [String(i), name]), value: "0" });
  const share = board.slider({ label: "Threshold, share of the largest activation", min: 0.05, max: 1, step: 0.05, value: data.threshold, format: (v) => kit.percent(v) });
  const which = board.slider({ label: "Sequence", min: 1, max: codes.length, value: 1, format: kit.whole, changed: () => {
    place.input.max = Math.max(codes[which.value - 1].length - size, 0);
    place.value = Math.min(place.value, Number(place.input.max));
    draw();
  } });
  const place = board.slider({ label: "Window begins at", min: 0, max: Math.max(codes[0].length - size, 0), value: 0, format: kit.whole });
  const best = board.toggle({ label: "At most one window a sequence", value: false });
  const runner = board.button("Slide", () => {
    if (board.running) {
      board.stop();
      draw();
      return;
    }
    let last = performance.now();
    if (place.value >= Number(place.input.max)) place.value = 0;
    board.run(() => {
      const now = performance.now();
      if (!kit.calm() && now - last < 60) return false;
      last = now;
      place.value = kit.calm() ? Number(place.input.max) : place.value + 1;
      draw();
      return place.value >= Number(place.input.max);
    }, { slice: 0, done: () => draw() });
  });
  board.button("To the strongest window", () => {
    const top = collect(scans[at()], share.value, false).windows[0];
    if (!top) return;
    board.stop();
    which.value = top[0] + 1;
    place.input.max = Math.max(codes[top[0]].length - size, 0);
    place.value = top[1];
    draw();
  });
  const at = () => (filter ? Number(filter.value) : 0);

  const track = board.chart({ title: "Activation of the filter along the sequence", height: 200, key: [[0, "bar", "below the threshold"], [1, "bar", "collected"]] });
  const lens = board.chart({ title: "Under the filter: weight of each base", height: 168 });
  const logo = board.chart({ title: "", height: 300 });
  const stack = kit.html("div", { class: "gl-chart" });
  track.element.classList.add("gl-span");
  logo.element.before(kit.html("div", { class: "gl-chart gl-stack" }, lens.element, stack));

  const drawTrack = (values, threshold) => {
    const low = Math.min(...values, 0);
    const high = Math.max(...values, threshold || 0, 0.1);
    track.axes({ x: { domain: [-0.5, values.length - 0.5], label: "window begins at (from 0)", format: kit.whole }, y: { domain: [low, high * 1.08], label: "activation" } });
    values.forEach((value, i) => track.bar(i - 0.45, i + 0.45, 0, value, value >= threshold - 1e-12 ? 1 : 0, { faint: !(value >= threshold - 1e-12) }));
    if (threshold) track.rule({ y: threshold }, 1);
    track.rule({ x: place.value }, 0);
  };
  const drawLens = (weights, sequence, total) => {
    lens.clear();
    const cell = Math.min(40, (lens.width - 26) / size);
    const top = Math.max(...weights.flat().map(Math.abs)) || 1;
    kit.heatCells(lens, weights.flat(), { rows: 4, limit: top, left: 22, top: 26, wide: cell, tall: 26 });
    Array.from(LETTERS).forEach((letter, r) => lens.label(10, 44 + r * 26, letter, { anchor: "middle", strong: true }));
    weights.forEach((_, k) => {
      const letter = sequence[place.value + k] ?? "·";
      const x = 22 + (k + 0.5) * cell;
      lens.label(x, 17, letter, { anchor: "middle", strong: true, series: kit.baseColour(letter) });
      const row = LETTERS.indexOf(letter);
      if (row >= 0) lens.add("rect", { x: x - cell / 2 + 1, y: 26 + row * 26, width: cell - 3, height: 25, rx: 3, class: "gl-frame" });
    });
    lens.label(22, 152, `sum of the framed weights: ${kit.number(total)}`);
    lens.describe(`The window ${sequence.slice(place.value, place.value + size)} has the activation ${kit.number(total)}. Blue weights are above zero, orange ones below.`);
  };
  const drawStack = (windows) => {
    const lines = windows.slice(0, 8).map(([i, start, value]) => [data.sequences[i].slice(start, start + size), `${i + 1}`, `${start}`, kit.number(value)]);
    const made = kit.table(`The strongest of ${kit.plural(windows.length, "window")}`, ["window", "sequence", "at", "activation"]);
    made.rows(lines);
    made.element.classList.add("gl-letters");
    stack.replaceChildren(made.element);
  };
  const draw = () => {
    runner.textContent = board.running ? "Pause" : "Slide";
    const activations = scans[at()];
    const values = activations[which.value - 1];
    const { threshold, windows, top } = collect(activations, share.value, best.value);
    drawTrack(values, threshold);
    const total = values[place.value];
    drawLens(data.filters[at()], data.sequences[which.value - 1], total);
    drawStack(windows);
    const mine = windows.filter(([i]) => i === which.value - 1).length;
    track.describe(`Sequence ${which.value}: the largest activation is ${kit.number(Math.max(...values))}, ${kit.plural(mine, "window")} collected.`);
    logo.heading(`The motif in ${kit.plural(windows.length, "window")}`);
    const text = data.sequences[which.value - 1].slice(place.value, place.value + size);
    const under = ` Under the filter now: ${text} in sequence ${which.value}, activation ${kit.number(total)}.`;
    // While the filter slides, words would come too fast to be heard.
    const say = (words) => board.running || board.say(words + under);
    if (windows.length === 0) {
      logo.clear(40).describe("No window.");
      say(`This filter is never above zero in these sequences (largest activation ${kit.number(top)}), so no window excites it.`);
      return;
    }
    const table = frequencies(windows.map(([i, start]) => codes[i].subarray(start, start + size)));
    const bits = information(table);
    drawLogo(logo, table, bits, kit);
    const motif = consensus(table);
    const total_bits = kit.sum(bits);
    logo.describe(`Most frequent bases ${motif}, ${kit.number(total_bits, 1)} bits in all. ${table.map((column, k) => `${k}: ${motif[k]} ${kit.percent(Math.max(...column))}`).join(", ")}.`);
    const sequences = new Set(windows.map(([i]) => i)).size;
    const few = windows.length < 20 ? " With so few windows a logo looks surer than it is." : "";
    const match = data.known && compare(motif, data.known);
    const known = match ? ` ${match.matches} of the ${match.of} bases of ${data.known} are found in it${match.reversed ? ", read on the other strand" : ""}.` : "";
    say(`At ${kit.percent(share.value)} of the largest activation (${kit.number(threshold)}), ${kit.plural(windows.length, "window")} in ${kit.whole(sequences)} of ${kit.plural(codes.length, "sequence")} are collected. They read ${motif} and carry ${kit.number(total_bits, 1)} of ${2 * size} bits.${known}${few}`);
  };
  board.draw(draw);
}
