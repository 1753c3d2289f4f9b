// Rows of means with their intervals, one under the other, around a line at zero.

// The smallest round reach that holds all ends, so that the axis jumps seldom.
export const reachOf = (ends) => [2, 5, 10, 20, 50, 100, 200, 500, 1000].find((reach) => ends.every((end) => Math.abs(end) <= reach)) ?? Math.max(...ends.map(Math.abs));

// rows: [[name, mean, half width, series colour], ...].
export function intervalRows(chart, rows, { label, digits = 1 }, kit) {
  const narrow = chart.box.clientWidth < 460;
  // On a phone the name stands above its interval.
  const tall = narrow ? 40 : 25;
  const ends = rows.flatMap(([, mean, half]) => [mean - half, mean + half]);
  const high = reachOf(ends.map((end) => Math.max(end, 0)));
  const low = -reachOf(ends.map((end) => Math.min(end, 0)));
  chart.height = 56 + rows.length * tall;
  const left = narrow ? 20 : 16 + 6.7 * Math.max(...rows.map(([name]) => name.length));
  const wanted = Math.max(2, Math.floor((chart.box.clientWidth - left) / 70));
  chart.axes({ x: { domain: [low, high], label, ticks: kit.ticks([low, high], wanted), format: (v) => kit.signed(v, 0) }, y: { domain: [0, 1], ticks: [], grid: false }, left, right: narrow ? 20 : 62, top: 6 });
  const { area } = chart;
  rows.forEach((_, row) => {
    if (row % 2 === 0) chart.add("rect", { x: 0, y: area.top + row * tall, width: chart.width, height: tall, class: "gl-band" });
  });
  chart.add("path", { d: `M${chart.x(0).toFixed(1)} ${area.top}V${area.bottom}`, class: "gl-axis" });
  rows.forEach(([name, mean, half, series], row) => {
    const top = area.top + row * tall;
    const y = top + (narrow ? 29 : tall / 2);
    chart.label(4, narrow ? top + 15 : y + 4, name);
    chart.add("path", { d: `M${chart.x(mean - half).toFixed(1)} ${y}H${chart.x(mean + half).toFixed(1)}`, class: `gl-s${series} gl-line` });
    chart.add("circle", { cx: chart.x(mean).toFixed(1), cy: y, r: 4.5, class: `gl-s${series} gl-fill` });
    chart.label(chart.width - 4, narrow ? top + 15 : y + 4, kit.signed(mean, digits), { anchor: "end", quiet: true });
  });
}
