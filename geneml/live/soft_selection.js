// Scores of features, and the two ways to make weights of them: softmax and sparsemax.

export function softmax(scores) {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

// The nearest point with no negative number and sum 1 (Martins & Astudillo 2016).
export function sparsemax(scores) {
  const sorted = scores.slice().sort((a, b) => b - a);
  let total = 0;
  let tau = sorted[0] - 1;
  for (let k = 0; k < sorted.length; k += 1) {
    total += sorted[k];
    if (1 + (k + 1) * sorted[k] <= total) break;
    tau = (total - 1) / (k + 1);
  }
  return scores.map((score) => Math.max(0, score - tau));
}

// Weights of the features shown, and how many of all P reach the threshold. Those not shown have
// the score 0.
export function weigh(scores, P, temperature, make) {
  const all = scores.concat(Array(Math.max(P - scores.length, 0)).fill(0)).map((score) => score / temperature);
  const weights = make(all);
  const shown = weights.slice(0, scores.length);
  return { shown, rest: P > scores.length ? weights[scores.length] : 0, positive: weights.filter((w) => w > 0).length, weights };
}

// Weights that reach 0.05 of a sum of 1, or that lie above a mean of 1.
export function passing(weights, meanOne) {
  const line = (1 + 1e-9) / weights.length;
  return weights.filter((weight) => (meanOne ? weight > line : weight >= 0.05 - 1e-12)).length;
}

const TARGET = 26; // pixels that a finger needs
const REACH = 4;

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const scores = data.scores.slice();
  const K = scores.length;
  const temperature = board.slider({ label: "Temperature", min: 0.2, max: 5, step: 0.05, value: data.temperature });
  const number = board.slider({ label: "Features in all, P", min: 10, max: 10_000, step: 0.05, scale: "log", value: data.features, format: (v) => kit.whole(Math.max(K, Math.round(v))) });
  const scaled = board.choice({ label: "Weights", options: [["sum", "sum to 1, line at 0.05"], ["mean", "mean 1, line at 1"]], value: data.meanOne ? "mean" : "sum" });
  const random = kit.generator(data.seed);
  const draws = () => Math.round(10 * Math.max(-REACH, Math.min(REACH, 1.3 * random.normal()))) / 10;
  board.button("Other scores", () => {
    scores.forEach((_, i) => {
      scores[i] = draws();
    });
    draw();
  });
  board.button("Back to the start", () => {
    data.scores.forEach((score, i) => {
      scores[i] = score;
    });
    temperature.value = data.temperature;
    number.value = data.features;
    draw();
  });
  const dial = board.chart({ title: `Scores: drag them, or use the arrow keys`, height: 230 });
  const bars = board.chart({ title: "Their weights", height: 260, key: [[1, "bar", "softmax"], [2, "bar", "sparsemax"], [0, "dash", "threshold"]] });
  const fate = board.chart({ title: "How many features pass, as P grows", height: 230, key: [[1, "line", "softmax"], [2, "line", "sparsemax"]] });
  for (const chart of [dial, bars, fate]) chart.element.classList.add("gl-span");
  dial.box.classList.add("gl-holds");

  const move = (i, value) => {
    scores[i] = Math.round(10 * Math.max(-REACH, Math.min(REACH, value))) / 10;
    draw();
  };
  const handles = scores.map((_, i) => {
    const handle = kit.html("div", { class: "gl-handle", role: "slider", tabindex: 0, style: "cursor:ns-resize;touch-action:none", "aria-label": `Score of feature ${i + 1}`, "aria-valuemin": -REACH, "aria-valuemax": REACH, "aria-orientation": "vertical" });
    const keys = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1, Home: -2 * REACH, End: 2 * REACH };
    handle.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
      event.preventDefault();
      move(i, scores[i] + keys[event.key]);
    });
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.focus({ preventScroll: true });
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const { area } = dial;
      const down = event.clientY - dial.svg.getBoundingClientRect().top - area.top;
      move(i, REACH + 0.4 - (2 * (REACH + 0.4) * down) / (area.bottom - area.top));
    });
    dial.box.append(handle);
    return handle;
  });

  const sizes = Array.from({ length: 25 }, (_, i) => Math.round(K * (10_000 / K) ** (i / 24)));

  const draw = () => {
    const P = Math.max(K, Math.round(number.value));
    const t = temperature.value;
    dial.axes({ x: { domain: [0.4, K + 0.6], label: "feature", ticks: scores.map((_, i) => i + 1) }, y: { domain: [-REACH - 0.4, REACH + 0.4], label: "score", ticks: [-4, -2, 0, 2, 4] } });
    dial.rule({ y: 0 });
    scores.forEach((score, i) => {
      dial.bar(i + 0.85, i + 1.15, 0, score, 3, { faint: true });
      dial.dots([[i + 1, score]], 3, { size: 14 });
      const handle = handles[i];
      handle.style.left = `${(dial.x(i + 1) - TARGET / 2).toFixed(1)}px`;
      handle.style.top = `${(dial.y(score) - TARGET / 2).toFixed(1)}px`;
      handle.setAttribute("aria-valuenow", score);
      handle.setAttribute("aria-valuetext", kit.number(score, 1));
    });
    const found = [softmax, sparsemax].map((make) => weigh(scores, P, t, make));
    const mean = scaled.value === "mean";
    const factor = mean ? P : 1;
    const line = mean ? 1 : 0.05;
    const top = Math.max(line, ...found.flatMap(({ shown }) => shown.map((w) => w * factor))) * 1.15;
    bars.axes({ x: { domain: [0.4, K + 0.6], label: "feature", ticks: scores.map((_, i) => i + 1) }, y: { domain: [0, top], label: mean ? "weight (mean 1)" : "weight (sum 1)" } });
    found.forEach(({ shown }, m) => shown.forEach((w, i) => bars.bar(i + 0.62 + 0.39 * m, i + 0.98 + 0.39 * m, 0, w * factor, m + 1)));
    bars.rule({ y: line });
    const count = found.map(({ weights }) => passing(weights, mean));
    // The chosen P is on the curve, too, so that the dot lies on the line.
    const places = [...sizes, P].sort((a, b) => a - b);
    const curves = [softmax, sparsemax].map((make) => places.map((size) => [size, passing(weigh(scores, size, t, make).weights, mean)]));
    const most = Math.max(4, ...curves.flat().map(([, y]) => y), ...count);
    fate.axes({ x: { domain: [K, 10_000], log: true, label: "features in all, P", ticks: [10, 100, 1000, 10_000].filter((mark) => mark >= K), format: kit.whole }, y: { domain: [0, 1.1 * most], label: mean ? "weights above 1" : "weights of 0.05 and more" }, right: 30 });
    curves.forEach((points, m) => fate.line(points, m + 1));
    fate.rule({ x: Math.min(Math.max(P, K), 10_000) });
    count.forEach((y, m) => fate.dots([[P, y]], m + 1, { size: 11 }));
    const heaviest = found.map(({ shown }) => Math.max(...shown));
    const all = `Of ${kit.whole(P)} features ${count[0] === 0 ? "none passes" : count[0] === 1 ? "one passes" : `${kit.whole(count[0])} pass`} with softmax and ${count[1] === 0 ? "none" : kit.whole(count[1])} with sparsemax.`;
    const support = `Sparsemax gives ${kit.plural(found[1].positive, "feature")} a weight above zero, softmax all of them.`;
    const note = mean ? "A line at the mean stays where it is, whatever P." : `The heaviest weight of softmax is ${heaviest[0] < 0.001 ? kit.scientific(heaviest[0]) : kit.number(heaviest[0], 3)}; weights of 0.05 and more can be no more than 20, because all of them sum to 1.`;
    board.say(`${all} ${support} ${note}`);
    dial.describe(`Scores of features 1 to ${K}: ${scores.map((score) => kit.number(score, 1)).join(", ")}. The other ${kit.whole(P - K)} have the score 0.`);
    bars.describe(`Weights by softmax: ${found[0].shown.map((w) => kit.number(factor * w, 3)).join(", ")}; by sparsemax: ${found[1].shown.map((w) => kit.number(factor * w, 3)).join(", ")}.`);
    fate.describe(`Features that pass, for P from ${K} to 10,000. ${all}`);
  };
  board.draw(draw);
}
