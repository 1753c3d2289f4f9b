// Change a base; see its code, the network's prediction and, where known, the truth.
import { sequenceModel, trueValue } from "./part_mutations.js";

export function render(stage, data, kit) {
  const { alphabet, truth } = data;
  const { predict, mutate } = sequenceModel(data);
  const original = Array.from(data.sequence);
  const letters = Array.from(original);
  const board = kit.board(stage);
  const random = kit.generator(letters.length);
  const trail = [];
  let at = truth ? truth.causal[0] : Math.floor(letters.length / 2);

  const strip = kit.html("div", { class: "gl-sequence", role: "group", "aria-label": "The sequence, one button per base. Arrow keys move, a letter key sets the base." });
  const bases = letters.map((_, i) => {
    const button = kit.html("button", { type: "button", class: "gl-base", tabindex: -1 });
    button.addEventListener("click", () => set(i, alphabet[(alphabet.indexOf(letters[i]) + 1) % alphabet.length]));
    button.addEventListener("focus", () => look(i));
    return button;
  });
  strip.append(...bases);
  const perLine = () => bases.filter((base) => base.offsetTop === bases[0].offsetTop).length;
  strip.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perLine(), ArrowDown: perLine(), Home: -at, End: bases.length - 1 - at };
    const letter = event.key.toUpperCase();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) {
      bases[Math.min(Math.max(at + moves[event.key], 0), bases.length - 1)].focus();
      event.preventDefault();
    } else if (alphabet.includes(letter) && letter.length === 1) set(at, letter);
  });
  board.stage.insertBefore(strip, board.charts);

  board.button("A random mutation", () => {
    const i = random.integer(letters.length);
    const others = Array.from(alphabet).filter((letter) => letter !== letters[i]);
    look(i);
    set(i, others[random.integer(others.length)]);
  });
  board.button("Back to the start", () => {
    original.forEach((letter, i) => {
      letters[i] = letter;
    });
    trail.length = 0;
    remember();
    draw();
  });

  const code = board.chart({ title: "One-hot code around the chosen base", height: 190 });
  const path = board.chart({ title: "After each change", height: 190, key: truth ? [[1, "line", "prediction"], [2, "dash", "true genetic value"]] : [[1, "line", "prediction"]] });
  const map = board.chart({ title: "Predicted effect of the strongest change at each position", height: 190, key: truth ? [[1, "bar", "predicted effect"], [2, "dot", "causal position"]] : [] });
  map.element.classList.add("gl-span");

  const remember = () => {
    trail.push({ prediction: predict(letters), truth: truth ? trueValue(truth, letters) : NaN });
    if (trail.length > 60) trail.shift();
  };
  const set = (i, letter) => {
    at = i;
    if (letters[i] !== letter) {
      letters[i] = letter;
      remember();
    }
    draw();
  };
  const look = (i) => {
    if (i === at) return;
    at = i;
    drawBases();
    drawCode();
    tell();
  };

  const drawBases = () => {
    bases.forEach((base, i) => {
      const letter = letters[i];
      base.textContent = letter;
      base.tabIndex = i === at ? 0 : -1;
      base.className = `gl-base gl-s${kit.baseColour(letter)}${letter === original[i] ? "" : " gl-changed"}${i === at ? " gl-here" : ""}`;
      base.setAttribute("aria-label", `Position ${i}: ${letter}${letter === original[i] ? "" : `, was ${original[i]}`}`);
    });
  };
  const drawCode = () => {
    code.clear();
    const columns = Math.min(letters.length, Math.max(5, Math.floor((code.width - 30) / 28)));
    const first = Math.min(Math.max(at - Math.floor(columns / 2), 0), letters.length - columns);
    const cell = Math.min(34, (code.width - 30) / columns);
    const tall = Math.min(30, 130 / alphabet.length);
    Array.from(alphabet).forEach((row, r) => {
      code.label(14, 24 + r * tall + tall / 2, row, { anchor: "middle", strong: true });
      for (let i = first; i < first + columns; i += 1) {
        const on = letters[i] === row;
        const x = 28 + (i - first) * cell;
        code.add("rect", { x: x + 1, y: 20 + r * tall + 1, width: cell - 2, height: tall - 2, rx: 3, class: on ? `gl-s${kit.baseColour(row)} gl-fill` : "gl-cell" });
        code.add("text", { x: x + cell / 2, y: 24 + r * tall + tall / 2, "text-anchor": "middle", class: `gl-text-svg gl-bare ${on ? "gl-reverse" : "gl-quiet"}` }, on ? "1" : "0");
      }
    });
    const middle = 28 + (at - first + 0.5) * cell;
    code.add("rect", { x: middle - cell / 2, y: 19, width: cell, height: tall * alphabet.length + 2, rx: 4, class: "gl-frame" });
    code.label(Math.min(Math.max(middle, 40), code.width - 44), 38 + tall * alphabet.length, `position ${at}`, { anchor: "middle", quiet: true });
    code.describe(`Position ${at} is ${letters[at]}: ${Array.from(alphabet, (letter) => (letter === letters[at] ? 1 : 0)).join(", ")} in the order ${Array.from(alphabet).join(", ")}.`);
  };
  const drawPath = () => {
    const values = trail.flatMap((entry) => (truth ? [entry.prediction, entry.truth] : [entry.prediction]));
    const middle = (Math.max(...values) + Math.min(...values)) / 2;
    const half = Math.max((Math.max(...values) - Math.min(...values)) * 0.65, 0.25 * data.scale);
    path.axes({ x: { domain: [0, Math.max(5, trail.length - 1)], label: "changes", format: kit.whole, ticks: kit.ticks([0, Math.max(5, trail.length - 1)], 5).filter(Number.isInteger) }, y: { domain: [middle - half, middle + half], label: data.unit ? `trait (${data.unit})` : "trait" } });
    path.line(trail.map((entry, i) => [i, entry.prediction]), 1);
    path.dots(trail.map((entry, i) => [i, entry.prediction]), 1, { size: 8 });
    if (truth) {
      path.line(trail.map((entry, i) => [i, entry.truth]), 2, { dash: true });
      path.dots(trail.map((entry, i) => [i, entry.truth]), 2, { size: 6 });
    }
    path.describe(`The prediction is now ${kit.number(trail.at(-1).prediction)}${truth ? `, the true value ${kit.number(trail.at(-1).truth)}` : ""}, after ${kit.plural(trail.length - 1, "change")}.`);
  };
  let effects = [];
  const drawMap = () => {
    const high = Math.max(...effects.map(({ effect }) => effect), 0.05 * data.scale);
    const low = Math.min(...effects.map(({ effect }) => effect), -0.05 * data.scale);
    map.axes({ x: { domain: [-0.5, letters.length - 0.5], label: "position (from 0)", format: kit.whole }, y: { domain: [low * 1.15, high * 1.15], label: "change of the prediction" }, top: truth ? 36 : 30 });
    map.rule({ y: 0 }, 0, { dash: false });
    effects.forEach(({ effect }, i) => map.bar(i - 0.4, i + 0.4, 0, effect, 1));
    if (truth) map.add("path", { d: truth.causal.map((p) => `M${map.x(p).toFixed(1)} ${map.area.top - 5}h0`).join(""), class: "gl-s2 gl-dots", "stroke-width": 7 });
    const strongest = effects.reduce((best, { effect }, i) => (Math.abs(effect) > Math.abs(effects[best]?.effect ?? 0) ? i : best), 0);
    map.describe(`The strongest single change is ${letters[strongest]} to ${effects[strongest].letter} at position ${strongest}: ${kit.number(effects[strongest].effect)}.`);
  };
  // The strongest of the changes at each position.
  const scan = () => {
    const { changes } = mutate(letters);
    effects = letters.map((letter, i) => {
      let best = { effect: 0, letter };
      Array.from(alphabet).forEach((other, b) => {
        const effect = changes[i * alphabet.length + b];
        if (Math.abs(effect) > Math.abs(best.effect)) best = { effect, letter: other };
      });
      return best;
    });
    drawMap();
  };
  const tell = () => {
    const { prediction, truth: actual } = trail.at(-1);
    const changes = letters.filter((letter, i) => letter !== original[i]).length;
    const before = trail.length > 1 ? prediction - trail.at(-2).prediction : 0;
    const moved = trail.length > 1 ? ` The last change moved the prediction by ${kit.number(before)}${truth ? ` and the truth by ${kit.number(actual - trail.at(-2).truth)}` : ""}.` : " Choose a base, or press a letter key, to change it.";
    const known = truth ? `; the true genetic value is ${kit.number(actual)}` : "";
    const place = `Position ${at} is ${letters[at]}${truth ? (truth.causal.includes(at) ? ", a causal position" : ", not a causal position") : ""}.`;
    board.say(`${place} With ${kit.plural(changes, "base")} changed, the network predicts ${kit.number(prediction)}${known}.${moved}`);
  };
  const draw = () => {
    drawBases();
    drawCode();
    drawPath();
    scan();
    tell();
  };
  remember();
  board.resized = () => {
    drawCode();
    drawPath();
    drawMap();
  };
  board.draw(draw);
}
