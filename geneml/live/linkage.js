// Recombination breaks haplotypes up; linkage disequilibrium fades with distance and time.

const MARKERS = 41;
const SHOWN = 24;

// Haplotypes of a large random-mating population founded by two lines: at each step along the
// chromosome the ancestor stays the same with probability (1 - c)^t and is drawn anew otherwise.
export function haplotypes({ count, generations, centimorgans, share, seed }, kit) {
  const random = kit.generator(seed);
  const stay = (1 - recombination(centimorgans / (MARKERS - 1))) ** generations;
  return Array.from({ length: count }, () => {
    const ancestors = new Uint8Array(MARKERS);
    for (let k = 0; k < MARKERS; k += 1) {
      // Both numbers are drawn at every marker, so that a slider changes as little as possible.
      const keep = random.uniform() < stay;
      const anew = random.uniform() < share ? 1 : 0;
      ancestors[k] = k > 0 && keep ? ancestors[k - 1] : anew;
    }
    return ancestors;
  });
}

// Haldane's map function: recombination fraction over a distance in centimorgans.
export const recombination = (centimorgans) => 0.5 * (1 - Math.exp(-centimorgans / 50));

// r2 expected after t generations, from complete disequilibrium: (1 - c)^(2t).
export const expectedR2 = (centimorgans, generations) => (1 - recombination(centimorgans)) ** (2 * generations);

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const generations = board.slider({ label: "Generations since the lines met", min: 0, max: 200, value: data.generations, format: kit.whole });
  const length = board.slider({ label: "Chromosome length (cM)", min: 1, max: 100, value: data.length, format: kit.whole });
  const causal = board.slider({ label: "Causal locus at marker", min: 1, max: MARKERS, value: Math.ceil(MARKERS / 2), format: kit.whole });
  const picture = board.chart({ title: `${SHOWN} chromosomes, coloured by founder line`, height: 250, key: [[1, "bar", "line 1"], [2, "bar", "line 2"]] });
  const curve = board.chart({ title: "How well each marker tells the causal allele", height: 250, key: [[1, "dot", "r² in 400 chromosomes"], [3, "line", "expected r²"]] });
  board.draw(() => {
    const sample = haplotypes({ count: 400, generations: generations.value, centimorgans: length.value, share: 0.5, seed: data.seed }, kit);
    const place = (k) => (k / (MARKERS - 1)) * length.value;
    const focus = causal.value - 1;
    const domain = [-length.value / 80, length.value * (1 + 1 / 80)];
    const x = { domain, label: "position (cM)" };
    picture.axes({ x, y: { domain: [0, SHOWN], ticks: [], grid: false }, top: 14, left: 30 });
    for (let i = 0; i < SHOWN; i += 1) {
      let from = 0;
      for (let k = 1; k <= MARKERS; k += 1) {
        if (k < MARKERS && sample[i][k] === sample[i][from]) continue;
        const ends = [place(from - 0.5), place(k - 0.5)].map((at) => Math.min(Math.max(at, domain[0]), domain[1]));
        picture.bar(...ends, SHOWN - i - 0.9, SHOWN - i - 0.1, sample[i][from] ? 1 : 2, { faint: !sample[i][from] });
        from = k;
      }
    }
    picture.rule({ x: place(focus) }, 0);
    const truth = sample.map((one) => one[focus]);
    const r2 = Array.from({ length: MARKERS }, (_, k) => kit.correlation(sample.map((one) => one[k]), truth) ** 2);
    curve.axes({ x, y: { domain: [0, 1], label: "r²" }, left: 30 });
    curve.rule({ x: place(focus) }, 0);
    curve.line(Array.from({ length: 201 }, (_, i) => [(i / 200) * length.value, expectedR2(Math.abs((i / 200) * length.value - place(focus)), generations.value)]), 3);
    curve.dots(r2.map((value, k) => [place(k), value]), 1, { size: 7 });
    const half = generations.value > 0 && recombinationAtHalf(generations.value);
    const words =
      generations.value === 0
        ? "No recombination yet: every marker tells the causal allele perfectly, however far away."
        : `After ${kit.plural(generations.value, "generation")}, r² is expected to fall to one half ${kit.number(half, half < 1 ? 2 : 1)} cM from the causal locus.`;
    const far = expectedR2(Math.max(place(focus), length.value - place(focus)), generations.value);
    picture.describe(`Each row is a chromosome, in blocks from two founder lines. The dashed line marks the causal locus at ${kit.number(place(focus), 1)} cM.`);
    curve.describe(`r² is 1 at the causal locus and ${kit.number(far)} is expected at the far end.`);
    board.say(`${words} ${generations.value > 40 ? "Only close neighbours still carry the signal: fine mapping is easy, but many markers are needed." : "A few markers predict well, but a marker with a strong signal need not be the causal one."}`);
  });
}

// Distance at which expectedR2 is one half, in centimorgans.
export function recombinationAtHalf(generations) {
  const c = 1 - 0.5 ** (1 / (2 * generations));
  return c < 0.5 ? -50 * Math.log(1 - 2 * c) : Infinity;
}
