// Seeded random numbers: the same seed gives the same figure in every browser.

// Uniform numbers in [0, 1): the small fast counter generator "sfc32" (128 bits of state).
export function uniformGenerator(seed) {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = (seed >>> 0) ^ 0xb7e15162;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 20; i += 1) next();
  return next;
}

// A generator with the draws that the figures need.
export function generator(seed) {
  const uniform = uniformGenerator(seed);
  let spare = null;
  const normal = () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    // Box-Muller: two independent normals from two uniforms; 1 - u keeps the logarithm finite.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const normals = (n) => Float64Array.from({ length: n }, normal);
  const integer = (n) => Math.floor(uniform() * n);
  const permutation = (n) => {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i -= 1) {
      const j = integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  };
  // Gamma by Marsaglia and Tsang (2000), for shape >= 1; chi-square is a gamma.
  const gamma = (shape) => {
    if (shape < 1) return gamma(shape + 1) * (1 - uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  };
  const chiSquare = (degrees) => (degrees > 0 ? 2 * gamma(degrees / 2) : 0);
  return { uniform, normal, normals, integer, permutation, gamma, chiSquare };
}
