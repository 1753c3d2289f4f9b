// Letters become numbers: four ways to code a sequence, and the distances each implies.

const LETTERS = ["A", "C", "G", "T"];
const PURINES = { A: 1, G: 1, C: 0, T: 0 };
const STRONG = { A: 0, T: 0, C: 1, G: 1 };

// Rows of numbers per base; N has no base, so all its numbers are zero (or missing).
export const CODES = {
  one_hot: { name: "one-hot", rows: LETTERS, code: (letter) => LETTERS.map((one) => Number(one === letter)) },
  integer: { name: "one integer", rows: ["code"], code: (letter) => [LETTERS.indexOf(letter) + 1] },
  chemistry: {
    name: "two properties",
    rows: ["purine", "3 bonds"],
    code: (letter) => [PURINES[letter] ?? 0, STRONG[letter] ?? 0],
  },
};

export const distance = (a, b) => Math.sqrt(a.reduce((total, value, i) => total + (value - b[i]) ** 2, 0));

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const most = 40;
  const help = "Up to 40 letters: A, C, G, T, and N where the base is unknown.";
  const field = board.textField({ label: "Sequence", value: data.sequence, help });
  const choice = board.choice({ label: "Code", options: Object.entries(CODES).map(([key, { name }]) => [key, name]), value: "one_hot" });
  const grid = board.chart({ title: "What the network receives", height: 190 });
  const gaps = board.chart({ title: "Distance between two bases in this code", height: 190 });
  field.input.setAttribute("maxlength", most);
  board.draw(() => {
    const typed = field.value.toUpperCase().replaceAll(/\s/g, "").slice(0, most);
    const strange = [...new Set(Array.from(typed).filter((letter) => !"ACGTN".includes(letter)))];
    field.input.setAttribute("aria-invalid", strange.length > 0 ? "true" : "false");
    field.note.textContent = strange.length ? `Not a base: ${strange.join(", ")}. A careful encoder stops here; this figure leaves them out.` : help;
    const letters = Array.from(typed).filter((letter) => "ACGTN".includes(letter));
    const { rows, code, name } = CODES[choice.value];
    const numbers = letters.map(code);
    const margin = rows[0].length > 1 ? 62 : 26;
    // Long sequences wrap, so that every number stays readable on a phone.
    grid.clear(10);
    const columns = Math.max(1, Math.min(Math.max(letters.length, 8), Math.floor((grid.width - margin) / 24)));
    const cell = Math.min(34, (grid.width - margin) / columns);
    const lines = Math.max(1, Math.ceil(letters.length / columns));
    const block = 28 + rows.length * 26;
    grid.clear(Math.max(lines * block + 6, 60));
    rows.forEach((row, r) => {
      for (let line = 0; line < lines; line += 1) grid.label(margin - 8, 40 + line * block + r * 26, row, { anchor: "end", quiet: true });
    });
    letters.forEach((letter, i) => {
      const x = margin + (i % columns) * cell;
      const y = Math.floor(i / columns) * block;
      grid.label(x + cell / 2, y + 17, letter, { anchor: "middle", strong: true, series: letter === "N" ? 0 : kit.baseColour(letter) });
      numbers[i].forEach((value, r) => {
        const on = value > 0;
        grid.add("rect", { x: x + 1, y: y + 23 + r * 26, width: cell - 2, height: 24, rx: 3, class: on ? `gl-s${choice.value === "one_hot" ? kit.baseColour(letter) : 1} gl-fill` : "gl-cell" });
        grid.add("text", { x: x + cell / 2, y: y + 40 + r * 26, "text-anchor": "middle", class: `gl-text-svg gl-bare ${on ? "gl-reverse" : "gl-quiet"}` }, String(value));
      });
    });
    gaps.clear(190);
    const side = Math.min(64, (gaps.width - 30) / 4);
    const codes = LETTERS.map(code);
    const all = [];
    LETTERS.forEach((one, i) => {
      gaps.label(30 + (i + 0.5) * side, 16, one, { anchor: "middle", strong: true });
      gaps.label(14, 22 + (i + 0.5) * 40 + 4, one, { anchor: "middle", strong: true });
      LETTERS.forEach((_, j) => {
        const gap = distance(codes[i], codes[j]);
        if (i < j) all.push(gap);
        const box = gaps.add("rect", { x: 31 + j * side, y: 23 + i * 40, width: side - 2, height: 38, rx: 3, class: i === j ? "gl-cell" : "gl-s1 gl-fill" });
        if (i !== j) box.setAttribute("fill-opacity", 0.08 + 0.14 * gap);
        gaps.add("text", { x: 30 + (j + 0.5) * side, y: 46 + i * 40, "text-anchor": "middle", class: "gl-text-svg gl-bare" }, kit.number(gap, 2));
      });
    });
    const even = Math.max(...all) - Math.min(...all) < 1e-9;
    const size = `${kit.plural(letters.length, "base")} in the ${name} code: ${kit.plural(letters.length * rows.length, "number")}.`;
    grid.describe(`${size} ${letters.slice(0, 6).map((letter, i) => `${letter} is ${numbers[i].join(" ")}`).join("; ")}.`);
    gaps.describe(even ? `Every pair of different bases is ${kit.number(all[0])} apart.` : `Distances run from ${kit.number(Math.min(...all))} to ${kit.number(Math.max(...all))}.`);
    const unknown = letters.includes("N") ? " N gets zeros: no base is claimed." : "";
    const lesson = {
      one_hot: "Every base is equally far from every other, so the code claims no order.",
      integer: "The code claims that T is three times as far from A as C is. Chemistry knows no such order, and the network has to unlearn it.",
      chemistry: "Half the numbers, and bases that share a property are closer. That helps only where the property matters.",
    }[choice.value];
    board.say(`${size} ${lesson}${unknown}`);
  });
}
