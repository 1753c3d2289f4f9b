// GBLUP of a small cohort at a given heritability: restricted likelihood, predictions, weights.

// Lower triangle of the Cholesky factor of a (n x n), row by row.
function cholesky(a, n) {
  const f = Float64Array.from(a);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let total = f[i * n + j];
      for (let k = 0; k < j; k += 1) total -= f[i * n + k] * f[j * n + k];
      f[i * n + j] = i === j ? Math.sqrt(total) : total / f[j * n + j];
    }
  }
  return f;
}

function solve(factor, b, n) {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i += 1) {
    for (let k = 0; k < i; k += 1) x[i] -= factor[i * n + k] * x[k];
    x[i] /= factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < n; k += 1) x[i] -= factor[k * n + i] * x[k];
    x[i] /= factor[i * n + i];
  }
  return x;
}

const dot = (a, b) => a.reduce((total, value, i) => total + value * b[i], 0);

// Everything about V = h2 G + (1 - h2) I that does not ask for records. `table` (n x n) row by
// row, the first `known` animals have records.
export function prepare(table, n, known, h2) {
  const v = new Float64Array(known * known);
  for (let i = 0; i < known; i += 1) for (let j = 0; j < known; j += 1) v[i * known + j] = h2 * table[i * n + j] + (i === j ? 1 - h2 : 0);
  const factor = cholesky(v, known);
  const ones = solve(factor, new Float64Array(known).fill(1), known);
  let logarithm = 0;
  for (let i = 0; i < known; i += 1) logarithm += 2 * Math.log(factor[i * known + i]);
  return { table, n, known, h2, factor, ones, sum: dot(ones, new Float64Array(known).fill(1)), logarithm };
}

// Restricted log likelihood with the total variance at its best (without a constant), mean, and
// predicted genetic values of all n animals.
export function fit(ready, y) {
  const { table, n, known, h2, factor, ones, sum, logarithm } = ready;
  const mean = dot(ones, y) / sum;
  const centred = Float64Array.from(y, (value) => value - mean);
  const weighted = solve(factor, centred, known);
  const variance = dot(centred, weighted) / (known - 1);
  const values = Float64Array.from({ length: n }, (_, i) => {
    let total = 0;
    for (let j = 0; j < known; j += 1) total += table[i * n + j] * weighted[j];
    return h2 * total;
  });
  return { likelihood: -0.5 * ((known - 1) * Math.log(variance) + logarithm + Math.log(sum)), mean, variance, values };
}

// How much each record counts for the value of one animal: the value is their sum of weight
// times record, and the weights add up to 0, because the mean is taken out.
export function weights(ready, animal) {
  const { table, n, known, h2, factor, ones, sum } = ready;
  const row = Float64Array.from({ length: known }, (_, j) => h2 * table[animal * n + j]);
  const plain = solve(factor, row, known);
  const total = dot(row, ones);
  return plain.map((value, j) => value - (total * ones[j]) / sum);
}
