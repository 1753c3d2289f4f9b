// Patience on a recorded learning curve.

// The rule of Keras' EarlyStopping: an epoch improves when it is lower than the best so far by
// more than `least`; training ends after `patience` epochs without improvement.
export function stopping(validation, patience, least) {
  let best = 0;
  let wait = 0;
  for (let epoch = 1; epoch < validation.length; epoch += 1) {
    wait += 1;
    if (validation[epoch] < validation[best] - least) {
      best = epoch;
      wait = 0;
    }
    if (wait >= patience) return { stop: epoch, best, early: true };
  }
  return { stop: validation.length - 1, best, early: false };
}

export function render(stage, data, kit) {
  const { training, validation, epochs } = data;
  const board = kit.board(stage);
  const spread = Math.max(...validation) - Math.min(...validation) || 1;
  const most = Math.max(2, Math.min(validation.length, 100));
  const patience = board.slider({ label: "Patience (epochs)", min: 1, max: most, value: Math.min(data.patience, most), format: kit.whole });
  const leastStep = 10 ** Math.floor(Math.log10(spread / 20));
  const least = board.slider({ label: "Smallest improvement that counts", min: 0, max: 20 * leastStep, step: leastStep, value: 0, format: (v) => kit.number(v, Math.max(0, -Math.floor(Math.log10(leastStep)))) });
  const chart = board.chart({ height: 320, key: [[1, "line", "training loss"], [2, "line", "validation loss"], [3, "dash", "epoch whose weights are kept"], [0, "dash", "training stops"]] });
  chart.element.classList.add("gl-span");
  board.draw(() => {
    const { stop, best, early } = stopping(validation, patience.value, least.value);
    const lowest = validation.indexOf(Math.min(...validation));
    const all = [...training, ...validation];
    const low = Math.min(...all);
    const high = Math.min(Math.max(...all), low + 2.5 * (kit.quantile(all, 0.97) - low) || Math.max(...all));
    const pad = 0.06 * (high - low || 1);
    chart.axes({ x: { domain: [epochs[0], epochs.at(-1)], label: "epoch", format: kit.whole }, y: { domain: [Math.max(0, low - pad), high + pad], label: "loss" } });
    const { area } = chart;
    const left = chart.x(epochs[stop]);
    if (early) chart.add("rect", { x: left, y: area.top, width: Math.max(area.right - left, 0), height: area.bottom - area.top, class: "gl-after" });
    const points = (values) => values.map((value, i) => [epochs[i], Math.min(value, high + pad)]);
    chart.line(points(training), 1);
    chart.line(points(validation), 2);
    chart.rule({ x: epochs[best] }, 3);
    if (early) chart.rule({ x: epochs[stop] });
    chart.dots([[epochs[best], Math.min(validation[best], high)]], 3, { size: 11 });
    const near = chart.x(epochs[best]) > area.right - 120;
    chart.label(chart.x(epochs[best]) + (near ? -8 : 8), area.top + 12, `kept: epoch ${epochs[best]}`, { series: 3, anchor: near ? "end" : "start" });
    if (early) {
      const close = left > area.right - 120;
      chart.label(left + (close ? -8 : 8), area.top + 30, `stop: epoch ${epochs[stop]}`, { strong: true, anchor: close ? "end" : "start" });
    }
    const digits = 3;
    const facts = early
      ? `Training stops after epoch ${epochs[stop]} and keeps epoch ${epochs[best]}, with validation loss ${kit.number(validation[best], digits)}. That saves ${kit.plural(validation.length - 1 - stop, "epoch")}.`
      : `With this patience training never stops early. The weights of epoch ${epochs[best]} are kept, with validation loss ${kit.number(validation[best], digits)}.`;
    const loss = validation[best] - validation[lowest];
    const verdict =
      lowest === best ? "No other epoch of this run was better."
      : `The lowest loss of the whole run, ${kit.number(validation[lowest], digits)}, came at epoch ${epochs[lowest]}: this rule ${lowest > stop ? "stopped too early" : "did not count it"} and lost ${kit.number(loss, digits)}.`;
    board.say(`${facts} ${verdict}`);
    chart.describe(`${facts} ${verdict}`);
  });
}
