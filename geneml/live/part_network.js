// Run a trained chain of Keras layers on one input. Values are (length, channels), row by row.
// Sums run in double precision and are stored as float32, as the weights are.

// Error function: its Taylor series near zero, and a continued fraction of the tail beyond.
export function errorFunction(x) {
  const z = Math.abs(x);
  let value;
  if (z < 2.5) {
    let term = z;
    value = z;
    for (let n = 1; Math.abs(term) > 1e-17; n += 1) {
      term *= (-z * z) / n;
      value += term / (2 * n + 1);
    }
    value *= 2 / Math.sqrt(Math.PI);
  } else {
    let fraction = z;
    for (let k = 60; k > 0; k -= 1) fraction = z + k / 2 / fraction;
    value = 1 - Math.exp(-z * z) / (fraction * Math.sqrt(Math.PI));
  }
  return x < 0 ? -value : value;
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

export const ACTIVATIONS = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leaky_relu: (x, slope = 0.2) => (x > 0 ? x : slope * x),
  elu: (x, alpha = 1) => (x > 0 ? x : alpha * Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  gelu: (x) => 0.5 * x * (1 + errorFunction(x / Math.SQRT2)),
  silu: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  tanh: Math.tanh,
  sigmoid,
  hard_sigmoid: (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1),
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  exponential: Math.exp,
};

function activate({ values, length, channels }, { activation, slope }) {
  if (activation === "linear") return { values, length, channels };
  const result = new Float32Array(values.length);
  if (activation === "softmax") {
    for (let row = 0; row < length; row += 1) {
      const part = values.subarray(row * channels, (row + 1) * channels);
      const top = Math.max(...part);
      const powers = Array.from(part, (value) => Math.exp(value - top));
      const total = powers.reduce((a, b) => a + b, 0);
      powers.forEach((power, i) => {
        result[row * channels + i] = power / total;
      });
    }
  } else {
    const rule = ACTIVATIONS[activation];
    for (let i = 0; i < values.length; i += 1) result[i] = slope === undefined ? rule(values[i]) : rule(values[i], slope);
  }
  return { values: result, length, channels };
}

// Where windows of a convolution or pooling begin, and how many there are.
function windows(length, size, { strides, padding, dilation = 1 }) {
  const reach = (size - 1) * dilation + 1;
  if (padding === "valid") return { count: Math.floor((length - reach) / strides) + 1, before: 0 };
  if (padding === "causal") return { count: Math.ceil(length / strides), before: reach - 1 };
  const count = Math.ceil(length / strides);
  return { count, before: Math.floor(Math.max((count - 1) * strides + reach - length, 0) / 2) };
}

function convolve(input, layer) {
  const { kernel, bias, size, filters, strides, dilation } = layer;
  const { count, before } = windows(input.length, size, layer);
  const values = new Float32Array(count * filters);
  const sums = new Float64Array(filters);
  for (let out = 0; out < count; out += 1) {
    for (let f = 0; f < filters; f += 1) sums[f] = bias ? bias[f] : 0;
    for (let k = 0; k < size; k += 1) {
      const row = out * strides - before + k * dilation;
      if (row < 0 || row >= input.length) continue;
      for (let c = 0; c < input.channels; c += 1) {
        const value = input.values[row * input.channels + c];
        if (value === 0) continue;
        const start = (k * input.channels + c) * filters;
        for (let f = 0; f < filters; f += 1) sums[f] += value * kernel[start + f];
      }
    }
    values.set(sums, out * filters);
  }
  return activate({ values, length: count, channels: filters }, layer);
}

function pool(input, layer) {
  const { count, before } = windows(input.length, layer.size, layer);
  const values = new Float32Array(count * input.channels);
  for (let out = 0; out < count; out += 1) {
    const from = Math.max(out * layer.strides - before, 0);
    const to = Math.min(out * layer.strides - before + layer.size, input.length);
    for (let c = 0; c < input.channels; c += 1) {
      let value = layer.how === "max" ? -Infinity : 0;
      for (let row = from; row < to; row += 1) {
        const one = input.values[row * input.channels + c];
        value = layer.how === "max" ? Math.max(value, one) : value + one;
      }
      values[out * input.channels + c] = layer.how === "max" ? value : value / (to - from);
    }
  }
  return { values, length: count, channels: input.channels };
}

function dense(input, layer) {
  const { kernel, bias, units } = layer;
  const values = new Float32Array(input.length * units);
  for (let row = 0; row < input.length; row += 1) {
    const sums = new Float64Array(units);
    for (let u = 0; u < units; u += 1) sums[u] = bias ? bias[u] : 0;
    for (let c = 0; c < input.channels; c += 1) {
      const value = input.values[row * input.channels + c];
      if (value === 0) continue;
      for (let u = 0; u < units; u += 1) sums[u] += value * kernel[c * units + u];
    }
    values.set(sums, row * units);
  }
  return activate({ values, length: input.length, channels: units }, layer);
}

const LAYERS = {
  convolution: convolve,
  pooling: pool,
  global_pooling: (input, layer) =>
    pool(input, { how: layer.how, size: input.length, strides: input.length, padding: "valid" }),
  dense,
  activation: activate,
  flatten: ({ values }) => ({ values, length: 1, channels: values.length }),
  // Batch normalisation and rescaling: a factor and an offset for each channel.
  affine: ({ values, length, channels }, { factor, offset }) => ({
    values: values.map((value, i) => {
      const channel = (i % channels) % factor.length; // one number serves all channels
      return value * factor[channel] + offset[channel];
    }),
    length,
    channels,
  }),
};

// Weights travel as base64 of little-endian float32.
export function decode(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

export function loadNetwork(layers) {
  const arrays = ["kernel", "bias", "factor", "offset"];
  const ready = layers.map((layer) => {
    const copy = { ...layer };
    for (const name of arrays) if (typeof layer[name] === "string") copy[name] = decode(layer[name]);
    return copy;
  });
  // The outputs for one input: Float32Array (length x channels), row by row.
  return (values, length, channels) => {
    let flow = { values, length, channels };
    for (const layer of ready) flow = LAYERS[layer.type](flow, layer);
    return flow.values;
  };
}
