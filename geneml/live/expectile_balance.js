// A beam with people on it: the pivot at which weighted pulls agree, and the loss it minimises.
import { expectile, expectileLoss, pulls } from "./part_expectile.js";

// Lowest level at which a dot touches no dot placed before it.
export function levels(places, gap) {
  const taken = [];
  return places.map((place) => {
    let level = 0;
    while (taken.some((other) => other.level === level && Math.abs(other.place - place) < gap)) level += 1;
    taken.push({ place, level });
    return level;
  });
}

const STEEPEST = 0.1; // slope of the beam when everything pulls on one side
const TARGET = 26; // pixels that a finger needs

export function render(stage, data, kit) {
  const { domain, unit } = data;
  const span = domain[1] - domain[0];
  const step = data.step;
  const values = data.values.slice();
  // A whole number of steps, inside the axis.
  const inside = (v) => Math.min(Math.max(domain[0] + Math.round((v - domain[0]) / step) * step, domain[0]), domain[1]);
  const board = kit.board(stage);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const write = (v) => kit.number(v, Math.max(1, digits));
  const level = board.slider({ label: "Level τ", min: 0.02, max: 0.98, step: 0.01, value: data.tau });
  const pivot = board.slider({ label: "Pivot", min: domain[0], max: domain[1], step: span / 1000, value: domain[0], format: write, changed: () => { held.value = false; draw(); } });
  const held = board.toggle({ label: "Keep the beam in balance", value: true, changed: () => draw() });
  const random = kit.generator(data.seed);
  board.button("Other people", () => {
    // Skewed, as counts of cigarettes are: the square of a normal number.
    values.forEach((_, i) => {
      values[i] = inside(domain[0] + 0.04 * span + 0.2 * span * random.normal() ** 2);
    });
    draw();
  });
  board.button("Back to the start", () => {
    data.values.forEach((value, i) => {
      values[i] = value;
    });
    level.value = data.tau;
    held.value = true;
    draw();
  });
  const beam = board.chart({ title: "The beam: drag a dot, or use the arrow keys", height: 230, key: [[2, "dot", "below the pivot: weight 1 − τ"], [1, "dot", "above it: weight τ"], [0, "dash", "mean"], [3, "dash", "τ quantile"]] });
  const curve = board.chart({ title: "Mean loss, for each place of the pivot", height: 230, key: [[1, "line", "expectile loss"], [4, "dash", "its lowest point: the τ expectile"]] });

  const move = (i, value) => {
    values[i] = inside(value);
    draw();
  };
  beam.box.classList.add("gl-holds");
  const handles = values.map((_, i) => {
    const handle = kit.html("div", { class: "gl-handle", role: "slider", tabindex: 0, "aria-label": `Person ${i + 1}`, "aria-valuemin": domain[0], "aria-valuemax": domain[1], "aria-orientation": "horizontal" });
    const keys = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -span / 10, PageUp: span / 10, Home: -span, End: span };
    handle.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
      event.preventDefault();
      move(i, values[i] + keys[event.key]);
    });
    const follow = (event) => {
      const inside = event.clientX - beam.svg.getBoundingClientRect().left - beam.area.left;
      move(i, domain[0] + (span * inside) / (beam.area.right - beam.area.left));
    };
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.focus({ preventScroll: true });
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) follow(event);
    });
    beam.box.append(handle);
    return handle;
  });

  const drawBeam = (tau, e, { left, right }, mean, quantile) => {
    beam.axes({ x: { domain, label: unit }, y: { domain: [0, 1], ticks: [] }, left: 18, right: 18 });
    const { area } = beam;
    beam.rule({ x: mean });
    beam.rule({ x: quantile }, 3);
    const centre = beam.x(e);
    const base = area.bottom - 44;
    const slope = left + right > 0 ? (STEEPEST * (right - left)) / (left + right) : 0;
    const height = (px) => base + slope * (px - centre);
    beam.add("path", { d: `M${centre.toFixed(1)} ${base}L${(centre - 15).toFixed(1)} ${area.bottom}h30z`, class: "gl-s4 gl-fill" });
    beam.add("path", { d: `M${area.left - 8} ${height(area.left - 8).toFixed(1)}L${area.right + 8} ${height(area.right + 8).toFixed(1)}`, class: "gl-s0 gl-line", style: "stroke-width:4" });
    const places = values.map((value) => beam.x(value));
    const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
    const stacked = levels(order.map((i) => places[i]), TARGET);
    order.forEach((i, rank) => {
      const weight = values[i] < e ? 1 - tau : tau;
      const radius = 13 * Math.sqrt(weight);
      const y = height(places[i]) - TARGET / 2 - 2 - stacked[rank] * TARGET;
      // On the beam where it stands alone: small dots sink to it.
      const cy = stacked[rank] === 0 ? height(places[i]) - radius - 2 : y;
      beam.add("circle", { cx: places[i].toFixed(1), cy: cy.toFixed(1), r: radius.toFixed(1), class: `gl-s${values[i] < e ? 2 : 1} gl-fill` });
      const handle = handles[i];
      handle.style.left = `${(places[i] - TARGET / 2).toFixed(1)}px`;
      handle.style.top = `${(y - TARGET / 2).toFixed(1)}px`;
      handle.setAttribute("aria-valuenow", values[i]);
      handle.setAttribute("aria-valuetext", `${write(values[i])} ${unit}, weight ${kit.number(weight)}`);
    });
    beam.label(2, 14, `← pull ${kit.number(left)}`, { series: 2 });
    beam.label(beam.width - 2, 14, `pull ${kit.number(right)} →`, { series: 1, anchor: "end" });
  };

  const drawCurve = (tau, e, best) => {
    const grid = Array.from({ length: 121 }, (_, i) => domain[0] + (span * i) / 120);
    const losses = grid.map((place) => [place, expectileLoss(values, place, tau)]);
    const top = Math.max(...losses.map(([, loss]) => loss)) * 1.05 || 1;
    curve.axes({ x: { domain, label: `pivot (${unit})` }, y: { domain: [0, top], label: "mean loss" } });
    curve.line(losses, 1);
    curve.rule({ x: best }, 4);
    const here = expectileLoss(values, e, tau);
    curve.dots([[e, here]], 1, { size: 12 });
    const late = curve.x(e) > (curve.area.left + curve.area.right) / 2;
    curve.label(curve.x(e) + (late ? -10 : 10), Math.max(curve.y(here) - 10, curve.area.top + 12), kit.number(here), { strong: true, anchor: late ? "end" : "start" });
    return here;
  };

  const draw = () => {
    const tau = level.value;
    const best = expectile(values, tau);
    if (held.value) pivot.value = best;
    const e = held.value ? best : pivot.value;
    const pull = pulls(values, e, tau);
    const mean = kit.mean(values);
    const quantile = kit.quantile(values, tau);
    drawBeam(tau, e, pull, mean, quantile);
    const here = drawCurve(tau, e, best);
    const lowest = expectileLoss(values, best, tau);
    const times = tau >= 0.5 ? tau / (1 - tau) : (1 - tau) / tau;
    const heavy = Math.abs(tau - 0.5) < 1e-9 ? "Everybody counts the same" : `Somebody ${tau > 0.5 ? "above" : "below"} the pivot counts ${kit.number(times, 1)} times as much as somebody ${tau > 0.5 ? "below" : "above"}`;
    const others = `The mean is ${write(mean)}, the ${kit.number(tau)} quantile ${write(quantile)}.`;
    const state = held.value
      ? `${heavy}. The beam balances at ${write(best)}: the ${kit.number(tau)} expectile. ${others}`
      : `The pivot is at ${write(e)}. Left pulls with ${kit.number(pull.left)}, right with ${kit.number(pull.right)}. ${Math.abs(here - lowest) < 1e-4 * (lowest || 1) ? "The beam is in balance." : `The beam tips to the ${pull.right > pull.left ? "right" : "left"}: it balances at ${write(best)}, where the loss is ${kit.number(lowest)} instead of ${kit.number(here)}.`}`;
    board.say(state);
    beam.describe(`${kit.plural(values.length, "person", "people")} at ${values.slice().sort((a, b) => a - b).map(write).join(", ")} ${unit}. ${state}`);
    curve.describe(`The loss is ${kit.number(here)} with the pivot at ${write(e)}. It is lowest, ${kit.number(lowest)}, at ${write(best)}.`);
  };
  board.draw(draw);
}
