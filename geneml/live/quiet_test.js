// Choosing the best of many models by their test scores makes the winner look better than it is.

// Sample correlation of n pairs whose true correlation is rho, given the squared length of the
// centred phenotype: the part of the prediction along it is normal, the rest a chi-square.
export function drawCorrelation(rho, length2, n, random) {
  const noise = Math.sqrt(1 - rho * rho);
  const along = rho * Math.sqrt(length2) + noise * random.normal();
  const across = noise * noise * random.chiSquare(n - 2);
  return along / Math.sqrt(along * along + across);
}

// One study: `models` equally good models scored on the same test set of n individuals. Gives
// the best score so far after 1, 2, ... models, and one fresh score of the winner.
export function compete({ models, n, rho }, random) {
  const length2 = random.chiSquare(n - 1);
  let best = -1;
  const running = new Float64Array(models);
  for (let k = 0; k < models; k += 1) {
    best = Math.max(best, drawCorrelation(rho, length2, n, random));
    running[k] = best;
  }
  return { running, fresh: drawCorrelation(rho, random.chiSquare(n - 1), n, random) };
}

const STUDIES = 400;
const MOST = 300;

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const start = () => simulate(14);
  const tried = board.slider({ label: "Models tried", min: 1, max: MOST, step: 0.01, scale: "log", value: data.models, format: (v) => kit.whole(Math.round(v)), changed: () => draw() });
  const size = board.slider({ label: "Individuals in the test set", min: 20, max: 2000, step: 0.02, scale: "log", value: data.size, format: (v) => kit.whole(Math.round(v)), changed: start });
  const rho = board.slider({ label: "True correlation of every model", min: 0, max: 0.8, step: 0.05, value: data.accuracy, changed: start });
  const curve = board.chart({ title: `Average of ${STUDIES} studies`, key: [[2, "line", "winner's score on the test set that chose it"], [1, "dash", "winner's score on new individuals"]] });
  const pile = board.chart({ title: "The winner's score, study by study", key: [[2, "bar", "on the test set that chose it"], [1, "line", "on new individuals"]] });
  let studies = [];
  const draw = () => {
    const k = Math.round(tried.value);
    const count = studies.length;
    const fresh = studies.map((one) => one.fresh);
    const apparent = studies.map((one) => one.running[k - 1]);
    const honest = kit.mean(fresh);
    const shown = kit.mean(apparent);
    const means = Array.from({ length: MOST }, (_, i) => kit.mean(studies.map((one) => one.running[i])));
    const low = Math.floor(10 * Math.min(kit.quantile(fresh, 0.005), rho.value)) / 10;
    const high = Math.min(1, Math.ceil(10 * Math.max(kit.quantile(apparent, 0.995), means[MOST - 1])) / 10);
    curve.axes({ x: { domain: [1, MOST], log: true, label: "models tried", ticks: [1, 3, 10, 30, 100, 300] }, y: { domain: [Math.min(0, low), high], label: "correlation" } });
    curve.rule({ y: rho.value }, 1);
    curve.line(means.map((value, i) => [i + 1, value]), 2);
    curve.line([[k, rho.value], [k, shown]], 4);
    curve.dots([[k, shown]], 2, { size: 11 });
    curve.dots([[k, rho.value]], 1, { size: 11 });
    const left = k > 20;
    curve.label(curve.x(k) + (left ? -8 : 8), curve.y((shown + rho.value) / 2) + 4, `too good by ${kit.number(shown - rho.value)}`, { anchor: left ? "end" : "start", series: 4 });
    const bins = kit.histogram(apparent, [low, high], 30);
    const outline = kit.histogram(fresh, [low, high], 30);
    const top = Math.max(...bins.map((b) => b[2]), ...outline.map((b) => b[2]), 5);
    pile.axes({ x: { domain: [low, high], label: "correlation" }, y: { domain: [0, top], label: "studies", format: kit.whole } });
    for (const [from, to, height] of bins) if (height) pile.bar(from, to, 0, height, 2, { faint: true });
    pile.line(outline.flatMap(([from, to, height]) => [[from, height], [to, height]]), 1);
    const words = `After ${kit.plural(k, "model")} the winner scores ${kit.number(shown)} on the test set that chose it and ${kit.number(honest)} on new individuals (${count} simulated studies).`;
    curve.describe(`${words} The score rises with every model tried; the truth stays at ${kit.number(rho.value)}.`);
    pile.describe(`Scores of the winner: ${kit.number(shown)} on average where it was chosen, ${kit.number(honest)} on new individuals.`);
    // From the numbers as written, so that the reader's subtraction agrees.
    const gap = Number(shown.toFixed(2)) - Number(honest.toFixed(2));
    const moral = k === 1 ? "One model, one look: the score is honest." : `All models are equally good, so the gap of ${kit.number(gap)} comes from choosing alone. A test set used for choosing is a validation set.`;
    board.say(`${words} ${moral}`);
  };
  const simulate = (slice) => {
    const random = kit.generator(data.seed);
    const settings = { models: MOST, n: Math.round(size.value), rho: rho.value };
    const fresh = [];
    board.run(() => {
      fresh.push(compete(settings, random));
      return fresh.length >= STUDIES;
    }, {
      slice,
      done: () => {
        studies = fresh;
        draw();
      },
    });
  };
  board.resized = () => studies.length && draw();
  board.draw(() => simulate(2000));
}
