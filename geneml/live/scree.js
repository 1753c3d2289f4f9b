// Keep m loadings of a relationship matrix: what L L' still tells, and where each rule stops.

// L L' of the first m columns of loadings (n x n, row by row), row by row.
export function rebuilt(loadings, n, m) {
  const table = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let total = 0;
      for (let k = 0; k < m; k += 1) total += loadings[i * n + k] * loadings[j * n + k];
      table[i * n + j] = total;
      table[j * n + i] = total;
    }
  }
  return table;
}

// Size of the difference of two tables, as a share of the size of the first (Frobenius norm).
export function distance(table, other) {
  let gap = 0;
  let size = 0;
  table.forEach((value, k) => {
    gap += (value - other[k]) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(gap / size);
}

// The full symmetric table from its lower triangle, row by row.
export function unfold(lower, n) {
  const table = new Float64Array(n * n);
  let k = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1, k += 1) table[i * n + j] = table[j * n + i] = lower[k];
  }
  return table;
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const cohort = board.choice({ label: "Animals", options: data.cohorts.map((one) => [one.key, one.title]), value: data.cohorts[0].key, changed: () => {
    count.value = now().rules[0][1];
    draw();
  } });
  cohort.element.classList.add("gl-wide");
  const n = data.animals;
  const now = () => data.cohorts.find((one) => one.key === cohort.value);
  const count = board.slider({ label: "Loadings kept, m", min: 1, max: n, value: now().rules[0][1], format: kit.whole });
  now().rules.forEach(([rule], k) =>
    board.button(`Stop by the ${rule} rule`, () => {
      count.value = now().rules[k][1];
      told = `The ${rule} rule stops at ${now().rules[k][1]}. `;
      draw();
      told = "";
    }),
  );
  let told = "";
  const scree = board.chart({ title: "Scree plot", height: 260, key: [[1, "dot", "kept"], [2, "dot", "left out"], [0, "dash", "where a rule stops"]] });
  scree.element.classList.add("gl-span");
  const whole = board.chart({ title: "A, from the pedigree", key: [[1, "bar", "strongest colour: 1 or more"]] });
  const part = board.chart({ title: "", key: [[2, "bar", "below zero"]] });
  const totals = kit.table("What is left at each rule's rank", ["rule", "m", "error", "share of the trace"]);
  board.place(totals.element);
  totals.element.classList.add("gl-span");

  const map = (chart, table) => {
    chart.clear(Math.min(Math.round(chart.box.clientWidth) || 280, 300));
    const side = Math.min(chart.width, chart.drawn) / n;
    kit.heatCells(chart, table, { rows: n, limit: 1, left: 0, top: 0, wide: side, tall: side });
  };
  const share = (values, m) => values.slice(0, m).reduce((sum, one) => sum + one, 0) / values.reduce((sum, one) => sum + one, 0);
  const draw = () => {
    const { lower, loadings, eigenvalues, rules, words } = now();
    const m = count.value;
    const table = unfold(lower, n);
    const small = rebuilt(loadings, n, m);
    const error = distance(table, small);
    scree.axes({ x: { domain: [0.5, n + 0.5], label: "loading, from the largest eigenvalue", format: kit.whole }, y: { domain: [0, Math.ceil(eigenvalues[0] + 0.2)], label: "eigenvalue" } });
    const points = eigenvalues.map((value, k) => [k + 1, value]);
    rules.forEach(([rule, at], k) => {
      const px = scree.x(at + 0.5);
      scree.add("path", { d: `M${px.toFixed(1)} ${scree.area.top}V${scree.area.bottom}`, class: "gl-s0 gl-line gl-thin gl-dash" });
      scree.label(Math.min(px + 4, scree.width - 82), scree.area.top + 12 + 15 * k, `${rule} ${at}`, { quiet: true });
    });
    scree.dots(points.slice(m), 2, { size: 6 });
    scree.dots(points.slice(0, m), 1, { size: 7 });
    scree.describe(`${n} eigenvalues from ${kit.number(eigenvalues[0])} down to ${kit.number(eigenvalues[n - 1])}; ${rules.map(([rule, at]) => `the ${rule} rule keeps ${at}`).join(", ")}; ${m} are kept now.`);
    map(whole, table);
    whole.describe(`${words} Relationships as a map of ${n} by ${n} cells.`);
    part.heading(`L L′ with m = ${m}`);
    map(part, small);
    const diagonal = Array.from({ length: n }, (_, i) => small[i * n + i] / table[i * n + i]);
    part.describe(`The same map made of ${m} loadings. Of its own relationship an animal keeps between ${kit.percent(Math.max(Math.min(...diagonal), 0))} and ${kit.percent(Math.max(...diagonal))}.`);
    totals.rows(rules.map(([rule, at]) => [rule, String(at), kit.percent(distance(table, rebuilt(loadings, n, at)), 1), kit.percent(share(eigenvalues, at), 1)]));
    const same = new Set(rules.map(([, at]) => at)).size === 1;
    board.say(
      `${told}${words} ${m} of ${n} loadings are kept: L L′ misses A by ${kit.percent(error, 1)} of its size, and holds ${kit.percent(share(eigenvalues, m), 1)} of the trace. ` +
        `An animal keeps from ${kit.percent(Math.max(Math.min(...diagonal), 0))} to ${kit.percent(Math.max(...diagonal))} of its relationship with itself. ` +
        (same ? `All three rules stop at ${rules[0][1]}.` : `The rules do not agree: ${rules.map(([rule, at]) => `${rule} ${at}`).join(", ")}.`),
    );
  };
  board.draw(draw);
}
