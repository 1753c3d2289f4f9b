// Replicate studies and their intervals: how often does an interval hold the truth?

// One study: its mean and Student t interval.
export function study(values, confidence, kit) {
  const centre = kit.mean(values);
  const n = values.length;
  const half = kit.studentTQuantile(0.5 + confidence / 2, n - 1) * Math.sqrt(kit.variance(values) / n);
  return { mean: centre, low: centre - half, high: centre + half };
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const longest = 200;
  const shown = 40;
  let count = 1;
  const restart = () => {
    count = 1;
    draw();
  };
  const size = board.slider({ label: "Measurements in each study", min: 2, max: 50, value: data.size, format: kit.whole, changed: () => draw() });
  const confidence = board.choice({ label: "Confidence", options: [["0.5", "50 %"], ["0.8", "80 %"], ["0.95", "95 %"], ["0.99", "99 %"]], value: "0.95" });
  const more = (extra) => () => {
    count = Math.min(longest, count + extra);
    draw();
  };
  const one = board.button("One more study", more(1));
  const many = board.button("Twenty more", more(20));
  board.button("Start again", restart);
  const rows = board.chart({ title: `The last ${shown} studies`, height: 330, key: [[1, "line", "interval holds the truth"], [2, "dash", "interval misses it"]] });
  const pile = board.chart({ title: "All study means", height: 330, key: [[1, "bar", "means of studies"], [0, "dash", "true value"]] });
  const draw = () => {
    one.disabled = count >= longest;
    many.disabled = count >= longest;
    const level = Number(confidence.value);
    const random = kit.generator(data.seed);
    const studies = Array.from({ length: count }, () => {
      const values = Array.from({ length: 50 }, () => data.truth + data.spread * random.normal());
      return study(values.slice(0, size.value), level, kit);
    });
    const reach = 4.2 * data.spread * Math.max(1 / Math.sqrt(size.value), 0.16) * (size.value < 5 ? 2 : 1);
    const domain = [data.truth - reach, data.truth + reach];
    const clip = (value) => Math.min(Math.max(value, domain[0]), domain[1]);
    const hits = studies.filter(({ low, high }) => low <= data.truth && data.truth <= high).length;
    rows.axes({ x: { domain, label: "estimate" }, y: { domain: [0, shown], ticks: [], grid: false }, top: 8, left: 8 });
    rows.rule({ x: data.truth });
    studies.slice(-shown).forEach(({ mean, low, high }, i) => {
      const hit = low <= data.truth && data.truth <= high;
      const y = shown - i - 0.5;
      rows.line([[clip(low), y], [clip(high), y]], hit ? 1 : 2, { dash: !hit });
      if (mean > domain[0] && mean < domain[1]) rows.dots([[mean, y]], hit ? 1 : 2, { size: 6 });
    });
    const bins = kit.histogram(studies.map(({ mean }) => mean), domain, 24);
    const tallest = Math.max(4, ...bins.map((bin) => bin[2]));
    pile.axes({ x: { domain, label: "estimate" }, y: { domain: [0, tallest], label: "studies", format: kit.whole, ticks: kit.ticks([0, tallest], 5).filter(Number.isInteger) } });
    for (const [low, high, height] of bins) if (height) pile.bar(low, high, 0, height, 1);
    pile.rule({ x: data.truth });
    const average = kit.mean(studies.map(({ mean }) => mean));
    rows.describe(`${hits} of ${count} intervals hold the true value ${kit.number(data.truth)}.`);
    pile.describe(`${kit.plural(count, "study mean")}, centred on ${kit.number(average, 3)}.`);
    board.say(
      count === 1
        ? `One study measured ${kit.number(studies[0].mean, 3)}, with a ${kit.percent(level)} interval from ${kit.number(studies[0].low, 3)} to ${kit.number(studies[0].high, 3)}. The truth is ${kit.number(data.truth, 2)}. Draw more studies.`
        : `${hits} of ${count} intervals (${kit.percent(hits / count)}) hold the true value; ${kit.percent(level)} are expected to. ${count < 60 ? "Few studies: expect this share to wander." : "A single interval never tells whether it is one of the misses."}`,
    );
  };
  board.draw(draw);
}
