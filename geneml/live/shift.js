// Two populations: densities, cumulative curves, and the largest gap between them.

// Both samples. The same standard normals are shifted and stretched, so that dragging moves
// the sample smoothly.
export function samples({ difference, ratio, n, seed }, kit) {
  const random = kit.generator(seed);
  const draws = Array.from({ length: 2000 }, () => [random.normal(), random.normal()]).slice(0, n);
  return {
    first: draws.map(([a]) => a),
    second: draws.map(([, b]) => difference + ratio * b),
  };
}

export const asymptoticP = (d, n, m, kit) => kit.kolmogorovTail(Math.sqrt((n * m) / (n + m)) * d);

const steps = (values, [low, high]) => {
  const sorted = Array.from(values).sort((a, b) => a - b);
  const points = [[low, 0]];
  sorted.forEach((value, i) => {
    const x = Math.min(Math.max(value, low), high);
    points.push([x, i / sorted.length], [x, (i + 1) / sorted.length]);
  });
  points.push([high, 1]);
  return points;
};

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const difference = board.slider({ label: "Shift of the mean (SD)", min: -2, max: 2, step: 0.05, value: data.difference });
  const ratio = board.slider({ label: "Ratio of the SDs", min: 0.25, max: 3, step: 0.05, value: data.ratio });
  const size = board.slider({ label: "Individuals in each sample", min: 10, max: 2000, step: 0.02, scale: "log", value: data.size, format: (v) => kit.whole(Math.round(v)) });
  const names = [[1, "line", "training population"], [2, "dash", "new population"]];
  const shape = board.chart({ title: "How often each value occurs", key: names });
  const curves = board.chart({ title: "Share of individuals at or below a value", key: names });
  const domain = [-5, 5];
  board.draw(() => {
    const n = Math.round(size.value);
    const { first, second } = samples({ difference: difference.value, ratio: ratio.value, n, seed: data.seed }, kit);
    const ks = kit.kolmogorovSmirnov(first, second);
    const p = asymptoticP(ks.d, n, n, kit);
    const grid = Array.from({ length: 121 }, (_, i) => domain[0] + i / 12);
    const densities = [
      grid.map((x) => [x, kit.normalDensity(x)]),
      grid.map((x) => [x, kit.normalDensity(x, difference.value, ratio.value)]),
    ];
    const top = Math.max(0.5, 1.1 * kit.normalDensity(0, 0, ratio.value));
    shape.axes({ x: { domain, label: "trait value" }, y: { domain: [0, top], label: "density" } });
    densities.forEach((points, i) => {
      shape.wash(points, i + 1);
      shape.line(points, i + 1, { dash: i === 1 });
    });
    curves.axes({ x: { domain, label: "trait value" }, y: { domain: [0, 1], label: "cumulative share" } });
    curves.line(steps(first, domain), 1);
    curves.line(steps(second, domain), 2, { dash: true });
    const x = curves.x(Math.min(Math.max(ks.at, domain[0]), domain[1]));
    curves.add("path", { d: `M${x} ${curves.y(ks.first)}V${curves.y(ks.second)}`, class: "gl-s4 gl-line", "stroke-width": 4 });
    const left = x > (curves.area.left + curves.area.right) / 2;
    curves.label(x + (left ? -8 : 8), (curves.y(ks.first) + curves.y(ks.second)) / 2 + 4, `D = ${kit.number(ks.d)}`, { series: 4, anchor: left ? "end" : "start" });
    shape.describe(`Two normal curves, ${kit.number(difference.value)} standard deviations apart, with a ratio of spreads of ${kit.number(ratio.value)}.`);
    curves.describe(`Two cumulative curves. The largest gap is ${kit.number(ks.d)}, at a trait value of ${kit.number(ks.at)}.`);
    const same = difference.value === 0 && ratio.value === 1;
    const verdict =
      p < 0.05
        ? same ? "The populations are the same: this is a false alarm, as one test in twenty gives." : "The samples differ more than chance allows."
        : same ? "The populations are the same, and the test agrees." : "The populations differ, but this sample is too small to show it.";
    board.say(`The curves are at most D = ${kit.number(ks.d)} apart, at ${kit.number(ks.at)}; ${kit.pValue(p)} with ${kit.whole(n)} individuals in each sample. ${verdict}`);
  });
}
