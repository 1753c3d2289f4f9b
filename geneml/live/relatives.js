// Brothers and sisters on both sides of a split make a predictor look better than it is.

const PEOPLE = 240;
const LOCI = 300;
const CAUSAL = 60;
const FOLDS = 5;
const STUDIES = 30;

// Full-sib families: unlinked loci with frequency one half pass from two unrelated parents to
// each child. Phenotype = genes (share h2) + what a family shares (share c) + the rest.
export function families({ size, h2, shared }, random, kit) {
  const family = Array.from({ length: PEOPLE }, (_, i) => Math.floor(i / size));
  const dosages = new Float64Array(PEOPLE * LOCI);
  const effects = Array.from({ length: CAUSAL }, () => random.normal());
  const common = [];
  for (let first = 0; first < PEOPLE; first += size) {
    const parents = Uint8Array.from({ length: 4 * LOCI }, () => (random.uniform() < 0.5 ? 1 : 0));
    common.push(random.normal());
    for (let i = first; i < Math.min(first + size, PEOPLE); i += 1) {
      for (let k = 0; k < LOCI; k += 1) {
        const fromFather = parents[4 * k + (random.uniform() < 0.5 ? 0 : 1)];
        const fromMother = parents[4 * k + (random.uniform() < 0.5 ? 2 : 3)];
        dosages[i * LOCI + k] = (fromFather + fromMother - 1) * Math.SQRT2;
      }
    }
  }
  const scale = Math.sqrt(kit.sum(effects.map((effect) => effect * effect)));
  const phenotype = Float64Array.from({ length: PEOPLE }, (_, i) => {
    let genetic = 0;
    for (let k = 0; k < CAUSAL; k += 1) genetic += effects[k] * dosages[i * LOCI + k];
    return (Math.sqrt(h2) * genetic) / scale + Math.sqrt(shared) * common[family[i]] + Math.sqrt(1 - h2 - shared) * random.normal();
  });
  return { family, dosages, phenotype };
}

// Fold of each individual: dealt to individuals, or to whole families.
export function dealFolds(groups, random) {
  const names = [...new Set(groups)];
  const order = random.permutation(names.length);
  const fold = new Map(names.map((name, i) => [name, order[i] % FOLDS]));
  return groups.map((name) => fold.get(name));
}

// Genomic best linear unbiased prediction on training folds; mean correlation over test folds.
export function accuracy(relationship, phenotype, folds, ratio, kit) {
  const n = phenotype.length;
  const scores = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const training = folds.flatMap((one, i) => (one === fold ? [] : [i]));
    const test = folds.flatMap((one, i) => (one === fold ? [i] : []));
    const m = training.length;
    const left = new Float64Array(m * m);
    training.forEach((i, a) => {
      training.forEach((j, b) => {
        left[a * m + b] = relationship[i * n + j];
      });
      left[a * m + a] += ratio;
    });
    const centre = kit.mean(training.map((i) => phenotype[i]));
    const weights = kit.solvePositive(left, training.map((i) => phenotype[i] - centre), m);
    const predicted = test.map((i) => kit.sum(training.map((j, b) => relationship[i * n + j] * weights[b])));
    scores.push(kit.correlation(predicted, test.map((i) => phenotype[i])));
  }
  return kit.mean(scores);
}

// One study: the same data under both splits.
export function study(settings, random, kit) {
  const { family, dosages, phenotype } = families(settings, random, kit);
  const relationship = kit.innerProducts(dosages, PEOPLE, LOCI).map((value) => value / LOCI);
  // Markers explain genes and, through relationship, much of what a family shares.
  const share = Math.min(Math.max(settings.h2 + settings.shared, 0.05), 0.95);
  const ratio = (1 - share) / share;
  const random_split = dealFolds(family.map((_, i) => i), random);
  const family_split = dealFolds(family, random);
  return {
    apparent: accuracy(relationship, phenotype, random_split, ratio, kit),
    honest: accuracy(relationship, phenotype, family_split, ratio, kit),
  };
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const changed = () => start(14);
  const size = board.slider({ label: "Children in each family", min: 1, max: 12, value: data.size, format: kit.whole, changed });
  const shared = board.slider({ label: "Variance shared in a family", min: 0, max: 0.6, step: 0.05, value: data.shared, format: (v) => kit.percent(v), changed });
  const h2 = board.slider({ label: "Heritability", min: 0, max: 0.4, step: 0.05, value: data.heritability, changed });
  const dots = board.chart({ title: "One test fold (orange) and what trains the model (blue)", height: 250, key: [[1, "dot", "training"], [2, "dot", "test"]] });
  const scores = board.chart({ title: "Accuracy in simulated studies", height: 250, key: [[1, "dot", "one study"], [4, "line", "mean"]] });
  let results = [];
  const drawFolds = () => {
    const tall = 56 + size.value * 16.5;
    dots.clear(tall);
    const columns = 12;
    const panel = (dots.width - 30) / 2;
    const step = Math.min(panel / columns, 17);
    const family = Array.from({ length: columns * size.value }, (_, i) => Math.floor(i / size.value));
    const random = kit.generator(data.seed + 5);
    [dealFolds(family.map((_, i) => i), random), dealFolds(family, random)].forEach((folds, side) => {
      const left = side * (panel + 24);
      dots.label(left, 14, side ? "whole families" : "individuals", { strong: true });
      const at = folds.map((_, i) => [left + (family[i] + 0.5) * step, 34 + (i % size.value) * 16.5]);
      for (const [series, test] of [[1, false], [2, true]]) {
        const path = at.filter((_, i) => (folds[i] === 0) === test).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
        dots.add("path", { d: path, class: `gl-s${series} gl-dots`, "stroke-width": Math.min(step - 3, 12) });
      }
    });
    dots.label(0, tall - 6, "each column is a family", { quiet: true });
    dots.describe("Left: individuals are dealt to folds, so most test individuals have brothers or sisters in training. Right: whole families are dealt, so none has.");
  };
  const drawScores = () => {
    const all = results.flatMap(({ apparent, honest }) => [apparent, honest]);
    scores.axes({ x: { domain: [0, 3], ticks: [1, 2], format: (v) => (v === 1 ? "by individual" : "by family"), label: "how the data were split" }, y: { domain: [Math.min(-0.2, ...all), Math.max(0.7, ...all)], label: "correlation with the phenotype" } });
    scores.rule({ y: 0 }, 0, { dash: false });
    for (const { apparent, honest } of results) scores.line([[1, apparent], [2, honest]], 0, { thin: true }).classList.add("gl-faint");
    scores.dots(results.flatMap(({ apparent, honest }) => [[1, apparent], [2, honest]]), 1, { size: 6, faint: true });
    ["apparent", "honest"].forEach((name, i) => {
      const average = kit.mean(results.map((one) => one[name]));
      scores.line([[i + 0.75, average], [i + 1.25, average]], 4);
      scores.label(scores.x(i ? 2.3 : 0.7), scores.y(average) + 4, kit.number(average), { series: 4, anchor: i ? "start" : "end" });
    });
  };
  const tell = () => {
    const [apparent, honest] = ["apparent", "honest"].map((name) => kit.mean(results.map((one) => one[name])));
    const facts = `Over ${kit.plural(results.length, "simulated study", "simulated studies")} of ${PEOPLE} people, splitting by individual gives a mean accuracy of ${kit.number(apparent)}, splitting by family ${kit.number(honest)}.`;
    // From the numbers as written, so that the reader's subtraction agrees.
    const gap = Number(apparent.toFixed(2)) - Number(honest.toFixed(2));
    const moral =
      size.value === 1 ? "Nobody has a sibling here, so the two splits ask the same question."
      : gap < 0.05 ? "The two nearly agree: little is shared within families beyond what holds for everybody."
      : `The difference, ${kit.number(gap)}, is knowledge about families. It is of no use for a new family.`;
    board.say(`${facts} ${moral}`);
    scores.describe(facts);
  };
  const start = (slice) => {
    const settings = { size: size.value, shared: shared.value, h2: h2.value };
    const random = kit.generator(data.seed);
    const fresh = [];
    drawFolds();
    board.run(() => {
      fresh.push(study(settings, random, kit));
      return fresh.length >= STUDIES;
    }, {
      slice,
      each: (finished) => {
        results = fresh;
        if (finished || !kit.calm()) drawScores();
      },
      done: tell,
    });
  };
  board.resized = () => {
    drawFolds();
    drawScores();
  };
  board.draw(() => start(150));
  tell();
}
