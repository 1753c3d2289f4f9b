// The best of several looks at a fold that is then reported, where nothing can be predicted.

// Correlations of k predictions with a trait of n individuals, when neither knows of the other.
// `alike` is the correlation of one prediction with the next. Exact: in the n - 1 dimensions that
// the mean leaves, the trait is one direction; what a prediction has along the others matters by
// its length alone.
export function looks(k, n, alike, random) {
  const shared = Math.sqrt(alike);
  const own = Math.sqrt(1 - alike);
  const along = random.normal();
  const length = Math.sqrt(random.chiSquare(n - 2));
  return Array.from({ length: k }, () => {
    const hit = shared * along + own * random.normal();
    const miss = (shared * length + own * random.normal()) ** 2 + own ** 2 * random.chiSquare(n - 3);
    return hit / Math.sqrt(hit ** 2 + miss);
  });
}

// Mean of the best of k independent looks: 1 less the integral of the k-th power of the
// distribution function of one correlation, by Simpson's rule in the angle whose sine it is.
export function expectedBest(k, n, kit) {
  if (k <= 1) return 0;
  const steps = 2000;
  const width = Math.PI / steps;
  let area = 0;
  for (let i = 1; i < steps; i += 1) {
    const angle = -Math.PI / 2 + i * width;
    const t = Math.tan(angle) * Math.sqrt(n - 2);
    area += (i % 2 ? 4 : 2) * Math.cos(angle) * kit.studentTCdf(t, n - 2) ** k;
  }
  return Math.max(0, 1 - (area * width) / 3);
}

const TRAININGS = 1000;
const MOST = 200;

// One look and the best of k, training after training.
export function trainings(k, n, alike, seed, kit) {
  const random = kit.generator(seed);
  const first = new Float64Array(TRAININGS);
  const best = new Float64Array(TRAININGS);
  for (let i = 0; i < TRAININGS; i += 1) {
    const found = looks(k, n, alike, random);
    first[i] = found[0];
    best[i] = Math.max(...found);
  }
  return { first, best };
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const looksAt = board.slider({ label: "Looks at the fold", min: 1, max: MOST, step: 0.01, value: data.looks, scale: "log", format: (v) => kit.whole(Math.round(v)) });
  const people = board.slider({ label: "Individuals in the fold", min: 20, max: 1000, step: 0.01, value: data.test_size, scale: "log", format: (v) => kit.whole(Math.round(v)) });
  const alike = board.slider({ label: "How alike one look is to the next", min: 0, max: 0.95, step: 0.05, value: data.alike });
  let seed = data.seed;
  board.button("Draw again", () => {
    seed += 1;
    draw();
  });
  board.button("A fold of 40", () => {
    people.value = 40;
    draw();
  });
  board.button("A fold of 363, as of the mice", () => {
    people.value = 363;
    draw();
  });
  board.button("Back to the start", () => {
    [looksAt.value, people.value, alike.value, seed] = [data.looks, data.test_size, data.alike, data.seed];
    draw();
  });
  const left = board.chart({ title: "1,000 trainings on pure noise", key: [[0, "bar", "one look"], [2, "bar", "the best look"]] });
  const right = board.chart({ title: "How high the best look gets", key: [[2, "line", "expected"], [2, "dot", "drawn here"], [0, "dash", "the truth"]] });
  const curves = new Map();
  const curve = (n) => {
    if (!curves.has(n)) {
      const grid = [1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, MOST];
      curves.set(n, grid.map((k) => [k, expectedBest(k, n, kit)]));
    }
    return curves.get(n);
  };
  const draw = () => {
    const k = Math.round(looksAt.value);
    const n = Math.round(people.value);
    // Looks that share a part differ by the rest alone.
    const rest = Math.sqrt(1 - alike.value);
    const { first, best } = trainings(k, n, alike.value, seed, kit);
    const reach = 4 / Math.sqrt(n);
    const bins = kit.histogram(first, [-reach, reach], 32);
    const top = kit.histogram(best, [-reach, reach], 32);
    const highest = Math.max(...bins.map((bin) => bin[2]), ...top.map((bin) => bin[2])) * 1.05;
    left.axes({ x: { domain: [-reach, reach], label: "correlation in the fold" }, y: { domain: [0, highest], label: "trainings" } });
    for (const [low, high, count] of bins) if (count) left.bar(low, high, 0, count, 0, { faint: true });
    for (const [low, high, count] of top) if (count) left.bar(low, high, 0, count, 2, { faint: true });
    left.rule({ x: 0 }, 0);
    const mean = kit.mean(best);
    const expected = rest * expectedBest(k, n, kit);
    const points = curve(n).map(([looked, value]) => [looked, rest * value]);
    right.axes({ x: { domain: [1, MOST], label: "looks", log: true, ticks: [1, 3, 10, 30, 100], format: (v) => String(v) }, y: { domain: [0, Math.max(0.1, 3.2 / Math.sqrt(n))], label: "mean of the best" } });
    right.line(points, 2);
    right.rule({ y: 0 }, 0);
    right.dots([[k, Math.max(mean, 0)]], 2, { size: 12 });
    const above = best.filter((r) => r > 0.1).length / TRAININGS;
    left.describe(`One look has a mean of ${kit.number(kit.mean(first))}, the best of ${k} looks ${kit.number(mean)}.`);
    right.describe(`Mean of the best look against the number of looks, for ${n} individuals: ${points.filter((_, i) => i % 3 === 0).map(([looked, value]) => `${kit.number(value)} after ${looked}`).join(", ")}.`);
    board.say(
      `Nothing can be predicted here. Still the best of ${kit.plural(k, "look")} at ${n} individuals shows a correlation of ${kit.number(mean, 3)} on average (expected: ${kit.number(expected, 3)}), and one above 0.10 in ${kit.percent(above)} of the trainings. ` +
        (k === 1 ? "One look is honest: it is as often below zero as above." : `One look alone: ${kit.number(kit.mean(first), 3)}. ${alike.value > 0 ? `Looks that are alike (${kit.number(alike.value)}) find less to choose from.` : "Each look is a new guess."}`),
    );
  };
  board.draw(draw);
}
