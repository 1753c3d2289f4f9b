// A Gibbs sampler walks over the posterior of two effects; linkage makes it slow.
import { autocorrelation, pass, target } from "./part_gibbs.js";

const LONGEST = 400;
const LAGS = 20;

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const start = () => [[-0.6, -0.6]];
  let walk = start();
  let random = kit.generator(data.seed);
  const fresh = () => {
    board.stop();
    walk = start();
    random = kit.generator(data.seed);
    draw();
  };
  const linkage = board.slider({ label: "Linkage: correlation r", min: 0, max: 0.98, step: 0.02, value: data.linkage, changed: () => fresh() });
  const people = board.slider({ label: "People", min: 10, max: 200, step: 5, value: data.people, format: kit.whole, changed: () => fresh() });
  const now = () => target(linkage.value, people.value, data.prior, data.effects);
  const step = () => walk.push(pass(walk.at(-1), now(), [random.normal(), random.normal()]));
  const walkOn = (count) => {
    board.stop();
    if (walk.length + count > LONGEST + 1) walk = start();
    for (let i = 0; i < count; i += 1) step();
    draw();
  };
  board.button("One pass", () => walkOn(1));
  board.button("100 passes", () => walkOn(100));
  const runner = board.button("Run", () => {
    if (board.running) {
      board.stop();
      draw();
      return;
    }
    if (walk.length > LONGEST) walk = start();
    if (kit.calm()) {
      walkOn(LONGEST + 1 - walk.length);
      return;
    }
    board.run(() => {
      step();
      return walk.length > LONGEST;
    }, { slice: 0, each: () => draw(), done: () => draw() });
  });
  board.button("Back to the start", () => {
    board.stop();
    linkage.value = data.linkage;
    people.value = data.people;
    fresh();
  });
  const plane = board.chart({ title: "The walk", height: 300, key: [[0, "line", "95 % of the posterior"], [1, "line", "last 30 passes"], [2, "dot", "all draws"]] });
  const side = board.place(kit.html("div", { class: "gl-stack" }));
  const trace = board.chart({ title: "Trace of the first effect", height: 150, key: [[1, "line", "draw"], [0, "dash", "true posterior mean"]] });
  const memory = board.chart({ title: "How long it remembers", height: 170, key: [[2, "bar", "in this chain"], [1, "dot", "in theory, ρ²ᵏ"]] });
  side.append(trace.element, memory.element);
  const draw = () => {
    runner.textContent = board.running ? "Pause" : "Run";
    const goal = now();
    const passes = walk.length - 1;
    const D = 1.5;
    plane.axes({ x: { domain: [-D, D], label: "effect of marker 1" }, y: { domain: [-D, D], label: "effect of marker 2" } });
    const clip = kit.identifier("clip");
    const { area } = plane;
    plane.add("clipPath", { id: clip }, kit.svg("rect", { x: area.left, y: area.top, width: area.right - area.left, height: area.bottom - area.top }));
    const clipped = (node) => node.setAttribute("clip-path", `url(#${clip})`);
    const radius = Math.sqrt(5.991) * goal.deviation;
    clipped(plane.line(Array.from({ length: 73 }, (_, i) => {
      const a = (i * Math.PI) / 36;
      return [goal.means[0] + radius * Math.cos(a), goal.means[1] + radius * (goal.correlation * Math.cos(a) + Math.sqrt(1 - goal.correlation ** 2) * Math.sin(a))];
    }), 0));
    clipped(plane.dots(walk.slice(1), 2, { size: 4, faint: true }));
    // A pass moves along one axis, then along the other.
    const last = walk.slice(-31);
    clipped(plane.line(last.flatMap(([a, b], i) => (i ? [[a, last[i - 1][1]], [a, b]] : [[a, b]])), 1, { thin: true }));
    plane.dots([walk.at(-1)].map(([a, b]) => [Math.max(-D, Math.min(D, a)), Math.max(-D, Math.min(D, b))]), 1, { size: 11 });
    trace.axes({ x: { domain: [0, Math.max(100, passes)], label: "pass", format: kit.whole }, y: { domain: [-D, D], label: "", ticks: [-1, 0, 1] }, top: 10 });
    trace.rule({ y: goal.means[0] });
    trace.line(walk.map(([a], i) => [i, Math.max(-D, Math.min(D, a))]), 1, { thin: true });
    const rho = goal.correlation ** 2;
    memory.axes({ x: { domain: [-0.7, LAGS + 0.7], label: "passes between two draws", ticks: [0, 5, 10, 15, 20] }, y: { domain: [-0.35, 1], label: "correlation", ticks: [0, 0.5, 1] } });
    const seen = passes > LAGS + 5 ? autocorrelation(walk.slice(1).map(([a]) => a), LAGS) : [];
    seen.forEach((value, lag) => memory.bar(lag - 0.35, lag + 0.35, 0, Math.max(value, -0.35), 2));
    memory.dots(Array.from({ length: LAGS + 1 }, (_, lag) => [lag, rho ** lag]), 1, { size: 7 });
    const worth = (1 - rho) / (1 + rho);
    const middle = passes ? kit.mean(walk.slice(1).map(([a]) => a)) : NaN;
    const state = passes ? `After ${kit.plural(passes, "pass", "passes")} the mean draw of the first effect is ${kit.number(middle)}; the true posterior mean is ${kit.number(goal.means[0])}.` : "Nothing is drawn yet. Press Run.";
    const cost = `With r = ${kit.number(linkage.value)} two neighbouring draws have the correlation ${kit.number(rho)}: in the long run ${kit.whole(1 / worth)} ${Math.round(1 / worth) === 1 ? "pass is" : "passes are"} worth one independent draw.`;
    board.say(`${state} ${cost}`);
    plane.describe(`Posterior of two effects around ${kit.number(goal.means[0])} and ${kit.number(goal.means[1])} with correlation ${kit.number(goal.correlation)}, and ${kit.plural(passes, "pass", "passes")} of the sampler from −0.60, −0.60.`);
    trace.describe(`${kit.plural(passes, "draw")} of the first effect; the last is ${kit.number(walk.at(-1)[0])}.`);
    memory.describe(`In theory ${kit.number(rho)} at a distance of one pass and ${kit.number(rho ** 10)} at ten${seen.length ? `; in this chain ${kit.number(seen[1])} and ${kit.number(seen[10])}` : ""}.`);
  };
  board.draw(draw);
}
