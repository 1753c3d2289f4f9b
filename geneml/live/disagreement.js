// One point, one function, and explainers that answer different questions about it.
import { barRows } from "./part_bars.js";

// Nature: y = x1. The second input is a copy of the first in most people. Each function gives y
// exactly wherever both inputs are 0 or both are 1. At a bend the gradient is that of the flat
// side.
export const FUNCTIONS = {
  saturating: { name: "saturates: min(1, x₁ + x₂)", f: (a, b) => Math.min(1, a + b), gradient: (a, b) => (a + b < 1 ? [1, 1] : [0, 0]) },
  and: { name: "needs both: x₁ x₂", f: (a, b) => a * b, gradient: (a, b) => [b, a] },
  or: { name: "needs either: x₁ + x₂ − x₁x₂", f: (a, b) => a + b - a * b, gradient: (a, b) => [1 - b, 1 - a] },
  average: { name: "shares: ½ x₁ + ½ x₂", f: (a, b) => (a + b) / 2, gradient: () => [0.5, 0.5] },
  cause: { name: "the cause alone: x₁", f: (a) => a, gradient: () => [1, 0] },
  proxy: { name: "the copy alone: x₂", f: (a, b) => b, gradient: () => [0, 1] },
};

// People: both inputs are 0 or 1 with frequency one half, correlation r.
export const people = (r) => [[0, 0, (1 + r) / 4], [0, 1, (1 - r) / 4], [1, 0, (1 - r) / 4], [1, 1, (1 + r) / 4]];
const expectation = (r, value) => people(r).reduce((total, [a, b, share]) => total + share * value(a, b), 0);

// The answers of the explainers at (a, b), each [for x1, for x2].
export function explain({ f, gradient }, [a, b], r) {
  const slope = gradient(a, b);
  const here = f(a, b);
  const average = (value) => (value(0) + value(1)) / 2; // each input alone is 0 or 1 equally often
  // Credit of two players from what a coalition is worth, by who is present.
  const shared = (none, first, second) => [(first - none + here - second) / 2, (second - none + here - first) / 2];
  const steps = 2000;
  const path = [0, 0];
  for (let k = 0; k < steps; k += 1) {
    const t = (k + 0.5) / steps;
    const [p, q] = gradient(t * a, t * b);
    path[0] += (p * a) / steps;
    path[1] += (q * b) / steps;
  }
  return {
    gradient: slope,
    "gradient × input": [slope[0] * a, slope[1] * b],
    "integrated gradients": path,
    "mutagenesis: set to 0": [here - f(0, b), here - f(a, 0)],
    "ablation: set to average": [here - average((v) => f(v, b)), here - average((v) => f(a, v))],
    "Shapley, against 0": shared(f(0, 0), f(a, 0), f(0, b)),
    "Shapley, against people": shared(expectation(r, f), average((v) => f(a, v)), average((v) => f(v, b))),
  };
}

// Share of the variance of y = x1 that the function predicts, over people.
export function fit({ f }, r) {
  const error = expectation(r, (a, b) => (a - f(a, b)) ** 2);
  return 1 - error / 0.25;
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const chosen = board.choice({ label: "What the network has learned", options: Object.entries(FUNCTIONS).map(([key, { name }]) => [key, name]), value: data.function });
  chosen.element.classList.add("gl-wide");
  const first = board.slider({ label: "x₁, the cause", min: 0, max: 1, step: 0.05, value: data.point[0] });
  const second = board.slider({ label: "x₂, its neighbour", min: 0, max: 1, step: 0.05, value: data.point[1] });
  const r = board.slider({ label: "Correlation of the inputs in people", min: 0, max: 1, step: 0.05, value: data.r });
  const bars = board.chart({ title: "What each method says at this point", key: [[3, "bar", "x₁, the cause"], [2, "bar", "x₂, its neighbour"]] });
  bars.element.classList.add("gl-span");
  const surface = board.chart({ title: "The learned function; people and the point", height: 250, key: [[0, "dot", "people"], [4, "dot", "the point"]] });
  const facts = kit.table("Knocking out, in the function and in nature", ["set to 0", "function", "nature"]);
  board.place(facts.element);
  const drawSurface = (learned, a, b) => {
    surface.axes({ x: { domain: [-0.08, 1.08], ticks: [0, 0.5, 1], label: "x₁", format: (v) => kit.number(v, 1) }, y: { domain: [-0.08, 1.08], ticks: [0, 0.5, 1], label: "x₂", grid: false, format: (v) => kit.number(v, 1) } });
    const cells = 24;
    const values = Array.from({ length: cells * cells }, (_, i) => learned.f((Math.floor(i / cells) + 0.5) / cells, 1 - ((i % cells) + 0.5) / cells));
    kit.heatCells(surface, values, { rows: cells, limit: 1.3, left: surface.x(0), top: surface.y(1), wide: (surface.x(1) - surface.x(0)) / cells, tall: (surface.y(0) - surface.y(1)) / cells });
    for (const [p, q, share] of people(r.value)) if (share > 0) surface.dots([[p, q]], 0, { size: 4 + 24 * share });
    surface.line([[0, 0], [a, b]], 4, { dash: true, thin: true });
    surface.dots([[a, b]], 4, { size: 11 });
    surface.describe(`Output ${kit.number(learned.f(0, 0))} at 0, 0; ${kit.number(learned.f(1, 0))} at 1, 0; ${kit.number(learned.f(0, 1))} at 0, 1; ${kit.number(learned.f(1, 1))} at 1, 1. The point is at ${kit.number(a)}, ${kit.number(b)}.`);
  };
  board.draw(() => {
    const learned = FUNCTIONS[chosen.value];
    const [a, b] = [first.value, second.value];
    const here = learned.f(a, b);
    const answers = explain(learned, [a, b], r.value);
    const rows = [...Object.entries(answers), ["experiment in nature", [a, 0]]];
    barRows(bars, rows, { domain: [Math.min(0, ...rows.flatMap(([, v]) => v)), Math.max(1, ...rows.flatMap(([, v]) => v))], label: "credit, change or slope", series: [3, 2] }, kit);
    bars.describe(rows.map(([name, [p, q]]) => `${name}: ${kit.number(p)} and ${kit.number(q)}`).join("; "));
    drawSurface(learned, a, b);
    const drop = (p, q) => kit.signed(0 - (here - learned.f(p, q)));
    facts.rows([["x₁", drop(0, b), kit.signed(-a)], ["x₂", drop(a, 0), kit.signed(0)], ["both", drop(0, 0), kit.signed(-a)]]);
    const [p, q] = answers["mutagenesis: set to 0"];
    const flat = answers.gradient.every((one) => one === 0);
    const both = here - learned.f(0, 0);
    const near = (x) => Math.abs(x) < 1e-9;
    const story = both > 1e-9 && flat && near(p) && near(q) ? "Gradient and single knock-outs say that nothing matters, yet without both inputs the output falls. Each stands in for the other, and only Shapley values and integrated gradients, which start from 0, still see them."
      : both > 1e-9 && near(p) && near(q) ? "Either input alone is enough, so a single knock-out finds nothing; Shapley values share what both make."
        : flat && both > 1e-9 ? "The function is flat here: the gradient is zero, although knocking inputs out changes the output."
          : p + q > both + 1e-9 ? "The knock-outs sum to more than the output has to lose: both inputs are needed, so each can break it alone."
            : near(both) ? "The output stands at its value for 0, so methods that start there have nothing to share; the gradient tells where it could go."
              : chosen.value === "cause" ? "The function uses the cause alone, and every method agrees with the experiment."
                : chosen.value === "proxy" ? "Every method is right about the function, and the function is wrong about nature: it reads the copy."
                  : "The methods describe the function well; the experiment in nature answers another question.";
    const share = fit(learned, r.value);
    board.say(`The output is ${kit.number(here)}. ${story} In people with r = ${kit.number(r.value)} this function explains ${share < 0 ? "nothing" : kit.percent(share)} of the trait, which x₁ alone causes.`);
  });
}
