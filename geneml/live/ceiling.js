// What heritability, correlation, squared error and distance correlation ask of each other.

// Distance correlation of two normal variables (Szekely, Rizzo & Bakirov 2007, theorem 7).
export function distanceCorrelation(r) {
  const a = Math.abs(r);
  const top = a * Math.asin(a) + Math.sqrt(1 - a * a) - a * Math.asin(a / 2) - Math.sqrt(4 - a * a) + 1;
  return Math.sqrt(Math.max(0, top / (1 + Math.PI / 3 - Math.sqrt(3))));
}

// A calibrated prediction of this accuracy: what it shows on a trait of variance 1.
export function shown(heritability, accuracy) {
  const r = accuracy * Math.sqrt(heritability);
  return { r, mse: 1 - r * r, dependence: distanceCorrelation(r) };
}

const GRID = Array.from({ length: 101 }, (_, i) => i / 100);

// Below this many points a spot of its own is worth a ring; all are drawn.
function rings(chart, points, series) {
  for (const [x, y] of points) chart.add("circle", { cx: chart.x(x).toFixed(1), cy: chart.y(y).toFixed(1), r: 5, class: `gl-s${series} gl-line` });
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const trait = board.choice({ label: "Trait", options: data.traits.map(({ label }, i) => [String(i), label]), value: "0", changed: () => {
    heritability.value = data.traits[Number(trait.value)].heritability;
    draw();
  } });
  trait.element.classList.add("gl-wide");
  const heritability = board.slider({ label: "Heritability", min: 0.02, max: 0.98, step: 0.005, value: data.traits[0].heritability });
  const accuracy = board.slider({ label: "Accuracy of the prediction", min: 0, max: 1, step: 0.01, value: data.accuracy });
  const key = [[1, "dot", "ours, honest folds"], [2, "line", "published (rings)"], [3, "dot", "what the sliders imply"], [4, "dash", "highest r that the heritability allows"]];
  const left = board.chart({ title: "Squared error, trait of variance 1", height: 290, key: [[0, "line", "lowest error for this r"], ...key] });
  const right = board.chart({ title: "Distance correlation", height: 290, key: [[0, "line", "where both are normal"], ...key.slice(0, 3)] });
  const draw = () => {
    const one = data.traits[Number(trait.value)];
    const h = Math.sqrt(heritability.value);
    const here = shown(heritability.value, accuracy.value);
    const pick = (points, name) => points.map((point) => [point.r, point[name]]).filter(([, y]) => Number.isFinite(y));
    const top = Math.max(1.15, ...one.ours.map((point) => point.mse)) * 1.02;
    left.axes({ x: { domain: [0, 1], label: "correlation r" }, y: { domain: [0, top], label: "MSE / variance" } });
    left.wash(GRID.map((r) => [r, 1 - r * r]), 0);
    left.line(GRID.map((r) => [r, 1 - r * r]), 0);
    right.axes({ x: { domain: [0, 1], label: "correlation r" }, y: { domain: [0, 1], label: "distance correlation" } });
    right.line(GRID.map((r) => [r, distanceCorrelation(r)]), 0);
    for (const [chart, name] of [[left, "mse"], [right, "dependence"]]) {
      chart.rule({ x: h }, 4);
      chart.dots(pick(one.ours, name).map(([r, y]) => [Math.max(r, 0), y]), 1, { size: 7 });
      rings(chart, pick(one.published, name), 2);
      chart.dots([[here.r, here[name]]], 3, { size: 13 });
    }
    const beyond = one.published.filter(({ r }) => r > h).length;
    const under = one.published.filter(({ r, mse }) => mse < 1 - r * r).length;
    const ours = one.ours.filter(({ r }) => r > h).length;
    left.describe(`The lowest possible error falls from 1 at r = 0 to 0 at r = 1. Published: ${one.published.map(({ r, mse }) => `r ${kit.number(r)}, ${kit.number(mse)}`).join("; ")}. Ours: r from ${kit.number(Math.min(...one.ours.map(({ r }) => r)))} to ${kit.number(Math.max(...one.ours.map(({ r }) => r)))}.`);
    right.describe(`Distance correlation against r; for normal variables it is ${kit.number(distanceCorrelation(0.3))} at 0.3 and ${kit.number(distanceCorrelation(0.7))} at 0.7. Published: ${one.published.map(({ r, dependence }) => `r ${kit.number(r)}, ${kit.number(dependence)}`).join("; ")}.`);
    board.say(
      `Heritability ${kit.number(heritability.value)} allows r up to ${kit.number(h)}. An accuracy of ${kit.number(accuracy.value)} shows as r = ${kit.number(here.r)}, an error of at least ${kit.number(here.mse)} of the variance, and a distance correlation of ${kit.number(here.dependence)}. ` +
        `${one.label}: ${beyond} of ${one.published.length} published correlations lie to the right of that line, and ${under} lie below the lowest error for their r; of ours ${ours} of ${one.ours.length} lie to the right of the line.`,
    );
  };
  board.button("Back to the start", () => {
    [trait.value, heritability.value, accuracy.value] = ["0", data.traits[0].heritability, data.accuracy];
    draw();
  });
  board.draw(draw);
}
