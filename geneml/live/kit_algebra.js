// Dense linear algebra in flat Float64Arrays (row by row).

// Rows of a (n x p) times their transpose: an (n x n) table of inner products.
export function innerProducts(rows, n, p) {
  const table = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let total = 0;
      for (let k = 0, a = i * p, b = j * p; k < p; k += 1, a += 1, b += 1) total += rows[a] * rows[b];
      table[i * n + j] = total;
      table[j * n + i] = total;
    }
  }
  return table;
}

// Solve a x = b for a symmetric positive definite a (n x n) by Cholesky. Leaves a and b alone.
export function solvePositive(a, b, n) {
  const factor = Float64Array.from(a);
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let total = factor[i * n + j];
      for (let k = 0, p = i * n, q = j * n; k < j; k += 1, p += 1, q += 1) total -= factor[p] * factor[q];
      factor[i * n + j] = i === j ? Math.sqrt(total) : total / factor[j * n + j];
    }
    let value = x[i];
    for (let k = 0; k < i; k += 1) value -= factor[i * n + k] * x[k];
    x[i] = value / factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let value = x[i];
    for (let k = i + 1; k < n; k += 1) value -= factor[k * n + i] * x[k];
    x[i] = value / factor[i * n + i];
  }
  return x;
}
