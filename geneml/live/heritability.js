// Genetic value against phenotype, and how far prediction can go.

// Individuals whose realised heritability is exactly the one asked for: both parts are
// centred, made orthogonal and scaled.
export function simulate(h2, n, seed, kit) {
  const random = kit.generator(seed);
  const standard = (values) => {
    const centre = kit.mean(values);
    const deviation = Math.sqrt(kit.variance(values, 0));
    return values.map((value) => (value - centre) / deviation);
  };
  const g = standard(random.normals(n));
  const raw = standard(random.normals(n));
  const overlap = kit.mean(raw.map((value, i) => value * g[i]));
  const e = standard(raw.map((value, i) => value - overlap * g[i]));
  const genetic = g.map((value) => Math.sqrt(h2) * value);
  return { genetic, phenotype: genetic.map((value, i) => value + Math.sqrt(1 - h2) * e[i]) };
}

// Daetwyler et al. (2008): expected R2 between prediction and phenotype.
export const expectedR2 = (h2, n, segments) => (h2 > 0 ? (h2 * n * h2) / (n * h2 + segments) : 0);

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const h2 = board.slider({ label: "Heritability h²", min: 0, max: 1, step: 0.01, value: data.heritability });
  const size = board.slider({ label: "Training individuals", min: 10, max: 100000, step: 0.02, scale: "log", value: data.trainingSize, format: (v) => kit.whole(Number(v.toPrecision(2))) });
  const cloud = board.chart({ title: "300 individuals", key: [[1, "dot", "an individual"], [2, "line", "perfect prediction"]] });
  const curve = board.chart({ title: "Predicting the phenotype", key: [[1, "line", "expected R² of a linear predictor"], [2, "dash", "ceiling: h²"]] });
  board.draw(() => {
    const people = simulate(h2.value, 300, data.seed, kit);
    cloud.axes({ x: { domain: [-3, 3], label: "genetic value" }, y: { domain: [-3.6, 3.6], label: "phenotype" } });
    cloud.dots(Array.from(people.genetic, (g, i) => [g, people.phenotype[i]]), 1, { faint: true });
    cloud.line([[-3, -3], [3, 3]], 2);
    const r2 = expectedR2(h2.value, size.value, data.segments);
    curve.axes({ x: { domain: [10, 100000], log: true, label: "training individuals", format: (v) => kit.whole(v), ticks: [10, 100, 1000, 10000, 100000] }, y: { domain: [0, 1], label: "R² with the phenotype" }, right: 26 });
    const steps = Array.from({ length: 81 }, (_, i) => 10 ** (1 + i / 20));
    curve.rule({ y: h2.value }, 2);
    curve.line(steps.map((n) => [n, expectedR2(h2.value, n, data.segments)]), 1);
    curve.dots([[size.value, r2]], 1, { size: 11 });
    const flip = size.value > 8000;
    curve.label(curve.x(size.value) + (flip ? -10 : 10), curve.y(r2) + (r2 > 0.1 ? 16 : -10), `R² ${kit.number(r2)}`, { strong: true, anchor: flip ? "end" : "start" });
    const share = kit.percent(h2.value);
    cloud.describe(`Phenotype against genetic value for a heritability of ${kit.number(h2.value)}. The correlation is ${kit.number(Math.sqrt(h2.value))}.`);
    curve.describe(`Expected R² rises with the training size towards the ceiling of ${kit.number(h2.value)}; it is ${kit.number(r2)} at ${kit.whole(size.value)} individuals.`);
    board.say(
      `Genes explain ${share} of the variance. So no predictor from genotypes can pass R² ${kit.number(h2.value)}, or a correlation of ${kit.number(Math.sqrt(h2.value))}. ` +
        `With ${kit.whole(Number(size.value.toPrecision(2)))} training individuals and ${kit.whole(data.segments)} independent segments, expect R² ${kit.number(r2)}.`,
    );
  });
}
