// One SNP that moves the mean, the spread or the upper tail of a trait: a fan of expectile lines.
import { expectileLine } from "./part_expectile.js";

export const TAUS = [0.1, 0.25, 0.5, 0.75, 0.9];

// Trait of somebody with g alleles and noise z (standard normal).
export const trait = (g, z, { shift, spread, tail }) => shift * g + (1 + spread * g) * z * (z > 0 ? 1 + tail * g : 1);

// Genotypes (Hardy-Weinberg proportions) and noise: the same people wherever the sliders are.
export function people(n, frequency, seed, kit) {
  const random = kit.generator(seed);
  return Array.from({ length: n }, () => {
    const g = Number(random.uniform() < frequency) + Number(random.uniform() < frequency);
    return { g, z: random.normal(), jitter: random.uniform() };
  });
}

// The lines that endless people would have: noise on a fine grid, weighted by its density.
export function population(frequency, effects, kit) {
  const q = 1 - frequency;
  const shares = [q * q, 2 * frequency * q, frequency * frequency];
  const [x, y, weights] = [[], [], []];
  for (const g of [0, 1, 2]) {
    for (let k = -300; k <= 300; k += 1) {
      const z = k / 50;
      x.push(g);
      y.push(trait(g, z, effects));
      weights.push(shares[g] * kit.normalDensity(z));
    }
  }
  return TAUS.map((tau) => expectileLine(x, y, tau, weights));
}

const rounded = (v) => Number(v.toPrecision(2));

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const shift = board.slider({ label: "Shift of everybody, per allele (SD)", min: -0.6, max: 0.6, step: 0.05, value: data.shift });
  const spread = board.slider({ label: "Change of the spread, per allele", min: -0.3, max: 0.6, step: 0.05, value: data.spread, format: (v) => `${kit.signed(100 * v, 0)} %` });
  const tail = board.slider({ label: "Stretch of the upper half, per allele", min: 0, max: 0.6, step: 0.05, value: data.tail, format: (v) => `${kit.signed(100 * v, 0)} %` });
  const size = board.slider({ label: "People", min: 50, max: 5000, step: 0.02, scale: "log", value: data.size, format: (v) => kit.whole(rounded(v)) });
  const crowd = people(5000, data.frequency, data.seed, kit);
  const fan = board.chart({ title: "Expectile lines by genotype", height: 300, key: [[0, "dot", "a person"], [1, "line", "expectile line of these people"], [2, "dash", "the truth"]] });
  const slopes = board.chart({ title: "Change per allele, at each level", height: 300, key: [[1, "dot", "these people"], [2, "dash", "the truth"]] });
  board.draw(() => {
    const effects = { shift: shift.value, spread: spread.value, tail: tail.value };
    const here = crowd.slice(0, rounded(size.value));
    const g = here.map((one) => one.g);
    const y = here.map((one) => trait(one.g, one.z, effects));
    const lines = TAUS.map((tau) => expectileLine(g, y, tau));
    const truth = population(data.frequency, effects, kit);
    fan.axes({ x: { domain: [-0.4, 2.75], label: "copies of the allele", ticks: [0, 1, 2], format: kit.whole }, y: { domain: [-4, 5], label: "trait (SD)" } });
    const shown = here.slice(0, 1200).map((one, i) => [one.g + 0.5 * (one.jitter - 0.5), y[i]]).filter(([, v]) => v > -4 && v < 5);
    fan.dots(shown, 0, { size: 3, faint: true });
    const at = ([a, b], x) => [x, a + b * x];
    truth.forEach((line) => fan.line([at(line, -0.3), at(line, 2.3)], 2, { dash: true }));
    lines.forEach((line) => fan.line([at(line, -0.3), at(line, 2.3)], 1));
    // Labels in the order of the lines' ends, pushed apart where they would touch.
    let floor = Infinity;
    const ends = TAUS.map((tau, i) => ({ tau, y: fan.y(at(lines[i], 2.3)[1]) })).sort((a, b) => b.y - a.y);
    for (const end of ends) {
      floor = Math.min(end.y + 4, floor - 14);
      fan.label(fan.x(2.36), floor, kit.number(end.tau), { series: 1 });
    }
    const ours = lines.map(([, slope]) => slope);
    const theirs = truth.map(([, slope]) => slope);
    const reach = Math.max(0.3, ...ours.map(Math.abs), ...theirs.map(Math.abs)) * 1.15;
    slopes.axes({ x: { domain: [0, 1], label: "level τ", ticks: [0.1, 0.25, 0.5, 0.75, 0.9], format: (v) => kit.number(v) }, y: { domain: [-reach, reach], label: "SD per allele" } });
    slopes.rule({ y: 0 }, 0, { dash: false });
    slopes.line(TAUS.map((tau, i) => [tau, theirs[i]]), 2, { dash: true });
    slopes.dots(TAUS.map((tau, i) => [tau, ours[i]]), 1, { size: 10 });
    const named = (values) => TAUS.map((tau, i) => `${kit.number(tau)}: ${kit.signed(values[i])}`).join(", ");
    const [low, middle, high] = [theirs[0], theirs[2], theirs[4]];
    const level = Math.abs(high - low) < 0.02;
    const verdict =
      level && Math.abs(middle) < 0.02 ? "This allele does nothing; any slope is chance."
      : level ? "All lines are parallel: the allele moves everybody alike, and the mean tells it all."
      : Math.abs(middle) < 0.02 ? `The mean line is flat and the outer lines ${high > low ? "fan out" : "close in"}: a test of the mean would find nothing.`
      : `The lines are not parallel: the mean line, with ${kit.signed(middle)} per allele, tells only part.`;
    board.say(`Change per allele at level 0.10: ${kit.signed(ours[0])} (truth ${kit.signed(low)}), at 0.50: ${kit.signed(ours[2])} (${kit.signed(middle)}), at 0.90: ${kit.signed(ours[4])} (${kit.signed(high)}). ${verdict}`);
    fan.describe(`The trait of ${kit.whole(here.length)} people against their copies of the allele, with five expectile lines. ${verdict}`);
    slopes.describe(`Change per allele at each level, these people: ${named(ours)}. The truth: ${named(theirs)}.`);
  });
}
