// Two related traits: what a prediction of one can add to a prediction of the other.

// Genetic values of two traits whose correlation is exactly the one asked for.
export function values(correlation, n, seed, kit) {
  const random = kit.generator(seed);
  const standard = (numbers) => {
    const centre = kit.mean(numbers);
    const deviation = Math.sqrt(kit.variance(numbers, 0));
    return numbers.map((number) => (number - centre) / deviation);
  };
  const source = standard(random.normals(n));
  const raw = standard(random.normals(n));
  const overlap = kit.mean(raw.map((value, i) => value * source[i]));
  const own = standard(raw.map((value, i) => value - overlap * source[i]));
  const rest = Math.sqrt(1 - correlation ** 2);
  return { source, target: source.map((value, i) => correlation * value + rest * own[i]) };
}

// Reliability of the best weighing of two predictions that come from different people.
export const reliability = (own, other, correlation) => {
  const shared = correlation ** 2 * other;
  return (own + shared - 2 * own * shared) / (1 - own * shared);
};

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const correlation = board.slider({ label: "Genetic correlation", min: -1, max: 1, step: 0.05, value: data.correlation });
  const own = board.slider({ label: "Reliability of the target's prediction", min: 0, max: 0.95, step: 0.05, value: data.own });
  const other = board.slider({ label: "Reliability of the source's prediction", min: 0, max: 0.95, step: 0.05, value: data.other });
  const cloud = board.chart({ title: "300 people", key: [[1, "dot", "genetic values of a person"]] });
  const curve = board.chart({ title: "What both together tell about the target", key: [[1, "line", "both, weighed"], [2, "dash", "the target's own"]] });
  board.draw(() => {
    const r = correlation.value;
    const people = values(r, 300, data.seed, kit);
    cloud.axes({ x: { domain: [-3.2, 3.2], label: "source" }, y: { domain: [-3.2, 3.2], label: "target" } });
    cloud.dots(Array.from(people.source, (x, i) => [x, people.target[i]]), 1, { faint: true });
    const both = reliability(own.value, other.value, r);
    curve.axes({ x: { domain: [-1, 1], label: "genetic correlation" }, y: { domain: [0, 1], label: "reliability" } });
    curve.rule({ y: own.value }, 2);
    curve.line(Array.from({ length: 81 }, (_, i) => [-1 + i / 40, reliability(own.value, other.value, -1 + i / 40)]), 1);
    curve.dots([[r, both]], 1, { size: 11 });
    cloud.describe(`Genetic values of target against source; their correlation is ${kit.number(r)}.`);
    curve.describe(`Reliability of both predictions together against the genetic correlation; ${kit.number(both)} at ${kit.number(r)}, where the target's own has ${kit.number(own.value)}.`);
    board.say(
      `The target's own prediction explains ${kit.percent(own.value)} of its genetic variance. With the source's beside it, ${kit.percent(both)}: a gain of ${kit.number(both - own.value)}. ` +
        (r < 0 ? "A negative correlation helps as much as a positive one: its sign is turned back. " : "") +
        (Math.abs(r) < 0.05 ? "Without a correlation the source has nothing to say." : `A correlation of ${kit.number(r)} counts its square, ${kit.number(r ** 2)}.`),
    );
  });
}
