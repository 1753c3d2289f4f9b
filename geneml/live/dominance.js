// One locus: a line in the dosage against one mean per genotype.

// Falconer's decomposition with the counted allele's frequency p; values -a, d, a.
export function decompose(p, a, d) {
  const q = 1 - p;
  const shares = [q * q, 2 * p * q, p * p];
  const values = [-a, d, a];
  const average = values.reduce((total, value, i) => total + shares[i] * value, 0);
  const slope = a + d * (q - p);
  return {
    shares,
    values,
    slope,
    intercept: average - 2 * p * slope,
    additive: 2 * p * q * slope * slope,
    dominance: (2 * p * q * d) ** 2,
  };
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const p = board.slider({ label: "Frequency of allele A", min: 0.05, max: 0.95, step: 0.01, value: data.frequency });
  const a = board.slider({ label: "Additive effect a", min: 0, max: 2, step: 0.05, value: data.additive });
  const d = board.slider({ label: "Dominance deviation d", min: -2, max: 2, step: 0.05, value: data.dominance });
  const fit = board.chart({ title: "Genotype and genetic value", height: 270, key: [[1, "dot", "genotype mean; size shows its share"], [2, "line", "dosage code: one line"], [3, "dash", "one-hot code: three means"]] });
  const parts = board.chart({ title: "Genetic variance", height: 190, key: [[2, "bar", "additive: seen by both codes"], [3, "bar", "dominance: seen by one-hot only"]] });
  board.draw(() => {
    const model = decompose(p.value, a.value, d.value);
    fit.axes({ x: { domain: [-0.5, 2.5], label: "copies of allele A", ticks: [0, 1, 2], format: (v) => ["aa · 0", "Aa · 1", "AA · 2"][v] }, y: { domain: [-2.6, 2.6], label: "genetic value" } });
    fit.rule({ y: 0 });
    fit.line([-0.4, 2.4].map((x) => [x, model.intercept + model.slope * x]), 2);
    model.values.forEach((value, dosage) => {
      fit.line([[dosage - 0.34, value], [dosage + 0.34, value]], 3, { dash: true });
      fit.dots([[dosage, value]], 1, { size: 4 + 26 * Math.sqrt(model.shares[dosage]) });
      fit.label(fit.x(dosage), fit.y(value) + (value > 1.9 ? 30 : -20), kit.percent(model.shares[dosage]), { anchor: "middle", quiet: true });
    });
    const total = model.additive + model.dominance;
    const share = total > 0 ? model.additive / total : 1;
    parts.axes({ x: { domain: [0, Math.max(total * 1.15, 0.2)], label: "variance" }, y: { domain: [0, 2], ticks: [], grid: false }, left: 70, top: 8 });
    parts.bar(0, model.additive, 1.12, 1.8, 2);
    parts.bar(0, model.additive, 0.2, 0.88, 2);
    parts.bar(model.additive, total, 0.2, 0.88, 3);
    parts.label(62, parts.y(1.46) + 4, "dosage", { anchor: "end" });
    parts.label(62, parts.y(0.54) + 4, "one-hot", { anchor: "end" });
    fit.describe(`Values of aa, Aa and AA: ${model.values.map((v) => kit.number(v)).join(", ")}. The best line has slope ${kit.number(model.slope)}.`);
    parts.describe(`Additive variance ${kit.number(model.additive)}, dominance variance ${kit.number(model.dominance)}.`);
    const rest = total === 0 ? "There is no genetic variance here." : `A line in the dosage catches ${kit.percent(share)} of the genetic variance; one-hot catches all of it.`;
    const note =
      total > 0 && share > 0.995 ? " The rest is nothing: with d at zero, or a frequency where the line happens to pass through, the simpler code is enough."
      : share < 0.3 ? " Most of it is lost, though the locus matters: at this frequency the average effect of the allele nearly cancels."
      : "";
    board.say(`The line rises by ${kit.number(model.slope)} per copy. ${rest}${note}`);
  });
}
