// Gibbs sampling of the effects of two markers in linkage, both with a normal prior.

// Posterior of two effects from n people, genotypes of variance 1 and correlation r, residual
// variance 1 and prior variance `prior`: means, deviation of each and their correlation.
export function target(r, n, prior, effects) {
  const own = n + 1 / prior;
  const cross = n * r;
  const determinant = own * own - cross * cross;
  const moment = [n * (effects[0] + r * effects[1]), n * (r * effects[0] + effects[1])];
  const means = [(own * moment[0] - cross * moment[1]) / determinant, (own * moment[1] - cross * moment[0]) / determinant];
  return { own, cross, moment, means, deviation: Math.sqrt(own / determinant), correlation: -cross / own };
}

// One pass: redraw each effect given the other. Two standard normal numbers come from outside.
export function pass([, second], { own, cross, moment }, normals) {
  const one = (moment[0] - cross * second) / own + normals[0] / Math.sqrt(own);
  const two = (moment[1] - cross * one) / own + normals[1] / Math.sqrt(own);
  return [one, two];
}

// Autocorrelation of a chain at lags 0 to `most`.
export function autocorrelation(chain, most) {
  const centre = chain.reduce((a, b) => a + b, 0) / chain.length;
  const centred = chain.map((value) => value - centre);
  const at = (lag) => {
    let total = 0;
    for (let i = lag; i < chain.length; i += 1) total += centred[i] * centred[i - lag];
    return total;
  };
  const whole = at(0);
  return Array.from({ length: most + 1 }, (_, lag) => (whole > 0 ? at(lag) / whole : NaN));
}
