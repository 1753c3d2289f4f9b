// Expectiles of weighted values, their loss, and expectile lines.

// Mean of |tau - 1(y < e)| (y - e)^2 over the values.
export function expectileLoss(values, e, tau) {
  let total = 0;
  for (const y of values) total += (y < e ? 1 - tau : tau) * (y - e) ** 2;
  return total / values.length;
}

// What pulls on each side of a pivot at e: weighted distances, averaged over all values.
export function pulls(values, e, tau) {
  let left = 0;
  let right = 0;
  for (const y of values) {
    if (y < e) left += (1 - tau) * (e - y);
    else right += tau * (y - e);
  }
  return { left: left / values.length, right: right / values.length };
}

// Intercept and slope of the line that minimises the weighted expectile loss, by iteratively
// reweighted least squares: who lies above the line has weight tau, who lies below 1 - tau.
export function expectileLine(x, y, tau, shares = null) {
  let line = [0, 0];
  let above = null;
  for (let round = 0; round < 100; round += 1) {
    const side = Array.from(y, (value, i) => above === null || value >= line[0] + line[1] * x[i]);
    if (above !== null && side.every((one, i) => one === above[i])) break;
    let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
    for (let i = 0; i < y.length; i += 1) {
      // The first round is plain least squares.
      const weight = (above === null ? 1 : side[i] ? tau : 1 - tau) * (shares ? shares[i] : 1);
      w += weight;
      wx += weight * x[i];
      wy += weight * y[i];
      wxx += weight * x[i] * x[i];
      wxy += weight * x[i] * y[i];
    }
    const spread = wxx - (wx * wx) / w;
    const slope = spread > 1e-12 * (wxx || 1) ? (wxy - (wx * wy) / w) / spread : 0;
    line = [(wy - slope * wx) / w, slope];
    above = above === null ? [] : side;
  }
  return line;
}

// The expectile: the line without a slope.
export const expectile = (values, tau, shares = null) => expectileLine(new Array(values.length).fill(0), values, tau, shares)[0];
