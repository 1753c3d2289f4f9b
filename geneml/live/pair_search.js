// How many pairs there are to test, and what is left of the power to find one.

export const pairsOf = (loci) => (loci * (loci - 1)) / 2;
const SCREENED = 50;

// Tests made: all pairs, pairs with one known locus, or pairs within a screened few.
export const testsMade = (loci, tested) => (tested === "all" ? pairsOf(loci) : tested === "known" ? loci - 1 : pairsOf(Math.min(SCREENED, loci)));

// Standard normal quantile of the upper tail `p`, by bisection; exact far into the tail.
export function upperQuantile(p, kit) {
  let low = -10;
  let high = 40;
  for (let i = 0; i < 100; i += 1) {
    const middle = (low + high) / 2;
    if (kit.normalCdf(-middle) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

// Power of a two-sided test at level `level`, one degree of freedom: the z score is normal with
// mean sqrt(n q / (1 - q)), q the share of the variance that the tested term explains.
export function power(n, share, level, kit) {
  const threshold = upperQuantile(level / 2, kit);
  const centre = Math.sqrt((n * share) / (1 - share));
  return kit.normalCdf(centre - threshold) + kit.normalCdf(-centre - threshold);
}

// People needed for a wanted power (the far tail, below one in 10^6, is left out).
export const peopleNeeded = (wanted, share, level, kit) =>
  ((upperQuantile(level / 2, kit) + upperQuantile(1 - wanted, kit)) ** 2 * (1 - share)) / share;

// What markers see of a share of the variance: r2 of each causal locus with its marker enters once.
export const seen = (share, r2, loci) => share * r2 ** loci;

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const round = (v) => Number(v.toPrecision(2));
  const loci = board.slider({ label: "Loci", min: 10, max: 1e6, step: 0.05, value: data.loci, scale: "log", format: (v) => kit.whole(round(v)) });
  const people = board.slider({ label: "People", min: 100, max: 1e6, step: 0.05, value: data.people, scale: "log", format: (v) => kit.whole(round(v)) });
  const share = board.slider({ label: "Variance that the pair explains", min: 0.0002, max: 0.2, step: 0.05, value: data.variance, scale: "log", format: (v) => kit.percent(round(v), v < 0.01 ? 2 : 1) });
  const r2 = board.slider({ label: "r² of a marker with its causal locus", min: 0.1, max: 1, step: 0.05, value: data.r2 });
  const tested = board.choice({ label: "Which pairs are tested", options: [["all", "all"], ["known", "with one known locus"], ["screened", `within ${SCREENED} screened loci`]], value: data.tested });
  const tests = board.chart({ title: "Tests to be made", height: 240, key: [[0, "line", "single loci"], [1, "line", "pairs"], [4, "line", "threes"]] });
  const curve = board.chart({ title: "Chance to find it", height: 240, key: [[1, "line", "the pair"], [0, "dash", "one locus of the same variance"]] });
  board.draw(() => {
    const p = round(loci.value);
    const n = round(people.value);
    const q = round(share.value);
    const made = testsMade(p, tested.value);
    const level = data.alpha / made;
    const pair = seen(q, r2.value, 2);
    const single = seen(q, r2.value, 1);
    const now = power(n, pair, level, kit);
    const alone = power(n, single, data.alpha / p, kit);
    const need = peopleNeeded(0.8, pair, level, kit);
    const limit = `p below ${level < 0.001 ? kit.scientific(level) : kit.number(level, 3)}`;
    const chance = (value) => (value > 0.99 ? "over 99 %" : value < 0.01 ? "under 1 %" : kit.percent(value));
    const grid = Array.from({ length: 61 }, (_, i) => 10 ** (1 + i / 12));
    const tens = (v) => (v < 1000 ? String(v) : `10${Array.from(String(Math.round(Math.log10(v))), (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("")}`);
    tests.axes({ x: { domain: [10, 1e6], log: true, label: "loci", ticks: [10, 1000, 1e5], format: tens }, y: { domain: [10, 1e18], log: true, label: "tests", ticks: [1e3, 1e6, 1e9, 1e12, 1e15, 1e18], format: tens } });
    [[0, (v) => v], [1, pairsOf], [4, (v) => (v * (v - 1) * (v - 2)) / 6]].forEach(([series, count]) => tests.line(grid.map((v) => [v, Math.max(count(v), 10)]), series));
    tests.rule({ x: p }, 0);
    tests.dots([[p, Math.max(made, 10)]], 1, { size: 10 });
    tests.describe(`${kit.whole(p)} loci make ${kit.whole(pairsOf(p))} pairs; ${kit.whole(made)} are tested, each at ${limit}.`);
    const sizes = Array.from({ length: 81 }, (_, i) => 10 ** (2 + i / 20));
    curve.axes({ x: { domain: [100, 1e6], log: true, label: "people", ticks: [100, 1000, 1e4, 1e5, 1e6], format: tens }, y: { domain: [0, 1], label: "power", format: (v) => kit.percent(v) } });
    curve.line(sizes.map((v) => [v, power(v, single, data.alpha / p, kit)]), 0, { dash: true });
    curve.line(sizes.map((v) => [v, power(v, pair, level, kit)]), 1);
    curve.rule({ x: n }, 0);
    curve.dots([[n, now]], 1, { size: 10 });
    curve.describe(`With ${kit.whole(n)} people: ${chance(now)} for the pair, ${chance(alone)} for one locus.`);
    const tagged = r2.value < 0.995 ? ` Markers see only ${kit.percent(r2.value ** 2)} of it: for a pair, r² counts twice.` : "";
    const verdict = need > 1e9 ? "more than a thousand million people" : `about ${kit.whole(Number(need.toPrecision(2)))} people`;
    board.say(`${kit.whole(made)} tests ask for ${limit} in each. A pair that explains ${kit.percent(q, q < 0.01 ? 2 : 1)} of the variance is then found with a chance of ${chance(now)}; a single locus that explains as much, among ${kit.whole(p)} tests, with ${chance(alone)}.${tagged} For a chance of 80 % the pair needs ${verdict}.`);
  });
}
