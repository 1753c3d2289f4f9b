// One filter slides along a one-hot sequence: multiply, add, activate, pool.

const LETTERS = "ACGT";

// A filter that scores +1 for each matching base of a motif and -1 for any other.
export const motifFilter = (motif) => Array.from(motif, (base) => Array.from(LETTERS, (letter) => (letter === base ? 1 : -1)));

// Cross-correlation, as Keras' Conv1D computes it, on the one-hot code. `padding` "same" adds
// zeros at both ends; stride 1.
export function convolve(sequence, filter, bias, padding) {
  const size = filter.length;
  const before = padding === "same" ? Math.floor((size - 1) / 2) : 0;
  const count = padding === "same" ? sequence.length : sequence.length - size + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, out) => {
    let total = bias;
    for (let k = 0; k < size; k += 1) {
      const letter = sequence[out - before + k];
      if (letter !== undefined) total += filter[k][LETTERS.indexOf(letter)];
    }
    return total;
  });
}

export function render(stage, data, kit) {
  const board = kit.board(stage);
  const sequence = Array.from(data.sequence);
  const motif = board.choice({ label: "Filter looks for", options: data.motifs.map((one) => [one, one]), value: data.motifs[0] });
  const padding = board.choice({ label: "Padding", options: [["valid", "none (valid)"], ["same", "zeros (same)"]], value: "valid" });
  const bias = board.slider({ label: "Bias", min: -6, max: 2, step: 1, value: -2, format: kit.whole });
  const place = board.slider({ label: "Position of the filter", min: 1, max: sequence.length, value: 1, format: kit.whole });
  const pooling = board.slider({ label: "Max pooling over", min: 1, max: 12, value: 1, format: (v) => (v === 1 ? "no pooling" : kit.plural(v, "position")) });
  const runner = board.button("Slide", () => {
    if (board.running) {
      board.stop();
      draw();
      return;
    }
    place.value = 1;
    let last = performance.now();
    board.run(() => {
      const now = performance.now();
      if (now - last < 140) return false;
      last = now;
      place.value += 1;
      draw();
      return place.value >= Number(place.input.max);
    }, { slice: 0, done: () => draw() });
  });
  const lens = board.chart({ title: "Under the filter: base × weight", height: 170 });
  const track = board.chart({ title: "What the layer passes on", height: 250, key: [[0, "bar", "before activation"], [1, "bar", "after ReLU"], [2, "line", "after max pooling"]] });
  lens.element.classList.add("gl-span");
  track.element.classList.add("gl-span");
  const draw = () => {
    runner.textContent = board.running ? "Pause" : "Slide";
    const filter = motifFilter(motif.value);
    const raw = convolve(sequence, filter, bias.value, padding.value);
    if (Number(place.input.max) !== raw.length) {
      place.input.max = raw.length;
      place.value = Math.min(place.value, raw.length);
    }
    const out = raw.map((value) => Math.max(value, 0));
    const at = place.value - 1;
    const first = at - (padding.value === "same" ? Math.floor((filter.length - 1) / 2) : 0);
    drawLens(filter, first, raw[at]);
    const reach = filter.length + 3;
    track.axes({ x: { domain: [0.5, sequence.length + 0.5], label: padding.value === "same" ? "position" : "first base under the filter", format: kit.whole }, y: { domain: [Math.min(-reach, Math.min(...raw)), reach], label: "output" } });
    raw.forEach((value, i) => track.bar(i + 0.6, i + 1.4, 0, value, 0, { faint: true }));
    out.forEach((value, i) => value > 0 && track.bar(i + 0.6, i + 1.4, 0, value, 1));
    track.rule({ y: 0 }, 0, { dash: false });
    const room = (track.area.right - track.area.left) / sequence.length;
    if (room >= 9) {
      sequence.forEach((letter, i) => track.label(track.x(i + 1), track.area.top + 2, letter, { anchor: "middle", strong: true, series: kit.baseColour(letter) }));
    }
    const pooled = [];
    // As Keras' MaxPooling1D with padding "valid": a last, shorter window is dropped.
    for (let from = 0; from + pooling.value <= out.length; from += pooling.value) pooled.push([from, Math.max(...out.slice(from, from + pooling.value))]);
    if (pooling.value > 1) for (const [from, value] of pooled) track.line([[from + 0.6, value], [from + pooling.value + 0.4, value]], 2);
    const { area } = track;
    const left = track.x(at + 0.5);
    track.add("rect", { x: left, y: area.top, width: track.x(at + 1.5) - left, height: area.bottom - area.top, class: "gl-frame" });
    const matches = sequence.slice(Math.max(first, 0), first + filter.length).filter((letter, i) => letter === motif.value[i + Math.max(-first, 0)]).length;
    const best = out.indexOf(Math.max(...out));
    track.describe(`${raw.length} outputs; ${out.filter((value) => value > 0).length} pass ReLU. The largest, ${kit.whole(out[best])}, is at ${best + 1}.`);
    const numbers = pooling.value > 1 ? ` Pooling keeps ${kit.plural(pooled.length, "number")} of ${raw.length} and forgets where in each window the match was.` : "";
    board.say(`At ${at + 1}, ${matches} of ${filter.length} bases match ${motif.value}: the sum is ${kit.whole(raw[at])}, and ReLU passes on ${kit.whole(out[at])}. The same ${4 * filter.length + 1} numbers serve every position.${numbers}`);
  };
  const drawLens = (filter, first, total) => {
    lens.clear();
    const cell = Math.min(46, (lens.width - 34) / filter.length);
    Array.from(LETTERS).forEach((letter, r) => lens.label(14, 47 + r * 26, letter, { anchor: "middle", strong: true }));
    filter.forEach((weights, k) => {
      const letter = sequence[first + k];
      const x = 28 + k * cell;
      lens.label(x + cell / 2, 20, letter ?? "·", { anchor: "middle", strong: true, series: letter ? kit.baseColour(letter) : 0 });
      weights.forEach((weight, r) => {
        const on = LETTERS[r] === letter;
        lens.add("rect", { x: x + 1, y: 30 + r * 26, width: cell - 2, height: 24, rx: 3, class: on ? `gl-s${weight > 0 ? 1 : 2} gl-fill` : "gl-cell" });
        lens.add("text", { x: x + cell / 2, y: 47 + r * 26, "text-anchor": "middle", class: `gl-text-svg gl-bare ${on ? "gl-reverse" : "gl-quiet"}` }, weight > 0 ? "+1" : "−1");
      });
    });
    const parts = filter.map((weights, k) => (sequence[first + k] ? weights[LETTERS.indexOf(sequence[first + k])] : 0));
    const text = `${parts.map((value) => kit.number(value, 0)).join(" + ").replaceAll("+ −", "− ")} ${bias.value < 0 ? "−" : "+"} ${Math.abs(bias.value)} (bias) = ${kit.whole(total)}`;
    lens.label(28, 154, text);
    lens.describe(`Weights of the filter, with the bases under it filled: ${text}.`);
  };
  board.resized = draw;
  board.draw(draw);
}
