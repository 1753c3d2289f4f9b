// One marker's effect under a prior: normal, double exponential, or spike and slab. All three
// have the same standard deviation `spread`; the least squares estimate is normal around the
// effect with the standard deviation `error`.

// Logarithm of the normal distribution function of kit.normalCdf, safe far out in the tail.
const logCdf = (x, kit) => (x > -30 ? Math.log(Math.max(kit.normalCdf(x), 1e-300)) : -0.5 * x * x - Math.log(-x) - 0.5 * Math.log(2 * Math.PI));

// Posterior mean, chance that the effect is exactly 0, and a density for the rest: a function of
// the effect whose area is 1 less that chance.
export function posterior(estimate, error, prior, kit) {
  const { kind, spread, zeros } = prior;
  if (kind === "normal") {
    const share = spread ** 2 / (spread ** 2 + error ** 2);
    const deviation = error * Math.sqrt(share);
    return { mean: share * estimate, zero: 0, density: (b) => kit.normalDensity(b, share * estimate, deviation) };
  }
  if (kind === "laplace") {
    const rate = Math.SQRT2 / spread;
    const pull = rate * error ** 2;
    // Two halves of normals: above zero moved down by `pull`, below zero moved up.
    const above = -rate * estimate + logCdf((estimate - pull) / error, kit);
    const below = rate * estimate + logCdf(-(estimate + pull) / error, kit);
    const top = Math.max(above, below);
    const total = Math.exp(above - top) + Math.exp(below - top);
    const share = Math.exp(above - top) / total;
    const density = (b) => (Math.exp(-rate * Math.abs(b) - top) / total) * kit.normalDensity(b, estimate, error) * Math.exp(-0.5 * (rate * error) ** 2);
    return { mean: estimate + pull * (1 - 2 * share), zero: 0, density };
  }
  // Slab: wider, so that zeros and slab together have the deviation asked for.
  const slab = spread / Math.sqrt(1 - zeros);
  const wide = Math.hypot(slab, error);
  const odds = ((1 - zeros) / zeros) * (error / wide) * Math.exp(0.5 * estimate ** 2 * (1 / error ** 2 - 1 / wide ** 2));
  const inside = odds === Infinity ? 1 : odds / (1 + odds);
  const share = slab ** 2 / wide ** 2;
  return { mean: inside * share * estimate, zero: 1 - inside, density: (b) => inside * kit.normalDensity(b, share * estimate, error * Math.sqrt(share)) };
}

// The prior itself: chance of exactly 0, and the density of the rest.
export function priorDensity({ kind, spread, zeros }, kit) {
  if (kind === "normal") return { zero: 0, density: (b) => kit.normalDensity(b, 0, spread) };
  if (kind === "laplace") return { zero: 0, density: (b) => Math.exp((-Math.SQRT2 * Math.abs(b)) / spread) / (spread * Math.SQRT2) };
  return { zero: zeros, density: (b) => (1 - zeros) * kit.normalDensity(b, 0, spread / Math.sqrt(1 - zeros)) };
}

// The highest point of the posterior under the double exponential: the lasso that is no average.
export const softThreshold = (estimate, error, spread) => Math.sign(estimate) * Math.max(Math.abs(estimate) - (Math.SQRT2 / spread) * error ** 2, 0);
