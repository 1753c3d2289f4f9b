// Two linked markers, one of them causal: how each method shares the credit.
import { barRows } from "./part_bars.js";

// Both markers have variance 1 and correlation r; the trait is effect x (marker 1) + the rest.

// Ridge regression in a large population, penalty per person: (S + penalty I)^-1 S (effect, 0).
export function ridge(r, effect, penalty) {
  const determinant = (1 + penalty) ** 2 - r * r;
  return [(effect * (1 + penalty - r * r)) / determinant, (effect * r * penalty) / determinant];
}

// Gradient descent from zero weights, stopped at `time` (steps x learning rate): the common part
// of both markers is learned at the rate 1 + r, their difference at the rate 1 - r.
export function stopped(r, effect, time) {
  const [common, difference] = [1 + r, 1 - r].map((rate) => -Math.expm1(-rate * time));
  return [(effect / 2) * (common + difference), (effect / 2) * (common - difference)];
}

export const oneAtATime = (r, effect) => [effect, r * effect];

// Standard deviation over people of each marker's Shapley value in the model b1 x1 + b2 x2.
// Independent background: b x. Conditional: an absent marker is guessed from the present one,
// so phi_1 = (b1 + r b2 / 2) x1 - (r b1 / 2) x2, and likewise for marker 2.
export function shapleySize(r, [b1, b2], conditional) {
  if (!conditional) return [Math.abs(b1), Math.abs(b2)];
  const size = (own, other) => {
    const [p, q] = [own + (r * other) / 2, (-r * own) / 2];
    return Math.sqrt(Math.max(p * p + q * q + 2 * r * p * q, 0));
  };
  return [size(b1, b2), size(b2, b1)];
}

// Chance that the marker without effect has the larger test statistic in a study of n people.
// Sum and difference of the two z scores are independent normal variables.
export function innocentWins(r, effect, n, kit) {
  const tilt = effect / Math.sqrt(1 - effect * effect);
  const a = kit.normalCdf(-tilt * Math.sqrt((n * (1 - r)) / 2));
  const b = kit.normalCdf(-tilt * Math.sqrt((n * (1 + r)) / 2));
  return a * (1 - b) + b * (1 - a);
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const r = board.slider({ label: "Correlation r of the markers", min: 0, max: 0.99, step: 0.01, value: data.r });
  const effect = board.slider({ label: "Effect of marker 1 (SD per SD)", min: 0.02, max: 0.6, step: 0.02, value: data.effect });
  const people = board.slider({ label: "People in the study", min: 100, max: 100000, step: 0.05, value: data.people, scale: "log", format: (v) => kit.whole(Number(v.toPrecision(2))) });
  const penalty = board.slider({ label: "Ridge penalty per person", min: 0.001, max: 10, step: 0.05, value: data.penalty, scale: "log", format: (v) => kit.number(v, v < 0.1 ? 3 : 2) });
  const time = board.slider({ label: "Training time (steps × rate)", min: 0.1, max: 1000, step: 0.05, value: data.time, scale: "log", format: (v) => kit.number(v, v < 10 ? 1 : 0) });
  const model = board.choice({ label: "Shapley values of", options: [["squares", "least squares"], ["ridge", "ridge"], ["stopped", "descent"]], value: "ridge" });
  const bars = board.chart({ title: "What each method gives to the two markers", key: [[3, "bar", "marker 1, causal"], [2, "bar", "marker 2, only linked"]] });
  const curve = board.chart({ title: "Share of the credit for the linked marker", height: 240, key: [[0, "line", "one at a time"], [1, "line", "ridge"], [4, "line", "descent"], [3, "dash", "Shapley, conditional"]] });
  const mistaken = board.chart({ title: "Chance that the linked marker looks stronger", height: 240 });
  bars.element.classList.add("gl-span");
  const fits = (rho) => ({ squares: [effect.value, 0], ridge: ridge(rho, effect.value, penalty.value), stopped: stopped(rho, effect.value, time.value) });
  const share = ([one, other]) => Math.abs(other) / (Math.abs(one) + Math.abs(other));
  board.draw(() => {
    const rho = r.value;
    const fitted = fits(rho);
    const chosen = fitted[model.value];
    const rows = [
      ["the truth", [effect.value, 0]],
      ["one marker at a time", oneAtATime(rho, effect.value)],
      ["least squares, both", fitted.squares],
      ["ridge", fitted.ridge],
      ["descent, stopped early", fitted.stopped],
      ["Shapley, independent", shapleySize(rho, chosen, false)],
      ["Shapley, conditional", shapleySize(rho, chosen, true)],
    ];
    barRows(bars, rows, { domain: [0, Math.max(effect.value * 1.05, 0.05)], label: "effect, or credit (SD over people)", series: [3, 2] }, kit);
    bars.describe(rows.map(([name, [one, other]]) => `${name}: ${kit.number(one)} and ${kit.number(other)}`).join("; "));
    const grid = Array.from({ length: 100 }, (_, i) => i / 100);
    const lines = [
      [0, (rho_) => share(oneAtATime(rho_, effect.value))],
      [1, (rho_) => share(fits(rho_).ridge)],
      [4, (rho_) => share(fits(rho_).stopped)],
      [3, (rho_) => share(shapleySize(rho_, fits(rho_)[model.value], true))],
    ];
    curve.axes({ x: { domain: [0, 1], label: "correlation r" }, y: { domain: [0, 0.55], label: "share", ticks: [0, 0.25, 0.5], format: (v) => kit.percent(v) } });
    curve.rule({ x: rho }, 0);
    lines.forEach(([series, value], i) => curve.line(grid.map((rho_) => [rho_, value(rho_)]), series, { dash: i === 3 }));
    curve.dots(lines.map(([, value]) => [rho, value(rho)]), 0, { size: 7 });
    curve.describe(`At r = ${kit.number(rho)}: ${["one at a time", "ridge", "descent", "conditional Shapley"].map((name, i) => `${name} ${kit.percent(lines[i][1](rho))}`).join(", ")}.`);
    const wrong = innocentWins(rho, effect.value, people.value, kit);
    mistaken.axes({ x: { domain: [100, 1e5], log: true, label: "people in the study", ticks: [100, 1000, 1e4, 1e5], format: kit.whole }, y: { domain: [0, 0.5], label: "chance", format: (v) => kit.percent(v) }, right: 26 });
    mistaken.line(Array.from({ length: 61 }, (_, i) => 10 ** (2 + i / 20)).map((n) => [n, innocentWins(rho, effect.value, n, kit)]), 2);
    mistaken.rule({ x: people.value }, 0);
    mistaken.dots([[people.value, wrong]], 2, { size: 9 });
    mistaken.describe(`${kit.percent(wrong, 1)} in a study of ${kit.whole(Number(people.value.toPrecision(2)))} people.`);
    const name = { squares: "the least-squares model", ridge: "the ridge model", stopped: "the model stopped early" }[model.value];
    const independent = share(rows[5][1]);
    const conditional = share(rows[6][1]);
    const moral = rho < 0.02 ? "Unlinked markers are not confused by any of them." : model.value === "squares" ? "The model does not use marker 2 at all; conditional values credit it for what it tells about marker 1." : "Independent values report faithfully what the model does, and the model has spread the effect.";
    board.say(`With r = ${kit.number(rho)}, Shapley values of ${name} give the linked marker ${kit.percent(independent)} of the credit against an independent background and ${kit.percent(conditional)} when absent markers are guessed from present ones. ${moral} In a study of ${kit.whole(Number(people.value.toPrecision(2)))} people the linked marker looks stronger than the causal one in ${kit.percent(wrong, wrong < 0.1 ? 1 : 0)} of the cases.`);
  });
}
