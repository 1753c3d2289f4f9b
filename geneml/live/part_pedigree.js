// A small pedigree: who may be whose parent, relationships, and the paths behind them.
// An animal is { name, parents: [father, mother] } with places in the list, -1 where unknown.

const known = (animal) => animal.parents.filter((parent) => parent >= 0);

// Steps from an animal up to one of its ancestors as places in the list, or null.
export function lineTo(animals, from, ancestor) {
  if (from === ancestor) return [from];
  for (const parent of known(animals[from])) {
    const rest = lineTo(animals, parent, ancestor);
    if (rest) return [from, ...rest];
  }
  return null;
}

// Longest line of ancestors of each animal, 0 for founders.
export function levels(animals) {
  const found = new Array(animals.length).fill(-1);
  const look = (i) => {
    if (found[i] < 0) found[i] = Math.max(-1, ...known(animals[i]).map(look)) + 1;
    return found[i];
  };
  animals.forEach((_, i) => look(i));
  return found;
}

// Additive relationships, row by row, by the tabular method (Emik & Terrill 1949).
export function relationships(animals) {
  const n = animals.length;
  const table = new Float64Array(n * n);
  const level = levels(animals);
  const sequence = animals.map((_, i) => i).sort((i, j) => level[i] - level[j] || i - j);
  const read = (i, j) => (i < 0 || j < 0 ? 0 : table[i * n + j]);
  sequence.forEach((i, place) => {
    const [father, mother] = animals[i].parents;
    for (const j of sequence.slice(0, place)) {
      table[i * n + j] = 0.5 * (read(father, j) + read(mother, j));
      table[j * n + i] = table[i * n + j];
    }
    table[i * n + i] = 1 + 0.5 * read(father, mother);
  });
  return table;
}

// All ways up from an animal: [[animals passed, edges passed], ...]; an edge is [child, 0 or 1].
function waysUp(animals, from) {
  const ways = [[[from], []]];
  animals[from].parents.forEach((parent, side) => {
    if (parent < 0) return;
    for (const [passed, edges] of waysUp(animals, parent)) ways.push([[from, ...passed], [[from, side], ...edges]]);
  });
  return ways;
}

// Wright's paths between two animals: up from one to a common ancestor and down to the other,
// no animal twice. Each adds (1/2)^steps (1 + F of the ancestor); the sum is the relationship.
export function paths(animals, one, other, table) {
  const n = animals.length;
  const found = [];
  const down = waysUp(animals, other);
  for (const [left, first] of waysUp(animals, one)) {
    const ancestor = left[left.length - 1];
    const passed = new Set(left.slice(0, -1));
    for (const [right, second] of down) {
      if (right[right.length - 1] !== ancestor || right.slice(0, -1).some((i) => passed.has(i))) continue;
      const steps = first.length + second.length;
      found.push({
        ancestor,
        animals: [...left, ...right.slice(0, -1).reverse()],
        up: left.length - 1,
        edges: [...first, ...second],
        steps,
        share: 0.5 ** steps * table[ancestor * n + ancestor],
      });
    }
  }
  return found.sort((a, b) => a.steps - b.steps);
}

// Row of the drawing for each animal, and its place within the row, 0 to 1: founders stand one
// row above their first offspring, and relatives near to each other.
export function layout(animals) {
  const level = levels(animals);
  const children = animals.map((_, i) => animals.flatMap((one, j) => (one.parents.includes(i) ? [j] : [])));
  const row = animals.map((one, i) => (known(one).length || !children[i].length ? level[i] : Math.min(...children[i].map((j) => level[j])) - 1));
  const rows = Array.from({ length: Math.max(...row) + 1 }, (_, r) => animals.flatMap((_, i) => (row[i] === r ? [i] : [])));
  const x = new Array(animals.length).fill(0);
  const spread = (members) => members.forEach((i, k) => (x[i] = (k + 0.5) / members.length));
  const arrange = (members, near) => {
    const wish = new Map(members.map((i) => [i, near(i).length ? near(i).reduce((sum, j) => sum + x[j], 0) / near(i).length : x[i]]));
    members.sort((i, j) => wish.get(i) - wish.get(j) || i - j);
    spread(members);
  };
  rows.forEach(spread);
  for (let sweep = 0; sweep < 4; sweep += 1) {
    for (const members of rows) arrange(members, (i) => known(animals[i]));
    for (const members of [...rows].reverse()) arrange(members, (i) => children[i]);
  }
  return { row, x, rows: rows.length, most: Math.max(...rows.map((members) => members.length)) };
}

// Pedigrees are small tables of names: [[name, father, mother], ...], "0" where unknown.
export function fromNames(rows) {
  const place = new Map(rows.map(([name], i) => [name, i]));
  return rows.map(([name, ...parents]) => ({ name, parents: parents.map((parent) => place.get(parent) ?? -1) }));
}

// The list without one animal; its offspring have an unknown parent instead.
export function without(animals, gone) {
  const move = (i) => (i === gone ? -1 : i > gone ? i - 1 : i);
  return animals.filter((_, i) => i !== gone).map((one) => ({ ...one, parents: one.parents.map(move) }));
}

// The list with another parent (side 0: father, 1: mother), or the reason why not.
export function withParent(animals, child, side, parent) {
  const role = side ? "mother" : "father";
  const { name } = animals[child];
  if (parent === child) return { refused: `${name} cannot be its own ${role}. Nothing was changed.` };
  const line = parent >= 0 ? lineTo(animals, parent, child) : null;
  if (line) {
    const words = line.slice().reverse().map((i) => animals[i].name).join(" → ");
    return { refused: `${animals[parent].name} descends from ${name} (${words}), so it cannot be the ${role} of ${name}: an animal would be its own ancestor. Nothing was changed.` };
  }
  const parents = animals[child].parents.map((old, i) => (i === side ? parent : old));
  return { animals: animals.map((one, i) => (i === child ? { ...one, parents } : one)) };
}
