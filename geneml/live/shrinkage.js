// What a prior makes of one estimate, and of every estimate.
import { posterior, priorDensity, softThreshold } from "./part_prior.js";

const KINDS = [["normal", "normal: ridge"], ["laplace", "double exponential: lasso"], ["spike", "spike and slab: BayesC-π"]];
const REACH = 4;

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const kind = board.choice({ label: "Prior", options: KINDS, value: data.prior });
  kind.element.classList.add("gl-wide");
  const estimate = board.slider({ label: "Least squares estimate", min: -REACH, max: REACH, step: 0.05, value: data.estimate });
  const error = board.slider({ label: "Its standard error", min: 0.2, max: 2, step: 0.05, value: data.error });
  const spread = board.slider({ label: "Deviation of the prior", min: 0.2, max: 2, step: 0.05, value: data.spread });
  const zeros = board.slider({ label: "Prior share of zeros π", min: 0.05, max: 0.99, step: 0.01, value: data.zeros, changed: () => {
    kind.value = "spike"; // the others have no such share
    draw();
  } });
  const set = (values) => {
    [[estimate, values[0]], [error, values[1]], [spread, values[2]], [zeros, values[3]]].forEach(([slider, value]) => {
      slider.value = value;
    });
    draw();
  };
  board.button("A weak signal", () => set([0.6, 0.5, 0.5, 0.9]));
  board.button("A strong signal", () => set([2.4, 0.5, 0.5, 0.9]));
  board.button("Back to the start", () => {
    kind.value = data.prior;
    set([data.estimate, data.error, data.spread, data.zeros]);
  });
  const left = board.chart({ title: "Prior × likelihood → posterior. Drag the estimate", height: 280, key: [[0, "dash", "prior"], [2, "line", "likelihood"], [1, "line", "posterior"], [3, "dash", "posterior mean"]] });
  const right = board.chart({ title: "Every estimate, and what becomes of it", height: 280, key: [[1, "line", "this prior"], [2, "line", "the other two"], [0, "dash", "left as it is"]] });
  left.box.classList.add("gl-holds");
  let held = false;
  const follow = (event) => {
    const { area } = left;
    const px = event.clientX - left.svg.getBoundingClientRect().left - area.left;
    estimate.value = Math.max(-REACH, Math.min(REACH, ((2 * px) / (area.right - area.left) - 1) * REACH));
    draw();
  };
  left.svg.style.touchAction = "pan-y";
  left.svg.style.cursor = "ew-resize";
  left.svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    held = true;
    left.svg.setPointerCapture(event.pointerId);
    follow(event);
  });
  left.svg.addEventListener("pointermove", (event) => held && follow(event));
  for (const end of ["pointerup", "pointercancel"]) left.svg.addEventListener(end, () => { held = false; });

  const grid = Array.from({ length: 321 }, (_, i) => -REACH + (i * REACH) / 160);
  const spike = (chart, chance, top, series, shift) => {
    if (chance < 0.005) return;
    const px = chart.x(0) + shift;
    chart.add("path", { d: `M${px} ${chart.area.bottom}V${chart.y(chance * top).toFixed(1)}`, class: `gl-s${series} gl-line`, style: "stroke-width:5" });
  };
  const draw = () => {
    const b = estimate.value;
    const se = error.value;
    const prior = { kind: kind.value, spread: spread.value, zeros: zeros.value };
    const before = priorDensity(prior, kit);
    const after = posterior(b, se, prior, kit);
    const curves = [before.density, (x) => kit.normalDensity(x, b, se), after.density].map((f) => grid.map((x) => [x, f(x)]));
    const top = Math.max(...curves.flat().map(([, y]) => y)) * 1.08;
    left.axes({ x: { domain: [-REACH, REACH], label: "effect of the marker" }, y: { domain: [0, top], label: "density (bar: chance of exactly 0)", ticks: [], grid: false }, left: 14 });
    left.wash(curves[2], 1);
    left.line(curves[0], 0, { dash: true });
    left.line(curves[1], 2);
    left.line(curves[2], 1);
    spike(left, before.zero, top, 0, -4);
    spike(left, after.zero, top, 1, 4);
    left.rule({ x: after.mean }, 3);
    left.dots([[b, 0]], 2, { size: 14 });
    const all = KINDS.map(([name]) => ({ name, line: grid.map((x) => [x, posterior(x, se, { ...prior, kind: name }, kit).mean]) }));
    right.axes({ x: { domain: [-REACH, REACH], label: "least squares estimate" }, y: { domain: [-REACH, REACH], label: "posterior mean" } });
    right.line([[-REACH, -REACH], [REACH, REACH]], 0, { dash: true, thin: true });
    for (const { name, line } of all) if (name !== prior.kind) right.line(line, 2, { thin: true });
    right.line(all.find(({ name }) => name === prior.kind).line, 1);
    right.dots([[b, after.mean]], 3, { size: 12 });
    const kept = Math.abs(b) < 0.025 ? "" : ` That is ${kit.percent(after.mean / b)} of it.`;
    const words = {
      normal: `Under the normal prior every estimate keeps the same share, ${kit.percent(prior.spread ** 2 / (prior.spread ** 2 + se ** 2))}, however large it is.`,
      laplace: `Under the double exponential small estimates lose most, and large ones lose a fixed piece. Its highest point is at ${kit.number(softThreshold(b, se, prior.spread))}: that is what a lasso without averaging would report.`,
      spike: `With spike and slab the chance that this marker does something rises from ${kit.percent(1 - before.zero)} to ${kit.percent(1 - after.zero)}.`,
    }[prior.kind];
    board.say(`The estimate ${kit.number(b)} ± ${kit.number(se)} becomes ${kit.number(after.mean)}.${kept} ${words}`);
    left.describe(`Prior of deviation ${kit.number(prior.spread)} around 0, likelihood around ${kit.number(b)}, posterior with mean ${kit.number(after.mean)}${prior.kind === "spike" ? ` and a chance of ${kit.percent(after.zero)} of being exactly 0` : ""}.`);
    right.describe(`Posterior mean against estimate. At 1 it is ${all.map(({ name }) => `${kit.number(posterior(1, se, { ...prior, kind: name }, kit).mean)} (${name})`).join(", ")}; at 3, ${all.map(({ name }) => kit.number(posterior(3, se, { ...prior, kind: name }, kit).mean)).join(", ")}.`);
  };
  board.draw(draw);
}
