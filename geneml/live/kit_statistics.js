// Summary statistics and the few distributions whose tails the figures quote.

export const sum = (values) => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
export const mean = (values) => sum(values) / values.length;

// Variance; `lost` is the degrees of freedom lost (0: of these values, 1: of the population).
export function variance(values, lost = 1) {
  const centre = mean(values);
  let total = 0;
  for (const value of values) total += (value - centre) ** 2;
  return total / (values.length - lost);
}

export function correlation(x, y) {
  const mx = mean(x);
  const my = mean(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i += 1) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) ** 2;
    yy += (y[i] - my) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}

// Quantile by linear interpolation between order statistics (the default of NumPy).
export function quantile(values, probability) {
  const sorted = Array.from(values).sort((a, b) => a - b);
  const place = probability * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

// Logarithm of the gamma function: Stirling's series after shifting the argument above 8.
export function logGamma(x) {
  let shift = 0;
  let z = x;
  while (z < 8) {
    shift -= Math.log(z);
    z += 1;
  }
  const w = 1 / (z * z);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z;
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series;
}

// Regularised incomplete beta function by its continued fraction (modified Lentz algorithm).
export function incompleteBeta(x, a, b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / Math.max(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m < 300; m += 1) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + term * d || tiny);
      c = 1 + term / c || tiny;
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x);
  return (Math.exp(front) * fraction) / a;
}

export function studentTCdf(t, degrees) {
  const tail = 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

// Quantile of Student's t by bisection: 200 halvings reach the last bit.
export function studentTQuantile(probability, degrees) {
  let low = -1e4;
  let high = 1e4;
  for (let i = 0; i < 200; i += 1) {
    const middle = (low + high) / 2;
    if (studentTCdf(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export const normalDensity = (x, centre = 0, deviation = 1) =>
  Math.exp(-0.5 * ((x - centre) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));

// Normal distribution function: Marsaglia's (2004) series near zero, a continued fraction beyond.
export function normalCdf(x) {
  if (x < -6) return millsTail(-x);
  if (x > 6) return 1 - millsTail(x);
  let term = x;
  let total = x;
  for (let i = 3; Math.abs(term) > 1e-18; i += 2) {
    term *= (x * x) / i;
    total += term;
  }
  return 0.5 + total * normalDensity(x);
}

function millsTail(x) {
  let fraction = x;
  for (let k = 60; k > 0; k -= 1) fraction = x + k / fraction;
  return normalDensity(x) / fraction;
}

// Two-sample Kolmogorov-Smirnov statistic: the largest gap between the two empirical
// distribution functions, and the value `at` which it occurs.
export function kolmogorovSmirnov(first, second) {
  const a = Array.from(first).sort((p, q) => p - q);
  const b = Array.from(second).sort((p, q) => p - q);
  const best = { d: 0, at: a[0], first: 0, second: 0 };
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i], b[j]);
    while (i < a.length && a[i] <= value) i += 1;
    while (j < b.length && b[j] <= value) j += 1;
    const gap = Math.abs(i / a.length - j / b.length);
    if (gap > best.d) Object.assign(best, { d: gap, at: value, first: i / a.length, second: j / b.length });
  }
  return best;
}

// Upper tail of Kolmogorov's limiting distribution (Kolmogorov 1933): the asymptotic p value
// is kolmogorovTail(sqrt(n m / (n + m)) D). Each series is used where it converges at once.
export function kolmogorovTail(x) {
  if (x <= 0.04) return 1;
  let total = 0;
  if (x < 1.18) {
    for (let k = 1; k < 40; k += 2) total += Math.exp((-k * k * Math.PI * Math.PI) / (8 * x * x));
    return Math.min(1, Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * total));
  }
  for (let k = 1; k < 40; k += 1) total += (k % 2 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, total));
}
