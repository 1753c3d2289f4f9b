// A recorded study of transfer: pick a cell, read methods and controls, see the map around it.
import { intervalRows } from "./part_intervals.js";

const SHUFFLED = "frozen, shuffled source";
const RANDOM = "frozen, random layer";
const NAMES = [
  ["linear", "straight line", 3],
  ["alone", "network alone", 0],
  ["copied", "copied, trained on", 1],
  ["pulled", "pulled (L2-SP)", 1],
  ["frozen", "frozen", 1],
  [SHUFFLED, "frozen, shuffled source", 2],
  [RANDOM, "frozen, random layer", 2],
  ["line carried", "source's line carried", 3],
  ["both lines", "both traits' lines", 3],
];
const WORDS = {
  helps: ["+", "transfer helps"],
  hurts: ["−", "transfer hurts"],
  control: ["=", "no more than a control"],
  undecided: ["?", "undecided"],
};

// Row number of a cell: the last axis moves fastest.
export const rowNumber = (place, values) => place.reduce((row, at, axis) => row * values[axis].length + at, 0);

// A cell's numbers by name: { mean, half } where there is an interval.
export function readCell(data, place) {
  const row = data.rows[rowNumber(place, data.values)];
  const at = new Map(data.columns.map((name, i) => [name, row[i]]));
  return {
    interval: (name) => ({ mean: at.get(name), half: at.get(`${name} ±`) }),
    share: (name) => at.get(name),
  };
}

// What the intervals allow to say, as TransferDiagnosis.verdict of geneml.transfer.
export function verdict(cell) {
  const above = (name) => {
    const { mean, half } = cell.interval(name);
    return mean - half > 0;
  };
  const gain = cell.interval("gain: frozen");
  if (gain.mean + gain.half < 0) return "hurts";
  if (!above("gain: frozen")) return "undecided";
  const close = [SHUFFLED, RANDOM].filter((name) => !above(`frozen gains over: ${name}`));
  if (close.length === 0) return "helps";
  return close.some((name) => above(`gain: ${name}`)) ? "control" : "undecided";
}

const look = (what, value) => {
  if (what === "pattern") return { class: "gl-rise", "fill-opacity": (0.45 * value).toFixed(2) };
  if (value === "helps") return { class: "gl-rise", "fill-opacity": 0.45 };
  if (value === "hurts") return { class: "gl-fall", "fill-opacity": 0.45 };
  if (value === "control") return { class: "gl-s0 gl-fill", "fill-opacity": 0.3 };
  return { class: "gl-cell", "fill-opacity": 1 };
};

// Correlation from left to right, heritability from bottom to top, the chosen cell framed.
function drawMap(chart, data, place, what, kit) {
  const [rows, columns] = [data.values[3], data.values[4]];
  const top = 24;
  const left = 52;
  const tall = 38;
  chart.clear(top + rows.length * tall + 48);
  const wide = (chart.width - left - 4) / columns.length;
  const texts = [];
  rows.forEach((heritability, r) => {
    const y = top + (rows.length - 1 - r) * tall;
    chart.label(left - 8, y + tall / 2 + 4, kit.number(heritability), { anchor: "end", quiet: true });
    columns.forEach((correlation, c) => {
      const cell = readCell(data, [...place.slice(0, 3), r, c]);
      const value = what === "pattern" ? cell.share("pattern: frozen") : verdict(cell);
      const text = what === "pattern" ? kit.number(100 * value, 0) : WORDS[value][0];
      const x = left + c * wide;
      chart.add("rect", { x: (x + 1).toFixed(1), y: y + 1, width: (wide - 2).toFixed(1), height: tall - 2, ...look(what, value) });
      chart.add("text", { x: (x + wide / 2).toFixed(1), y: y + tall / 2 + 5, "text-anchor": "middle", class: "gl-text-svg gl-bare gl-strong" }, text);
      if (r === place[3] && c === place[4]) chart.add("rect", { x: (x + 1).toFixed(1), y: y + 1, width: (wide - 2).toFixed(1), height: tall - 2, class: "gl-frame" });
      if (r === 0) chart.label(x + wide / 2, top + rows.length * tall + 18, kit.number(correlation), { anchor: "middle", quiet: true });
      texts.push(`${kit.number(heritability)} and ${kit.number(correlation)}: ${what === "pattern" ? `${text} %` : WORDS[value][1]}`);
    });
  });
  chart.label(2, 14, "heritability");
  chart.label((left + chart.width) / 2, top + rows.length * tall + 40, "genetic correlation", { anchor: "middle" });
  chart.describe(`Heritability and genetic correlation: ${texts.join("; ")}.`);
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const along = (axis, label, digits) => board.slider({ label, min: 0, max: data.values[axis].length - 1, step: 1, value: data.start[axis], format: (at) => kit.number(data.values[axis][Math.round(at)], digits) });
  const correlation = along(4, "Genetic correlation", 2);
  const heritability = along(3, "Heritability of the liabilities", 2);
  const people = along(2, "People", 0);
  const pick = (axis, label, text) => board.choice({ label, options: data.values[axis].map((value, i) => [String(i), text(value)]), value: String(data.start[axis]) });
  const tau = pick(1, "Level τ", (value) => String(value));
  const penalties = pick(0, "Penalties", (value) => (value === "tuned" ? "tuned" : "none"));
  const shown = board.choice({ label: "The map shows", options: [["verdict", "the verdict"], ["pattern", "the paper's pattern"]], value: "verdict" });
  const losses = board.chart({ title: "Test loss, against the intercept's", key: [[0, "dot", "no transfer"], [1, "dot", "transfer"], [2, "dot", "controls"], [3, "dot", "straight lines"]] });
  const gains = board.chart({ title: "What the frozen layer gains", key: [] });
  const map = board.chart({ title: "", key: [] });
  for (const chart of [losses, gains, map]) chart.element.classList.add("gl-span");
  board.draw(() => {
    const place = [penalties, tau, people, heritability, correlation].map((control) => Math.round(Number(control.value)));
    const cell = readCell(data, place);
    const rows = NAMES.map(([name, text, series]) => {
      const { mean, half } = cell.interval(`loss: ${name}`);
      return [text, mean, half, series];
    });
    intervalRows(losses, rows, { label: "per cent; below zero is better" }, kit);
    const spoken = (all) => all.map(([name, mean, half]) => `${name} ${kit.signed(mean, 1)} ± ${kit.number(half, 1)}`).join("; ");
    losses.describe(`Per cent, mean and half width of the interval: ${spoken(rows)}.`);
    const rivals = [["gain: frozen", "over the network alone", 0], [`frozen gains over: ${SHUFFLED}`, "over a shuffled source", 2], [`frozen gains over: ${RANDOM}`, "over a random layer", 2], ["frozen gains over: linear", "over a straight line", 3], ["frozen gains over: both lines", "over both traits' lines", 3]];
    const won = rivals.map(([name, text, series]) => {
      const { mean, half } = cell.interval(name);
      return [text, mean, half, series];
    });
    intervalRows(gains, won, { label: "per cent; above zero is a gain" }, kit);
    gains.describe(`Per cent of the intercept's test loss: ${spoken(won)}.`);
    const cohorts = cell.share("cohorts");
    const size = kit.whole(data.values[2][place[2]]);
    const under = data.values[0][place[0]] === "tuned" ? "tuned penalties" : "no penalty";
    const about = `${size} people, level ${data.values[1][place[1]]}, ${under}`;
    map.heading(shown.value === "pattern" ? `Cohorts with the paper's pattern, per cent: ${about}` : `The verdict: ${about}`);
    map.keys(shown.value === "pattern" ? [] : [[1, "bar", "+ transfer helps"], [2, "bar", "− transfer hurts"], [0, "bar", "= no more than a control; ? undecided"]]);
    drawMap(map, data, place, shown.value, kit);
    const gain = cell.interval("gain: frozen");
    const found = verdict(cell);
    const over = cell.interval(`frozen gains over: ${SHUFFLED}`);
    const between = ({ mean, half }) => `${kit.signed(mean, 1)} % (from ${kit.signed(mean - half, 1)} to ${kit.signed(mean + half, 1)})`;
    const times = (name) => `${kit.whole(Math.round(cohorts * cell.share(name)))}`;
    const sentence = {
      helps: "Transfer helps: the frozen layer beats the network alone and both controls.",
      hurts: "Transfer hurts: the frozen layer is worse than the network alone.",
      control: "The gain is not shown to be transfer: a layer that knows nothing of the source does it too.",
      undecided: "Undecided: these cohorts are too few, or the difference is too small.",
    }[found];
    const pattern = `Worse on training people and better on test people than the network alone: in ${times("pattern: frozen")} of ${kit.whole(cohorts)} cohorts when frozen, in ${times("pattern: copied")} when copied, in ${times(`pattern: ${SHUFFLED}`)} when frozen from a shuffled source.`;
    board.say(shown.value === "pattern" ? pattern : `${sentence} Over the network alone it gains ${between(gain)}, over one from a shuffled source ${between(over)}.`);
  });
}
