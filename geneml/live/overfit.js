// A small network is trained in the page, and its two loss curves part.

const LOCI = 20;
const CAUSAL = 6;
const VALIDATION = 300;
export const EPOCHS = 200;

// Individuals with 20 loci in Hardy-Weinberg proportions (frequency one half, standardised)
// and a trait of variance 1 whose genetic share, additive plus dominance, is 1 - noise.
export function population(n, noise, seed, kit) {
  const random = kit.generator(seed);
  const effects = Array.from({ length: CAUSAL }, () => (random.uniform() < 0.5 ? -1 : 1));
  const x = new Float64Array(n * LOCI);
  const y = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    let additive = 0;
    let dominance = 0;
    for (let k = 0; k < LOCI; k += 1) {
      const dosage = (random.uniform() < 0.5) + (random.uniform() < 0.5);
      x[i * LOCI + k] = (dosage - 1) * Math.SQRT2;
      if (k < CAUSAL) {
        additive += effects[k] * x[i * LOCI + k];
        dominance += dosage === 1 ? 1 : -1;
      }
    }
    // Both sums have variance CAUSAL and are uncorrelated, so the genetic value has variance 1.
    const genetic = (Math.sqrt(0.7) * additive + Math.sqrt(0.3) * dominance) / Math.sqrt(CAUSAL);
    y[i] = Math.sqrt(1 - noise) * genetic + Math.sqrt(noise) * random.normal();
  }
  return { x, y, n };
}

// One hidden layer of ReLU units and a linear output, He-initialised, in one flat vector:
// hidden weights (unit by unit), hidden biases, output weights, output bias.
export function initialise(hidden, seed, kit) {
  const random = kit.generator(seed);
  const theta = new Float64Array(hidden * (LOCI + 2) + 1);
  for (let i = 0; i < hidden * LOCI; i += 1) theta[i] = random.normal() * Math.sqrt(2 / LOCI);
  for (let i = hidden * (LOCI + 1); i < hidden * (LOCI + 2); i += 1) theta[i] = random.normal() / Math.sqrt(hidden);
  return theta;
}

// Mean squared error over the rows `order[from..to)`; adds its gradient to `gradient` if given.
export function loss(theta, hidden, { x, y }, order, from, to, gradient) {
  const biases = hidden * LOCI;
  const output = biases + hidden;
  const last = output + hidden;
  const units = new Float64Array(hidden);
  const count = to - from;
  let total = 0;
  for (let row = from; row < to; row += 1) {
    const i = order ? order[row] : row;
    let prediction = theta[last];
    for (let u = 0; u < hidden; u += 1) {
      let value = theta[biases + u];
      for (let k = 0, w = u * LOCI, c = i * LOCI; k < LOCI; k += 1, w += 1, c += 1) value += theta[w] * x[c];
      units[u] = value > 0 ? value : 0;
      prediction += theta[output + u] * units[u];
    }
    const error = prediction - y[i];
    total += error * error;
    if (!gradient) continue;
    const slope = (2 * error) / count;
    gradient[last] += slope;
    for (let u = 0; u < hidden; u += 1) {
      if (units[u] === 0) continue;
      gradient[output + u] += slope * units[u];
      const back = slope * theta[output + u];
      gradient[biases + u] += back;
      for (let k = 0, w = u * LOCI, c = i * LOCI; k < LOCI; k += 1, w += 1, c += 1) gradient[w] += back * x[c];
    }
  }
  return total / count;
}

// A training run that advances by one epoch per call of `epoch()`: Adam on batches of 32.
export function trainer({ noise, size, hidden, seed }, kit) {
  const everyone = population(VALIDATION + size, noise, seed, kit);
  const validation = { x: everyone.x, y: everyone.y };
  const training = { x: everyone.x.subarray(VALIDATION * LOCI), y: everyone.y.subarray(VALIDATION) };
  const theta = initialise(hidden, seed + 1, kit);
  const first = new Float64Array(theta.length);
  const second = new Float64Array(theta.length);
  const shuffle = kit.generator(seed + 2);
  const curves = { training: [], validation: [] };
  let steps = 0;
  const measure = () => {
    curves.training.push(loss(theta, hidden, training, null, 0, size));
    curves.validation.push(loss(theta, hidden, validation, null, 0, VALIDATION));
  };
  const epoch = () => {
    const order = shuffle.permutation(size);
    for (let from = 0; from < size; from += 32) {
      const gradient = new Float64Array(theta.length);
      loss(theta, hidden, training, order, from, Math.min(from + 32, size), gradient);
      steps += 1;
      const rate = (0.003 * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps);
      for (let i = 0; i < theta.length; i += 1) {
        first[i] += 0.1 * (gradient[i] - first[i]);
        second[i] += 0.001 * (gradient[i] ** 2 - second[i]);
        theta[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + 1e-7);
      }
    }
    measure();
    return curves.training.length > EPOCHS;
  };
  measure();
  return { curves, epoch, weights: theta.length };
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const changed = () => start(14);
  const noise = board.slider({ label: "Noise (share of the variance)", min: 0, max: 0.95, step: 0.05, value: 1 - data.heritability, format: (v) => kit.percent(v), changed });
  const size = board.slider({ label: "Training individuals", min: 20, max: 640, step: 0.02, scale: "log", value: data.trainingSize, format: (v) => kit.whole(Math.round(v)), changed });
  const hidden = board.slider({ label: "Hidden units", min: 1, max: 64, value: data.hidden, format: kit.whole, changed });
  let draws = 0;
  board.button("New individuals", () => {
    draws += 1;
    start(14);
  });
  const chart = board.chart({ height: 310, key: [[1, "line", "training loss"], [2, "line", "validation loss"], [3, "dash", "noise: no model can do better on average"], [0, "dash", "always predicting the mean"]] });
  chart.element.classList.add("gl-span");
  let run = null;
  const draw = () => {
    const { training, validation } = run.curves;
    chart.axes({ x: { domain: [0, EPOCHS], label: "epoch" }, y: { domain: [0, 2], label: "mean squared error (trait variance = 1)" } });
    chart.rule({ y: 1 });
    chart.rule({ y: noise.value }, 3);
    const points = (values) => values.map((value, epoch) => [epoch, Math.min(value, 2)]);
    chart.line(points(training), 1);
    chart.line(points(validation), 2);
    const best = validation.indexOf(Math.min(...validation));
    chart.dots([[best, Math.min(validation[best], 2)]], 2, { size: 10 });
    const right = best > EPOCHS * 0.7;
    chart.label(chart.x(best) + (right ? -9 : 9), chart.y(Math.min(validation[best], 1.9)) + 17, `best epoch ${best}`, { series: 2, anchor: right ? "end" : "start" });
  };
  const tell = () => {
    const { training, validation } = run.curves;
    const end = [training.at(-1), validation.at(-1)];
    const lowest = Math.min(...validation);
    const best = validation.indexOf(lowest);
    const gap = end[1] - end[0];
    const facts = `After ${EPOCHS} epochs the training loss is ${kit.number(end[0])} and the validation loss ${kit.number(end[1])}. The lowest validation loss was ${kit.number(lowest)}, at epoch ${best}.`;
    const verdict =
      lowest > 0.97 ? "It never clearly beat the mean: too little data or too much noise for this network."
      : gap < 0.15 ? "The curves stay together: there is enough data for this network."
      : end[1] > 1.05 ? "By the end it predicts new individuals worse than the mean does: it has learned the noise."
      : "The curves have parted: what it learned last holds only for the training individuals.";
    board.say(`${facts} ${verdict}`);
    chart.describe(`${facts} The noise floor is ${kit.number(noise.value)}. The network has ${kit.whole(run.weights)} weights for ${kit.whole(Math.round(size.value))} individuals.`);
  };
  const start = (slice) => {
    run = trainer({ noise: noise.value, size: Math.round(size.value), hidden: hidden.value, seed: data.seed + 1000 * draws }, kit);
    board.run(run.epoch, {
      slice,
      each: (finished) => (finished || !kit.calm()) && draw(),
      done: tell,
    });
  };
  board.resized = () => draw();
  board.draw(() => start(600));
}
