// A heritability chosen by hand: predictions, weights of relatives, likelihood and error together.
import { fit, prepare, weights } from "./part_reml.js";

// Lower triangle, row by row, to the full symmetric table.
export function unfoldTable(lower, n) {
  const table = new Float64Array(n * n);
  let k = 0;
  for (let i = 0; i < n; i += 1) for (let j = 0; j <= i; j += 1, k += 1) table[i * n + j] = table[j * n + i] = lower[k];
  return table;
}

// Records of all animals: genetic values and noise, both of variance 1, in these shares.
export const records = (values, noise, h2) => values.map((value, i) => Math.sqrt(h2) * value + Math.sqrt(1 - h2) * noise[i]);

const GRID = Array.from({ length: 49 }, (_, i) => 0.02 + 0.02 * i);

export function render(stage, data, kit) {
  const { animals: n, known } = data;
  const table = unfoldTable(data.lower, n);
  const ready = GRID.map((h2) => prepare(table, n, known, h2));
  const random = kit.generator(data.seed);
  let noise = Array.from(data.noise);
  const board = kit.board(stage);
  const assumed = board.slider({ label: "Heritability assumed, h²", min: 0.02, max: 0.98, step: 0.02, value: data.assumed });
  const truth = board.slider({ label: "True heritability", min: 0.1, max: 0.9, step: 0.05, value: data.heritability });
  const which = board.slider({ label: "Calf without a record, number", min: 1, max: n - known, step: 1, value: 1, format: kit.whole });
  let curves;
  const best = () => GRID[curves.likelihood.indexOf(Math.max(...curves.likelihood))];
  board.button("Take the REML estimate", () => {
    measure();
    assumed.value = best();
    told = "This is the REML estimate.";
    draw();
    told = "";
  });
  board.button("New records", () => {
    noise = Array.from(random.normals(n));
    told = "New records of the same animals.";
    draw();
    told = "";
  });
  board.button("Back to the start", () => {
    noise = Array.from(data.noise);
    assumed.value = data.assumed;
    truth.value = data.heritability;
    which.value = 1;
    told = "Back at the start.";
    draw();
    told = "";
  });
  let told = "";
  const likely = board.chart({ title: "How likely are the records?", height: 220, key: [[1, "line", "log likelihood, less its best"], [3, "dash", "REML estimate"], [0, "dash", "assumed"]] });
  const missed = board.chart({ title: "How wrong are we about the calves?", height: 220, key: [[2, "line", "mean squared error"], [0, "dash", "assumed"]] });
  const counted = board.chart({ title: "Whose record counts for this calf?", height: 250, key: [[1, "dot", "one animal with a record"]] });
  const shown = board.chart({ title: "Breeding values of all calves", height: 250, key: [[2, "dot", "a calf"], [1, "dot", "the chosen one"], [0, "dash", "equal"]] });
  let y;
  const measure = () => {
    y = records(data.values, noise, truth.value);
    const fits = ready.map((one) => fit(one, y.slice(0, known)));
    const unit = Math.sqrt(truth.value);
    curves = {
      fits,
      likelihood: fits.map((one) => one.likelihood),
      error: fits.map((one) => kit.mean(data.values.slice(known).map((value, i) => (one.values[known + i] - unit * value) ** 2))),
    };
  };
  const draw = () => {
    measure();
    const place = GRID.reduce((near, h2, i) => (Math.abs(h2 - assumed.value) < Math.abs(GRID[near] - assumed.value) ? i : near), 0);
    const { fits, likelihood, error } = curves;
    const top = Math.max(...likelihood);
    const reml = best();
    const inside = GRID.filter((_, i) => likelihood[i] > top - 1.92);
    likely.axes({ x: { domain: [0, 1], label: "heritability" }, y: { domain: [-6, 0.5], label: "log likelihood" } });
    likely.rule({ y: -1.92 }, 0);
    likely.line(GRID.map((h2, i) => [h2, likelihood[i] - top < -6 ? NaN : likelihood[i] - top]), 1);
    likely.rule({ x: reml }, 3);
    likely.rule({ x: assumed.value }, 0);
    if (likelihood[place] - top > -6) likely.dots([[assumed.value, likelihood[place] - top]], 1, { size: 11 });
    const height = Math.max(...error) * 1.08;
    missed.axes({ x: { domain: [0, 1], label: "heritability" }, y: { domain: [0, height], label: "error" } });
    missed.line(GRID.map((h2, i) => [h2, error[i]]), 2);
    missed.rule({ x: assumed.value }, 0);
    missed.dots([[assumed.value, error[place]]], 2, { size: 11 });
    const calf = known + which.value - 1;
    const weight = weights(ready[place], calf);
    const related = Array.from(weight, (w, j) => [table[calf * n + j], w]);
    counted.axes({ x: { domain: [-0.3, 0.9], label: "relationship with the calf" }, y: { domain: [-0.15, 0.45], label: "weight of its record" } });
    counted.rule({ y: 0 }, 0, { dash: false });
    counted.dots(related.map(([x, w]) => [Math.max(-0.3, Math.min(0.9, x)), Math.max(-0.15, Math.min(0.45, w))]), 1, { size: 8 });
    const unit = Math.sqrt(truth.value);
    const pairs = data.values.slice(known).map((value, i) => [unit * value, fits[place].values[known + i]]);
    shown.axes({ x: { domain: [-2.6, 2.6], label: "true" }, y: { domain: [-2.6, 2.6], label: "predicted" } });
    shown.line([[-2.6, -2.6], [2.6, 2.6]], 0, { dash: true, thin: true });
    const clip = ([x, p]) => [Math.max(-2.6, Math.min(2.6, x)), Math.max(-2.6, Math.min(2.6, p))];
    shown.dots(pairs.map(clip), 2, { size: 7 });
    shown.dots([clip(pairs[which.value - 1])], 1, { size: 12 });
    const sibs = related.filter(([x]) => x > 0.3);
    const others = related.filter(([x]) => x <= 0.3);
    const average = (list) => (list.length ? kit.mean(list.map(([, w]) => w)) : 0);
    const accuracy = kit.correlation(pairs.map(([t]) => t), pairs.map(([, p]) => p));
    const spread = Math.sqrt(kit.variance(pairs.map(([, p]) => p)));
    const words = `With h² = ${kit.number(assumed.value)} the predicted values of the calves spread by ${kit.number(spread)}, their mean squared error is ${kit.number(error[place])} and their correlation with the truth ${kit.number(accuracy)}. REML finds ${kit.number(reml)}, and from ${kit.number(inside[0])} to ${kit.number(inside.at(-1))} the records fit about as well.`;
    board.say(`${told} ${words} A record of a close relative of calf ${kit.whole(which.value)} counts ${kit.number(average(sibs), 3)} on average, of anybody else ${kit.number(average(others), 3)}.`.trim());
    likely.describe(`The records are likeliest at ${kit.number(reml)}; at the assumed ${kit.number(assumed.value)} the log likelihood is lower by ${kit.number(top - likelihood[place])}. The line at −1.92 marks a 95 % interval.`);
    missed.describe(`The error is ${kit.number(error[place])} at the assumed heritability and lowest, ${kit.number(Math.min(...error))}, at ${kit.number(GRID[error.indexOf(Math.min(...error))])}.`);
    counted.describe(`${known} animals with records: relationship against weight. Close relatives count ${kit.number(average(sibs), 3)} on average, others ${kit.number(average(others), 3)}.`);
    shown.describe(`True against predicted breeding values of ${n - known} calves; correlation ${kit.number(accuracy)}, predicted values spread by ${kit.number(spread)}.`);
  };
  board.draw(draw);
}
