// One marker through one gated residual block: what becomes of 0, 1 and 2 copies.
import { GATES, effects, elu, gatedResidual } from "./part_gate.js";

// The genotype, brought to mean 0 and variance 1 as under Hardy-Weinberg proportions.
export const standardise = (copies, p) => (copies - 2 * p) / Math.sqrt(2 * p * (1 - p));

// [w1, b1, w2, b2, w3, b3] of a block with one hidden unit; the linear map is then a number, 1.
export const block = ([w1, b1, w2, b2, w3, b3]) => ({ w1: [w1], b1: [b1], linear: [[1]], w2: [w2], b2, w3: [w3], b3 });

// From copies of the allele to what leaves the block.
export const output = (copies, data, gate) => gatedResidual(standardise(copies, data.frequency), block(data.weights), gate);

const NAMES = ["Hidden unit: weight w₁", "Hidden unit: bias b₁", "Proposal: weight w₂", "Proposal: bias b₂", "Gate: weight w₃", "Gate: bias b₃"];
const PRESETS = [
  ["Start: additive", [1, 0, 0, 0, 0, 0]],
  ["Gate shut", [1, 0, 2, 0, 0, -6]],
  ["Dominance", [-3, -3, -1.3, 0, 0, 5]],
  ["Overdominance", [3, -1.5, 0, -1.4, 3, 0]],
];

const REACH = 3;
const inside = (value) => Math.max(-REACH, Math.min(REACH, value));

function words({ a, d }) {
  const size = Math.max(Math.abs(a), Math.abs(d));
  if (size < 0.05) return "All three genotypes leave the block alike: nothing gets through.";
  if (Math.abs(d) < 0.05 * size) return "The three points lie on a straight line: the marker acts additively.";
  const share = Math.abs(a) > 0.02 ? Math.abs(d / a) : Infinity;
  if (share > 1.1) return "The heterozygote lies outside the homozygotes: overdominance.";
  if (share > 0.9) return "The heterozygote is like one of the homozygotes: complete dominance.";
  return "The heterozygote is off the middle: partial dominance.";
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const sliders = NAMES.map((label, i) => board.slider({ label, min: -6, max: 6, step: 0.1, value: data.weights[i], format: (v) => kit.number(v, 1) }));
  const gate = board.choice({ label: "Gate", options: [["sigmoid", "sigmoid"], ["hard", "hard sigmoid"]], value: data.gate });
  for (const [name, weights] of PRESETS) {
    board.button(name, () => {
      sliders.forEach((slider, i) => {
        slider.value = weights[i];
      });
      draw();
    });
  }
  const curve = board.chart({ title: "From copies of the allele to the output z", height: 290, key: [[1, "line", "output z"], [0, "dash", "the input x itself"], [3, "line", "the proposal h"]] });
  const open = board.chart({ title: "How far is the gate open?", height: 170, key: [[2, "bar", "gate g for 0, 1, 2 copies"]] });
  const sigma = board.chart({ title: "The gate's own curve", height: 170, key: [[2, "line", "chosen"], [0, "dash", "the other"]] });
  board.place(kit.html("div", { class: "gl-stack" })).append(open.element, sigma.element);
  const draw = () => {
    const now = { frequency: data.frequency, weights: sliders.map((slider) => slider.value) };
    const at = (copies) => output(copies, now, gate.value);
    const three = [0, 1, 2].map(at);
    const grid = Array.from({ length: 81 }, (_, i) => i / 40);
    curve.axes({ x: { domain: [-0.15, 2.15], label: "copies of the allele", ticks: [0, 1, 2] }, y: { domain: [-REACH, REACH], label: "standard deviations" } });
    curve.line(grid.map((x) => [x, inside(standardise(x, data.frequency))]), 0, { dash: true });
    curve.line(grid.map((x) => [x, inside(at(x).h)]), 3, { thin: true });
    curve.line(grid.map((x) => [x, inside(at(x).z)]), 1);
    curve.dots(three.map(({ z }, i) => [i, inside(z)]), 1, { size: 12 });
    three.forEach(({ z }, i) => {
      const px = curve.x(i) + (i === 0 ? 12 : i === 2 ? -12 : 0);
      curve.label(px, curve.y(inside(z)) + (z > 2 ? 24 : -12), kit.number(z), { strong: true, anchor: i === 0 ? "start" : i === 2 ? "end" : "middle" });
    });
    open.axes({ x: { domain: [-0.6, 2.6], label: "copies of the allele", ticks: [0, 1, 2] }, y: { domain: [0, 1.15], label: "gate g", ticks: [0, 0.5, 1] } });
    three.forEach(({ g }, i) => {
      open.bar(i - 0.3, i + 0.3, 0, g, 2);
      open.label(open.x(i), open.y(g) - 5, kit.number(g), { anchor: "middle", quiet: true });
    });
    const other = gate.value === "hard" ? "sigmoid" : "hard";
    sigma.axes({ x: { domain: [-6, 6], label: "before the gate", ticks: [-5, 0, 5] }, y: { domain: [0, 1.15], label: "after it", ticks: [0, 0.5, 1] } });
    const wide = Array.from({ length: 97 }, (_, i) => -6 + i / 8);
    sigma.line(wide.map((a) => [a, GATES[other](a)]), 0, { dash: true });
    sigma.line(wide.map((a) => [a, GATES[gate.value](a)]), 2);
    sigma.dots(three.map(({ f2, g }) => [Math.max(-6, Math.min(6, now.weights[4] * f2[0] + now.weights[5])), g]), 2, { size: 10 });
    const found = effects(three.map(({ z }) => z));
    const mean = (three[0].g + three[1].g + three[2].g) / 3;
    const text = `z for 0, 1 and 2 copies: ${three.map(({ z }) => kit.number(z)).join(", ")}. Additive effect a = ${kit.number(found.a)}, dominance deviation d = ${kit.number(found.d)}. ${words(found)} ${mean < 0.02 ? "The gate is shut: the input passes unchanged." : `The gate is open by ${kit.percent(mean)} on average.`}`;
    board.say(text);
    curve.describe(`Output z, proposal h and input x against copies of the allele. ${text}`);
    open.describe(`Gate for 0, 1 and 2 copies: ${three.map(({ g }) => kit.number(g)).join(", ")}.`);
    sigma.describe(`${gate.value === "hard" ? "The hard sigmoid, a straight line cut off at 0 and 1" : "The sigmoid, a smooth step from 0 to 1"}, with the three genotypes on it. The hidden unit at 0 copies is ${kit.number(elu(now.weights[0] * standardise(0, data.frequency) + now.weights[1]))}.`);
  };
  board.draw(draw);
}
