// Rows of horizontal bars, one group a row, with their numbers written at the end.

// rows: [[name, [value, value, ...]], ...]; one series colour for each value.
export function barRows(chart, rows, { domain, label, series }, kit) {
  const several = rows[0][1].length;
  const tall = several * 15 + 12;
  const narrow = chart.box.clientWidth < 460;
  // On a phone the name stands above its bars.
  const head = narrow ? 18 : 0;
  chart.height = 50 + rows.length * (tall + head);
  const left = narrow ? 18 : 16 + 6.6 * Math.max(...rows.map(([name]) => name.length));
  const room = 40;
  chart.axes({ x: { domain, label }, y: { domain: [0, 1], ticks: [], grid: false }, left: left + (domain[0] < 0 ? room : 0), right: room + 8, top: 6 });
  const zero = chart.x(0);
  const place = (row) => chart.area.top + row * (tall + head) + head + 4;
  rows.forEach((_, row) => {
    if (row % 2 === 0) chart.add("rect", { x: 0, y: place(row) - head - 4, width: chart.width, height: tall + head, class: "gl-band" });
  });
  chart.add("path", { d: `M${zero.toFixed(1)} ${chart.area.top}V${chart.area.bottom}`, class: "gl-axis" });
  rows.forEach(([name, values], row) => {
    const top = place(row);
    chart.label(narrow ? 4 : 6, narrow ? top - 5 : top + tall / 2 - 1, name, { strong: narrow });
    values.forEach((value, i) => {
      const end = chart.x(Math.min(Math.max(value, domain[0]), domain[1]));
      const y = top + i * 15;
      chart.add("rect", { x: Math.min(zero, end).toFixed(1), y, width: Math.max(Math.abs(end - zero), 1).toFixed(1), height: 13, class: `gl-s${series[i]} gl-fill` });
      chart.label(end + (value < 0 ? -4 : 4), y + 11, kit.number(value), { anchor: value < 0 ? "end" : "start", quiet: true });
    });
  });
}
