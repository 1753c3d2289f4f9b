// A pedigree that the reader edits; relationships and inbreeding follow at once.
import { fromNames, layout, levels, lineTo, paths, relationships, withParent, without } from "./part_pedigree.js";
import { matrixGrid } from "./part_matrix.js";
import { selectBox } from "./part_select.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ROW = 76;

// At most four decimals, and no more than are needed; no zero before the point in the grid.
export const short = (value) => String(Math.round(value * 10000) / 10000);
const tight = (value) => (value === 0 ? "0" : short(Math.round(value * 100) / 100).replace(/^0\./, "."));

// "A ← S → B": up to the common ancestor, then down.
export const spell = (path, animals) =>
  path.animals.map((i, k) => (k === 0 ? animals[i].name : `${k <= path.up ? "←" : "→"} ${animals[i].name}`)).join(" ");

// How the table came to a value, in words.
export function account(animals, table, one, other) {
  const n = animals.length;
  const name = (i) => (i < 0 ? "unknown" : animals[i].name);
  const read = (i, j) => (i < 0 || j < 0 ? 0 : table[i * n + j]);
  const value = read(one, other);
  if (one === other) {
    const [father, mother] = animals[one].parents;
    if (father < 0 || mother < 0) return `${name(one)} with itself: 1. At least one parent is unknown, so its inbreeding coefficient F is taken as 0.`;
    const between = father === mother ? `${name(father)} is both parents, and has ${short(read(father, mother))} with itself` : `its parents ${name(father)} and ${name(mother)} have ${short(read(father, mother))}`;
    return `${name(one)} with itself: 1 + F = ${short(value)}; ${between}, and half of that is F = ${short(value - 1)}.`;
  }
  // The younger one is asked for its parents.
  const level = levels(animals);
  const [young, old] = lineTo(animals, other, one) || level[other] > level[one] ? [other, one] : [one, other];
  const parents = animals[young].parents;
  if (parents.every((parent) => parent < 0)) return `${name(one)} and ${name(other)}: 0. Both are founders, and founders are taken as unrelated.`;
  const parts = parents.map((parent) => (parent < 0 ? "0 for the unknown parent" : `${short(read(parent, old))} for ${name(parent)}`));
  return `${name(one)} and ${name(other)}: ${short(value)}, the mean of what the parents of ${name(young)} have with ${name(old)}: ${parts.join(" and ")}.`;
}

export function render(stage, data, kit) {
  let animals = fromNames(data.presets.find(([key]) => key === data.start)[2]);
  let table = relationships(animals);
  let pair = [0, 0];
  let edited = 0;
  let notice = "";
  let filled = null;
  const trail = [];

  const board = kit.board(stage);
  const preset = board.choice({ label: "Start from", options: data.presets.map(([key, title]) => [key, title]), value: data.start, changed: () => {
    const [, title, rows] = data.presets.find(([key]) => key === preset.value);
    change(fromNames(rows), `${title}.`);
    edit(animals.length - 1);
  } });
  preset.element.classList.add("gl-wide");
  const which = selectBox({ label: "Animal", changed: (value) => edit(Number(value)) }, kit);
  const father = selectBox({ label: "Its father", changed: (value) => marry(0, Number(value)) }, kit);
  const mother = selectBox({ label: "Its mother", changed: (value) => marry(1, Number(value)) }, kit);
  board.controls.append(which.element, father.element, mother.element);

  const add = board.button("Add an animal", () => {
    const name = Array.from(LETTERS).find((letter) => !animals.some((one) => one.name === letter));
    change([...animals, { name, parents: [-1, -1] }], `${name} was added. Give it parents above.`);
    edit(animals.length - 1);
  });
  const remove = board.button("Remove it", () => {
    const gone = animals[edited];
    const orphans = animals.filter((one) => one.parents.includes(edited)).map((one) => one.name);
    change(without(animals, edited), `${gone.name} was removed.${orphans.length ? ` Now ${orphans.join(", ")} ${orphans.length === 1 ? "has" : "have"} an unknown parent.` : ""}`);
    edit(Math.min(edited, animals.length - 1));
  });
  board.button("Swap its parents", () => {
    const before = table;
    const swapped = animals.map((one, i) => (i === edited ? { ...one, parents: [...one.parents].reverse() } : one));
    change(swapped, `Father and mother of ${animals[edited].name} changed places.`);
    if (table.every((value, i) => value === before[i])) notice += " No relationship changed: A does not ask who is the father.";
    edit(edited);
  });
  const undo = board.button("Undo", () => {
    if (!trail.length) return;
    animals = trail.pop();
    table = relationships(animals);
    notice = "One step back.";
    edit(Math.min(edited, animals.length - 1));
  });

  const tree = board.chart({ title: "The pedigree", key: [[1, "line", "from the father"], [2, "dash", "from the mother"], [3, "bar", "paths of the chosen pair"]] });
  tree.box.classList.add("gl-holds");
  const grid = matrixGrid({ caption: "Additive relationships", chosen: (i, j) => choose(i, j) }, kit);
  board.place(kit.html("div", { class: "gl-chart" }, grid.element, kit.html("p", { class: "gl-help" }, "Point at a cell, or walk with the arrow keys.")));
  board.finding.classList.add("gl-span");
  board.place(board.finding);
  const ways = kit.table("Paths", ["path", "steps n", "½ⁿ", "1 + F of its top", "adds"]);
  ways.element.classList.add("gl-span", "gl-paths");
  board.place(ways.element);
  const listed = kit.table("The pedigree as a table", ["animal", "father", "mother", "generation", "F"]);
  board.place(kit.html("details", { class: "gl-details gl-span" }, kit.html("summary", {}, "The pedigree and inbreeding as a table"), listed.element));

  const name = (i) => (i < 0 ? "unknown" : animals[i].name);
  const change = (next, words) => {
    trail.push(animals);
    animals = next;
    table = relationships(animals);
    notice = words;
  };
  const edit = (i) => {
    edited = i;
    pair = [i, i];
    draw();
  };
  const choose = (i, j) => {
    if (pair[0] === i && pair[1] === j && !notice) return;
    pair = [i, j];
    notice = "";
    draw();
  };
  const marry = (side, parent) => {
    const result = withParent(animals, edited, side, parent);
    if (result.refused) notice = result.refused;
    else change(result.animals, `${side ? "Mother" : "Father"} of ${animals[edited].name}: ${name(parent)}.`);
    edit(edited);
  };

  const drawTree = (shown) => {
    const { row, x, rows, most } = layout(animals);
    tree.clear(rows * ROW);
    const wide = Math.max(24, Math.min(46, Math.floor(tree.width / most) - 3));
    const left = (i) => 2 + wide / 2 + x[i] * (tree.width - wide - 4);
    const top = (i) => row[i] * ROW + ROW / 2;
    const used = new Set(shown.flatMap((path) => path.edges.map(([child, side]) => 2 * child + side)));
    animals.forEach((one, child) => one.parents.forEach((parent, side) => {
      if (parent < 0) return;
      // Side by side where both parents are one, as in selfing.
      const shift = one.parents[0] === one.parents[1] ? (side ? 5 : -5) : 0;
      const [from, to] = [left(parent) + shift, left(child) + shift];
      const middle = (from + to) / 2;
      // A line past other rows bows outwards, or it would hide behind the boxes there.
      const outward = Math.abs(middle - tree.width / 2) < 1 ? 2 * side - 1 : Math.sign(middle - tree.width / 2);
      const bow = row[child] - row[parent] > 1 ? Math.min(Math.max(middle + 1.9 * wide * outward, 2), tree.width - 2) : middle;
      const d = `M${from.toFixed(1)} ${top(parent) + 15}Q${bow.toFixed(1)} ${(top(parent) + top(child)) / 2} ${to.toFixed(1)} ${top(child) - 15}`;
      if (used.has(2 * child + side)) tree.add("path", { d, class: "gl-s3 gl-line gl-way" });
      tree.add("path", { d, class: `gl-s${side + 1} gl-line${side ? " gl-dash" : ""}` });
    }));
    const ancestors = new Set(shown.map((path) => path.ancestor));
    const focused = document.activeElement?.dataset?.animal;
    const nodes = animals.map((one, i) => {
      const inbred = table[i * animals.length + i] - 1;
      const node = kit.html("button", { type: "button", class: "gl-animal", "data-animal": i, "aria-pressed": String(i === edited), "aria-label": `${one.name}, ${inbred > 0 ? `F ${short(inbred)}` : "not inbred"}` }, kit.html("b", {}, one.name), inbred > 0 ? kit.html("span", {}, tight(inbred)) : undefined);
      node.classList.toggle("gl-here", pair.includes(i));
      node.classList.toggle("gl-source", ancestors.has(i));
      Object.assign(node.style, { left: `${left(i) - wide / 2}px`, top: `${top(i) - 17}px`, width: `${wide}px` });
      node.addEventListener("click", () => {
        notice = "";
        edit(i);
      });
      return node;
    });
    tree.box.querySelectorAll(".gl-animal").forEach((node) => node.remove());
    tree.box.append(...nodes);
    if (focused !== undefined && document.activeElement === document.body) nodes[focused]?.focus();
    tree.describe(animals.map((one) => `${one.name} ${one.parents.some((p) => p >= 0) ? `from ${one.parents.map(name).join(" and ")}` : "a founder"}`).join(", "));
  };
  const draw = () => {
    const n = animals.length;
    const [i, j] = pair;
    // An animal with itself: what joins its parents makes it inbred.
    const [one, other] = i === j ? animals[i].parents : pair;
    const shown = one < 0 || other < 0 ? [] : paths(animals, one, other, table);
    drawTree(shown);
    // The cells stay while a reader walks through them, and keep the focus.
    if (filled !== table) grid.fill(animals.map((animal) => animal.name), table, tight, (value) => Math.min(value / 1.5, 1) * 0.42);
    filled = table;
    grid.mark(i, j);
    const options = [["-1", "unknown"], ...animals.map((animal, k) => [String(k), animal.name])];
    which.show(options.slice(1), String(edited));
    father.show(options, String(animals[edited].parents[0]));
    mother.show(options, String(animals[edited].parents[1]));
    add.disabled = n >= data.most;
    remove.disabled = n <= 2;
    undo.disabled = trail.length === 0;
    const between = i === j ? `the parents of ${name(i)}` : `${name(i)} and ${name(j)}`;
    ways.element.querySelector("caption").textContent = shown.length ? `Paths that join ${between}` : `No path joins ${between}`;
    ways.element.setAttribute("aria-label", `Paths that join ${between}`);
    // In a selfed plant a gene has two ways from parent to child: paths that read alike.
    const alike = new Map();
    for (const path of shown) {
      const words = spell(path, animals);
      alike.set(words, [...(alike.get(words) ?? []), path]);
    }
    const groups = [...alike];
    const total = (all) => all.reduce((sum, path) => sum + path.share, 0);
    const lines = groups.slice(0, 6).map(([words, all]) => [all.length > 1 ? `${words} (${all.length} ways)` : words, String(all[0].steps), short(0.5 ** all[0].steps), short(table[all[0].ancestor * n + all[0].ancestor]), short(total(all))]);
    if (groups.length > 6) lines.push([`${groups.length - 6} more`, "", "", "", short(total(groups.slice(6).flatMap(([, all]) => all)))]);
    if (shown.length) lines.push(["together", "", "", "", short(total(shown))]);
    ways.rows(lines);
    const level = levels(animals);
    listed.rows(animals.map((animal, k) => [animal.name, ...animal.parents.map(name), String(level[k]), short(table[k * n + k] - 1)]));
    board.say(`${notice} ${account(animals, table, i, j)}`.trim());
  };
  edited = animals.length - 1;
  pair = [edited, edited];
  board.draw(draw);
}
