// A recorded comparison: methods under one another, the published value beside each.

const PROTOCOLS = [["honest", "random folds"], ["families", "families kept together"], ["authors", "stopped on the scored fold"]];
const MEASURES = [["r", "correlation r", 3], ["mse", "MSE", 3], ["distance_correlation", "distance correlation", 3], ["calibration_slope", "calibration slope", 2], ["features", "features", 0], ["seconds", "seconds", 1]];

// Rows of one table: our mean and deviation, and the published value where there is one.
export function rowsOf(set, protocol, inputs, measure) {
  const ours = set.protocols[protocol]?.[inputs] ?? {};
  const published = set.published?.[inputs] ?? {};
  const rows = Object.entries(ours).map(([method, found]) => ({ method, folds: found.folds, mean: found[measure]?.[0] ?? null, sd: found[measure]?.[1] ?? null, published: published[method]?.[measure] ?? null }));
  return rows.filter((row) => row.mean !== null || row.published !== null);
}

// Ends of an axis that holds all of a table, with a little room.
export function domainOf(rows, measure) {
  const ends = rows.flatMap(({ mean, sd, published }) => [mean - (sd ?? 0), mean + (sd ?? 0), mean, published].filter((v, i) => Number.isFinite(v) && (i === 3 ? published : mean) !== null));
  if (measure === "seconds") {
    const positive = ends.filter((v) => v > 0);
    return [10 ** Math.floor(Math.log10(Math.min(...positive))), 10 ** Math.ceil(Math.log10(Math.max(...positive)))];
  }
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  return [["features", "distance_correlation"].includes(measure) ? Math.min(0, low) : low - room, high + room];
}

function drawRows(chart, rows, { domain, log, label, digits, base }, kit) {
  const narrow = chart.box.clientWidth < 520;
  const tall = narrow ? 42 : 26;
  chart.height = 56 + Math.max(rows.length, 1) * tall;
  const left = narrow ? 20 : 20 + 6.9 * Math.max(...rows.map(({ method }) => method.length), 1);
  const wanted = Math.max(2, Math.floor((chart.box.clientWidth - left) / 70));
  const marks = log ? undefined : kit.ticks(domain, wanted);
  chart.axes({ x: { domain, label, log, ...(marks ? { ticks: marks } : { format: (v) => (/^1/.test(String(v)) || v === 0.1 || v === 0.01 ? String(v) : "") }) }, y: { domain: [0, 1], ticks: [], grid: false }, left, right: narrow ? 20 : 66, top: 6 });
  const { area } = chart;
  rows.forEach((_, row) => {
    if (row % 2 === 0) chart.add("rect", { x: 0, y: area.top + row * tall, width: chart.width, height: tall, class: "gl-band" });
  });
  if (base !== null && base !== undefined) chart.rule({ x: base }, 1);
  rows.forEach(({ method, mean, low, high, published, text }, row) => {
    const top = area.top + row * tall;
    const y = top + (narrow ? 30 : tall / 2);
    const at = (v) => chart.x(Math.min(Math.max(v, domain[0]), domain[1])).toFixed(1);
    chart.label(4, narrow ? top + 15 : y + 4, method);
    if (mean !== null) {
      if (low !== null) chart.add("path", { d: `M${at(low)} ${y}H${at(high)}`, class: "gl-s1 gl-line" });
      chart.add("circle", { cx: at(mean), cy: y, r: 4.5, class: "gl-s1 gl-fill" });
    }
    if (published !== null && published !== undefined) chart.add("circle", { cx: at(published), cy: y, r: 5.5, class: "gl-s2 gl-line" });
    chart.label(chart.width - 4, narrow ? top + 15 : y + 4, text ?? (mean === null ? "–" : kit.number(mean, digits)), { anchor: "end", quiet: true });
  });
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const sets = data.sets;
  const pick = (label, options, value, wide) => {
    const made = board.choice({ label, options, value });
    if (wide) made.element.classList.add("gl-wide");
    return made;
  };
  const set = pick("Data and trait", sets.map(({ label }, i) => [String(i), label]), "0", true);
  const protocol = pick("Folds", PROTOCOLS, "honest", true);
  const inputs = pick("Inputs", [["markers", "markers"], ["markers and loadings", "markers and loadings"]], "markers and loadings");
  const measure = pick("Measure", MEASURES.map(([name, text]) => [name, text]), "r", true);
  const against = pick("Differences", [["minus_gblup", "from GBLUP"], ["gain_of_loadings", "what loadings add"]], "minus_gblup");
  const table = board.chart({ title: "", key: [[1, "dot", "ours: mean, and deviation over folds"], [2, "line", "published (rings)"], [1, "dash", "GBLUP, the one to beat"]] });
  const gaps = board.chart({ title: "", key: [[1, "dot", "mean difference, with its 95 % interval"]] });
  for (const chart of [table, gaps]) chart.element.classList.add("gl-span");
  board.draw(() => {
    const one = sets[Number(set.value)];
    const missing = !one.protocols[protocol.value];
    const run = missing ? "honest" : protocol.value;
    const words = PROTOCOLS.find(([name]) => name === run)[1];
    const [name, text, digits] = MEASURES.find(([key]) => key === measure.value);
    const rows = rowsOf(one, run, inputs.value, name).map((row) => ({ ...row, low: row.mean === null || row.sd === null ? null : row.mean - row.sd, high: row.mean === null || row.sd === null ? null : row.mean + row.sd }));
    const gblup = rows.find(({ method }) => method === "GBLUP");
    table.heading(`${text}: ${one.label}, ${inputs.value}, ${words}`);
    drawRows(table, rows, { domain: domainOf(rows, name), log: name === "seconds", label: name === "seconds" ? "seconds for a fold" : text, digits, base: gblup?.mean ?? null }, kit);
    table.describe(rows.map(({ method, mean, sd, published, folds }) => `${method}: ${mean === null ? "none" : kit.number(mean, digits)}${sd === null ? "" : ` ± ${kit.number(sd, digits)}`} over ${folds} folds${published === null ? "" : `, published ${kit.number(published, digits)}`}`).join("; "));
    const score = name === "mse" ? "mse" : "r";
    const compared = one.differences[run]?.[against.value] ?? {};
    const chosen = Object.entries(against.value === "minus_gblup" ? compared[inputs.value] ?? {} : compared).map(([method, found]) => ({ method, mean: found[score][0], low: found[score][0] - found[score][1], high: found[score][0] + found[score][1], published: null, won: found.won, lost: found.lost, text: kit.signed(found[score][0], 3) }));
    const what = score === "mse" ? "MSE" : "r";
    gaps.heading(against.value === "minus_gblup" ? `${what} minus that of GBLUP: ${one.label}, ${inputs.value}` : `${what} with loadings minus without: ${one.label}`);
    const ends = chosen.flatMap(({ low, high }) => [low, high]);
    const reach = Math.max(...ends.map(Math.abs), 0.01) * 1.08;
    drawRows(gaps, chosen, { domain: [-reach, reach], log: false, label: `difference in ${what}`, digits: 3, base: 0 }, kit);
    gaps.describe(chosen.map(({ method, mean, low, high, won, lost }) => `${method} ${kit.signed(mean, 3)}, interval ${kit.signed(low, 3)} to ${kit.signed(high, 3)}, better correlation in ${won} of ${won + lost} folds`).join("; "));
    // Smaller errors are better, larger correlations are.
    const better = chosen.filter(({ low, high }) => (score === "mse" ? high < 0 : low > 0)).map(({ method }) => method);
    const worse = chosen.filter(({ low, high }) => (score === "mse" ? low > 0 : high < 0)).map(({ method }) => method);
    const list = (all) => (all.length ? all.join(", ") : "none");
    const scored = gblup && gblup.mean !== null ? `GBLUP has ${text} ${kit.number(gblup.mean, digits)} there. ` : "";
    const theirs = rows.filter(({ published }) => published !== null);
    const far = theirs.length ? `Published, for ${theirs.length} of these methods: ${kit.number(Math.min(...theirs.map((row) => row.published)), digits)} to ${kit.number(Math.max(...theirs.map((row) => row.published)), digits)}. ` : "Nothing is published beside these. ";
    board.say(
      `${missing ? `There is no such run for the ${one.label}; random folds are shown. ` : ""}${one.label}, ${words}, ${inputs.value}: ${scored}${far}` +
        (against.value === "minus_gblup" ? `Intervals clear of zero in ${what}: better than GBLUP ${list(better)}; worse ${list(worse)}.` : `Intervals clear of zero in ${what}: loadings help ${list(better)}; hurt ${list(worse)}.`),
    );
  });
}
