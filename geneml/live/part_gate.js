// Arithmetic of a gated residual block for one feature, as geneml.layers.GatedResidual has it.

export const elu = (a) => (a > 0 ? a : Math.expm1(a));
export const GATES = {
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  // The paper's: slope 1/5. Keras 3 has 1/6 under this name.
  hard: (a) => Math.max(0, Math.min(1, 0.2 * a + 0.5)),
};

// One feature's value x through its block: w1, b1, w2, w3 hold a number for each of d hidden
// units, linear is d x d (from unit, to unit), b2 and b3 are numbers.
export function gatedResidual(x, { w1, b1, linear, w2, b2, w3, b3 }, gate) {
  const f1 = w1.map((weight, k) => elu(weight * x + b1[k]));
  const f2 = w1.map((_, j) => f1.reduce((total, value, k) => total + value * linear[k][j], 0));
  const dot = (weights) => weights.reduce((total, weight, j) => total + weight * f2[j], 0);
  const h = dot(w2) + b2;
  const g = GATES[gate](dot(w3) + b3);
  return { f1, f2, h, g, z: g * h + (1 - g) * x };
}

// Additive effect and dominance deviation of three genotype values (Falconer's a and d).
export const effects = ([zero, one, two]) => ({ a: (two - zero) / 2, d: one - (zero + two) / 2 });
