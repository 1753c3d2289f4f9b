// Two loci, the table of their genotype values, and what interaction is on which scale.

// Genotype values base + a x_A + b x_B + interaction x_A x_B, by copies at A, then at B.
export const genotypeValues = ({ base, effects: [a, b], interaction }, copies) =>
  copies.map((i) => copies.map((j) => base + a * i + b * j + interaction * i * j));

export const SCALES = {
  value: { name: "the value itself", of: (v) => v },
  log: { name: "its logarithm (base 2)", of: (v) => Math.log2(v) },
  exp: { name: "2 to its power", of: (v) => 2 ** v },
};

// Interaction score of each cell: both changes - one - the other + none.
export const scores = (table) => table.map((row, i) => row.map((value, j) => value - table[i][0] - table[0][j] + table[0][0]));

// The interaction at which effects multiply on the scale of the value, so that they add up in its
// logarithm: (base + a x)(base + b y) / base.
export const multiplying = ({ base, effects: [a, b] }) => (a * b) / base;

// Does a step at one locus raise the trait on one background, and lower it or do nothing on
// another? A strictly monotone change of scale keeps the direction of every step, so none makes
// such lines parallel. Returns the locus, or -1.
export function fixedByScale(table) {
  const differ = (rows) =>
    rows[0].some((_, from) =>
      rows[0].some((__, to) => new Set(rows.map((row) => Math.sign(Math.round((row[to] - row[from]) * 1e9)))).size > 1),
    );
  if (differ(table[0].map((_, j) => table.map((row) => row[j])))) return 0;
  return differ(table) ? 1 : -1;
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const a = board.slider({ label: "Effect of a copy at A", min: -2, max: 2, step: 0.25, value: data.effects[0], format: (v) => kit.signed(v) });
  const b = board.slider({ label: "Effect of a copy at B", min: -2, max: 2, step: 0.25, value: data.effects[1], format: (v) => kit.signed(v) });
  const interaction = board.slider({ label: "Interaction A × B", min: -2, max: 2, step: 0.05, value: data.interaction, format: (v) => kit.signed(v) });
  const base = board.slider({ label: "Value without either", min: 2, max: 10, step: 0.5, value: data.base, format: (v) => kit.number(v, 1) });
  const scaling = board.choice({ label: "Measure the trait as", options: Object.entries(SCALES).map(([key, { name }]) => [key, name]), value: data.scale });
  const loci = board.choice({ label: "Genotypes", options: [["haploid", "0 or 1 copy"], ["diploid", "0, 1 or 2 copies"]], value: data.loci });
  const multiply = board.toggle({ label: "Let the effects multiply", value: false });
  const state = () => {
    const made = { base: base.value, effects: [a.value, b.value] };
    interaction.input.disabled = multiply.value;
    interaction.input.step = multiply.value ? "any" : 0.05; // the slider then holds the exact product
    if (multiply.value) interaction.value = multiplying(made);
    return { ...made, interaction: multiply.value ? multiplying(made) : interaction.value };
  };
  const plot = board.chart({ title: "Trait by copies at A, one line for each genotype at B", height: 250 });
  const values = kit.html("div", { class: "gl-chart gl-stack" });
  board.place(values);
  const draw = () => {
    const copies = loci.value === "diploid" ? [0, 1, 2] : [0, 1];
    const truth = state();
    const raw = genotypeValues(truth, copies);
    const { of, name } = SCALES[scaling.value];
    const possible = scaling.value !== "log" || raw.flat().every((value) => value > 0);
    const table = possible ? raw.map((row) => row.map(of)) : raw;
    const score = scores(table);
    const digits = Math.max(...table.flat().map(Math.abs)) >= 100 ? 0 : 2;
    const cells = kit.table("Trait", ["", ...copies.map((j) => `B ${j}`)]);
    cells.rows(copies.map((i) => [`A ${i}`, ...table[i].map((value) => kit.number(value, digits))]));
    const second = kit.table("Interaction score: both − A − B + none", ["", ...copies.slice(1).map((j) => `B ${j}`)]);
    second.rows(copies.slice(1).map((i) => [`A ${i}`, ...score[i].slice(1).map((value) => kit.signed(value, digits))]));
    values.replaceChildren(cells.element, second.element);
    const flat = table.flat();
    const pad = Math.max((Math.max(...flat) - Math.min(...flat)) * 0.12, 0.1);
    plot.keys(copies.map((j) => [j + 1, j ? "dash" : "line", `B ${j}`]));
    plot.axes({ right: 34, x: { domain: [-0.2, copies.at(-1) + 0.1], ticks: copies, format: kit.whole, label: "copies at A" }, y: { domain: [Math.min(...flat) - pad, Math.max(...flat) + pad], label: "trait" } });
    copies.forEach((j) => {
      const points = copies.map((i) => [i, table[i][j]]);
      plot.line(points, j + 1, { dash: j > 0 });
      plot.dots(points, j + 1, { size: 9 });
      plot.label(plot.x(copies.at(-1)) + 9, plot.y(table[copies.at(-1)][j]) + 4, `B ${j}`, { series: j + 1 });
    });
    // What the corner would be if the two effects simply added up.
    const far = copies.at(-1);
    const added = table[far][far] - score[far][far];
    const size = Math.max(...flat) - Math.min(...flat) || 1;
    const parallel = copies.every((i) => copies.every((j) => Math.abs(score[i][j]) < 1e-9 * Math.max(size, 1)));
    if (!parallel) {
      plot.dots([[far, added]], 0, { size: 7 });
      plot.label(plot.x(far) - 9, plot.y(added) + 4, "if they added up", { anchor: "end", quiet: true });
    }
    plot.describe(`${parallel ? "The lines are parallel" : "The lines are not parallel"}. Trait without either ${kit.number(table[0][0], digits)}, A alone ${kit.number(table[1][0], digits)}, B alone ${kit.number(table[0][1], digits)}, both ${kit.number(table[1][1], digits)}.`);
    if (!possible) {
      board.say("Some genotype has a value of zero or less, which has no logarithm; the value itself is shown. Raise the value without either locus.");
      return;
    }
    const sum = `${kit.number(table[1][1], digits)} − ${kit.number(table[1][0], digits)} − ${kit.number(table[0][1], digits)} + ${kit.number(table[0][0], digits)} = ${kit.signed(score[1][1], digits)}`.replaceAll("− −", "+ ");
    const sign = fixedByScale(table);
    const made = scaling.value !== "value" && Math.abs(truth.interaction) < 1e-9 && a.value && b.value;
    const cured = scaling.value === "log" && parallel && Math.abs(truth.interaction) > 1e-9;
    const moral = sign >= 0 ? `A step at ${"AB"[sign]} goes another way, or nowhere, when the other locus changes: no change of scale can make these lines parallel.`
      : parallel && cured ? "The effects multiply, so their logarithms add up: the interaction belonged to the scale, not to the loci."
        : parallel ? "The lines are parallel: the effects add up."
          : made ? `The effects add up in the value itself; measuring ${name} bent the lines. This interaction was made by the scale.`
            : "Every step still goes the same way on each background, so another scale may remove this interaction.";
    const twice = far === 2 ? ` With two copies of each it is ${kit.signed(score[2][2], digits)}.` : "";
    board.say(`Interaction score of one copy each: ${sum}.${twice} ${moral}`);
  };
  board.draw(draw);
}
