// Rare cases: what weights, over-sampling and a lower threshold each do.

const PEOPLE = 2000;

// Scores of training individuals: normal with variance 1, mean 0, or `separation` for the cases.
export function training({ prevalence, separation, seed }, kit) {
  const random = kit.generator(seed);
  const cases = Math.max(Math.round(prevalence * PEOPLE), 2);
  return Array.from({ length: PEOPLE }, (_, i) => {
    const y = i < cases ? 1 : 0;
    return { x: random.normal() + y * separation, y, weight: 1 };
  });
}

const expit = (value) => 1 / (1 + Math.exp(-value));

// Weighted logistic regression on one score, by Newton's method: [intercept, slope].
export function logistic(people) {
  let [b0, b1] = [0, 0];
  for (let round = 0; round < 60; round += 1) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12];
    for (const { x, y, weight } of people) {
      const p = expit(b0 + b1 * x);
      const error = weight * (y - p);
      const bend = weight * p * (1 - p);
      g0 += error;
      g1 += error * x;
      h00 += bend;
      h01 += bend * x;
      h11 += bend * x * x;
    }
    const determinant = h00 * h11 - h01 * h01;
    const step = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
    const shrink = Math.min(1, 2 / Math.max(Math.abs(step[0]), Math.abs(step[1]), 1e-12));
    b0 += shrink * step[0];
    b1 += shrink * step[1];
    if (Math.max(Math.abs(step[0]), Math.abs(step[1])) < 1e-10) break;
  }
  return [b0, b1];
}

// Draw cases again, with replacement, until they count `weight` times.
function oversample(people, weight, seed, kit) {
  const random = kit.generator(seed);
  const cases = people.filter(({ y }) => y === 1);
  const extra = Math.round((weight - 1) * cases.length);
  return [...people, ...Array.from({ length: extra }, () => cases[random.integer(cases.length)])];
}

// What a fitted line does to all individuals: exact, from the two normal distributions.
export function consequences({ prevalence, separation }, [b0, b1], threshold, kit) {
  const cut = (Math.log(threshold / (1 - threshold)) - b0) / b1;
  const recall = 1 - kit.normalCdf(cut - separation);
  const alarms = 1 - kit.normalCdf(cut);
  const flagged = prevalence * recall + (1 - prevalence) * alarms;
  let expected = 0;
  for (let x = -8; x <= 12; x += 0.02) {
    const density = (1 - prevalence) * kit.normalDensity(x) + prevalence * kit.normalDensity(x, separation);
    expected += 0.02 * density * expit(b0 + b1 * x);
  }
  return { cut, recall, precision: flagged > 1e-12 ? (prevalence * recall) / flagged : NaN, flagged, expected };
}

// The true chance of being a case at a score: Bayes' rule for two normals of variance 1.
export const truth = (x, { prevalence, separation }) =>
  expit(Math.log(prevalence / (1 - prevalence)) + separation * x - (separation * separation) / 2);

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const prevalence = board.slider({ label: "Share of rare cases", min: 0.01, max: 0.5, step: 0.02, scale: "log", value: data.prevalence, format: (v) => kit.percent(v, v < 0.1 ? 1 : 0) });
  const separation = board.slider({ label: "Distance of the groups (SD)", min: 0.5, max: 3, step: 0.1, value: data.separation, format: (v) => kit.number(v, 1) });
  const weight = board.slider({ label: "Weight of a rare case", min: 1, max: 100, step: 0.02, scale: "log", value: data.weight, format: (v) => `${kit.number(v, v < 10 ? 1 : 0)} to 1` });
  const names = { none: "none", weights: "weights", oversampling: "over-sampling", threshold: "lower threshold" };
  const remedy = board.choice({ label: "Remedy shown in the charts", options: Object.entries(names), value: "weights" });
  const score = board.chart({ title: "Scores of 1,000 individuals", height: 240, key: [[1, "line", "common"], [2, "dash", "rare cases"], [0, "dash", "called a case to the right"]] });
  const calibration = board.chart({ title: "Is a predicted chance what it says?", height: 240, key: [[4, "line", "this model"], [0, "dash", "perfect calibration"]] });
  const results = kit.table("What each remedy does", ["Remedy", "Recall", "Precision", "Called", "Mean chance"]);
  results.element.classList.add("gl-span");
  board.place(results.element);
  board.draw(() => {
    const setting = { prevalence: prevalence.value, separation: separation.value, seed: data.seed };
    const people = training(setting, kit);
    const w = weight.value;
    const plain = logistic(people);
    const fits = {
      none: [plain, 0.5],
      weights: [logistic(people.map((one) => (one.y ? { ...one, weight: w } : one))), 0.5],
      oversampling: [logistic(oversample(people, w, data.seed + 1, kit)), 0.5],
      threshold: [plain, 1 / (1 + w)],
    };
    const found = Object.fromEntries(Object.entries(fits).map(([key, [line, threshold]]) => [key, consequences(setting, line, threshold, kit)]));
    const share = (value) => (Number.isNaN(value) ? "–" : kit.percent(value));
    results.rows(Object.entries(found).map(([key, one]) => [
      key === "threshold" ? `${names[key]} (${kit.number(fits.threshold[1], 2)})` : names[key],
      share(one.recall), share(one.precision), kit.percent(one.flagged, 1), kit.percent(one.expected, 1),
    ]));
    const [line] = fits[remedy.value];
    const { cut, recall, precision, expected } = found[remedy.value];
    const domain = [-4, 6.5];
    const grid = Array.from({ length: 141 }, (_, i) => domain[0] + (i * (domain[1] - domain[0])) / 140);
    const common = grid.map((x) => [x, 1000 * (1 - setting.prevalence) * kit.normalDensity(x)]);
    const rare = grid.map((x) => [x, 1000 * setting.prevalence * kit.normalDensity(x, setting.separation)]);
    score.axes({ x: { domain, label: "score" }, y: { domain: [0, 430], label: "individuals per unit of score", format: kit.whole } });
    score.wash(common, 1);
    score.wash(rare, 2);
    score.line(common, 1);
    score.line(rare, 2, { dash: true });
    if (cut > domain[0] && cut < domain[1]) score.rule({ x: cut });
    calibration.axes({ x: { domain: [0, 1], label: "predicted chance" }, y: { domain: [0, 1], label: "true share of cases" } });
    calibration.line([[0, 0], [1, 1]], 0, { dash: true, thin: true });
    calibration.line(Array.from({ length: 301 }, (_, i) => -5 + i / 25).map((x) => [expit(line[0] + line[1] * x), truth(x, setting)]), 4);
    const one = kit.percent(expected, expected < 0.1 ? 1 : 0);
    const actual = kit.percent(setting.prevalence, setting.prevalence < 0.1 ? 1 : 0);
    score.describe(`Rare cases are ${actual} of all. Those above a score of ${kit.number(cut, 1)} are called cases: recall ${share(recall)}, precision ${share(precision)}.`);
    calibration.describe(`The mean predicted chance is ${one}; the true share is ${actual}.`);
    const facts = `With ${remedy.value === "none" ? "no remedy" : names[remedy.value]}, ${share(recall)} of the rare cases are found, and ${share(precision)} of those called cases are real. The model says ${one} on average; the truth is ${actual}.`;
    const moral = {
      none: recall < 0.3 ? "Almost everybody is called common: accuracy looks high, and the cases are missed." : "The groups are common or distinct enough to need no remedy.",
      weights: "Weights find more cases, but the chances are no longer true. A lower threshold finds the same cases and keeps the chances true.",
      oversampling: "Drawing cases again is weighting by other means, with some luck of the draw; it adds no new cases.",
      threshold: `Calling everybody above ${kit.number(fits.threshold[1], 2)} a case is what a weight of ${kit.number(w, w < 10 ? 1 : 0)} does, and the predicted chances stay true.`,
    }[remedy.value];
    board.say(`${facts} ${w < 1.05 && remedy.value !== "none" ? "At a weight of one nothing changes." : moral}`);
  });
}
