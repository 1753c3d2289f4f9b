// A square table of numbers to walk through: arrow keys, mouse and touch choose a cell.

export function matrixGrid({ caption, chosen }, kit) {
  const head = kit.html("tr");
  const body = kit.html("tbody");
  const element = kit.html(
    "div",
    { class: "gl-table-box" },
    kit.html("table", { class: "gl-grid-table", role: "grid" }, kit.html("caption", {}, caption), kit.html("thead", {}, head), body),
  );
  let cells = [];
  let names = [];
  const at = (i, j) => cells[i * names.length + j];
  const go = (i, j, focus) => {
    mark(i, j);
    if (focus) at(i, j).focus();
    chosen(i, j);
  };
  const mark = (i, j) => {
    cells.forEach((cell, k) => {
      const here = k === i * names.length + j;
      cell.tabIndex = here ? 0 : -1;
      cell.setAttribute("aria-selected", String(here));
      cell.classList.toggle("gl-here", here || k === j * names.length + i);
    });
  };
  const place = (target) => {
    const k = cells.indexOf(target.closest("td"));
    return k < 0 ? null : [Math.floor(k / names.length), k % names.length];
  };
  body.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const from = place(event.target);
    if (!from) return;
    const last = names.length - 1;
    const ends = { Home: [from[0], 0], End: [from[0], last] }[event.key];
    if (!step && !ends) return;
    event.preventDefault();
    const [i, j] = ends ?? from.map((one, k) => Math.min(Math.max(one + step[k], 0), last));
    go(i, j, true);
  });
  for (const kind of ["pointerover", "click"]) {
    body.addEventListener(kind, (event) => {
      const to = place(event.target);
      if (to && !(kind === "pointerover" && event.pointerType === "touch")) go(...to, kind === "click");
    });
  }
  return {
    element,
    mark,
    // values: row by row; text and share (0 to 1, how dark) are functions of a value.
    fill(labels, values, text, share) {
      names = labels;
      const n = labels.length;
      head.replaceChildren(kit.html("td"), ...labels.map((name) => kit.html("th", { scope: "col" }, name)));
      cells = Array.from(values, (value, k) => {
        const cell = kit.html("td", { tabindex: "-1", class: Math.floor(k / n) === k % n ? "gl-diagonal" : null }, text(value));
        cell.style.setProperty("--share", `${Math.round(100 * share(value))}%`);
        return cell;
      });
      body.replaceChildren(...labels.map((name, i) => kit.html("tr", {}, kit.html("th", { scope: "row" }, name), ...cells.slice(i * n, (i + 1) * n))));
    },
  };
}
