// Run a trained chain of Keras layers on one input. Values are (length, channels), row by row.
// Sums run in double precision and are stored as float32, as the weights are.
//
// A layer that is ready to run is a stage: the { length, channels } of its output;
// fill(input, output, from, to), which computes the output rows [from, to) of all `count`;
// touched(from, to), the output rows that depend on the input rows [from, to). A row has `width`
// numbers in the input and `step` in the output. Layers that treat each number by itself call
// every number a row. Instead of fill, a linear stage has three parts, so that sums can be
// corrected for a few changed inputs: begin() gives sums that hold the biases alone,
// add(sums, input, from, to, before) adds the numbers [from, to) of the input (less those of
// another input `before`), finish(sums, output, from, to) turns sums into output rows.

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

const same = (from, to) => [from, to];

// Apply an activation to rows [from, to) in place.
function activator({ activation, slope }, channels) {
  if (activation === "linear") return () => {};
  if (activation === "softmax") {
    return (values, from, to) => {
      for (let row = from; row < to; row += 1) {
        const part = values.subarray(row * channels, (row + 1) * channels);
        const top = Math.max(...part);
        const powers = Array.from(part, (value) => Math.exp(value - top));
        const total = powers.reduce((a, b) => a + b, 0);
        part.set(powers.map((power) => power / total));
      }
    };
  }
  const rule = ACTIVATIONS[activation];
  return (values, from, to) => {
    for (let i = from * channels; i < to * channels; i += 1) values[i] = slope === undefined ? rule(values[i]) : rule(values[i], slope);
  };
}

// Where windows of a convolution or pooling begin, how many there are, and which of them see
// the rows [from, to).
function windows(length, size, { strides, padding, dilation = 1 }) {
  const reach = (size - 1) * dilation + 1;
  let count = Math.ceil(length / strides);
  let before = reach - 1;
  if (padding === "valid") [count, before] = [Math.floor((length - reach) / strides) + 1, 0];
  else if (padding === "same") before = Math.floor(Math.max((count - 1) * strides + reach - length, 0) / 2);
  const touched = (from, to) => [
    Math.max(Math.ceil((from - reach + 1 + before) / strides), 0),
    Math.min(Math.floor((to - 1 + before) / strides) + 1, count),
  ];
  return { count, before, touched };
}

// The three parts of a linear stage; `targets(row)` lists where an input row is used: output row,
// start in the kernel, output row, start in the kernel, ...
function linear(layer, { width, count, step }, targets) {
  const { kernel, bias } = layer;
  const activate = activator(layer, step);
  const begin = () => {
    const sums = new Float64Array(count * step);
    if (bias) for (let i = 0; i < sums.length; i += step) sums.set(bias, i);
    return sums;
  };
  const add = (sums, input, from, to, before) => {
    for (let row = Math.floor(from / width); row * width < to; row += 1) {
      const places = targets(row);
      for (let i = Math.max(from, row * width); i < Math.min(to, (row + 1) * width); i += 1) {
        const value = before ? input[i] - before[i] : input[i];
        if (value === 0) continue;
        for (let place = 0; place < places.length; place += 2) {
          const base = places[place] * step;
          const offset = places[place + 1] + (i - row * width) * step;
          for (let u = 0; u < step; u += 1) sums[base + u] += value * kernel[offset + u];
        }
      }
    }
  };
  const finish = (sums, output, from, to) => {
    output.set(sums.subarray(from * step, to * step), from * step);
    activate(output, from, to);
  };
  return { begin, add, finish };
}

function convolution(layer, { length, channels }) {
  const { size, filters, strides, dilation } = layer;
  const { count, before, touched } = windows(length, size, layer);
  const used = [];
  const targets = (row) => {
    if (used[row]) return used[row];
    const places = [];
    for (let k = 0; k < size; k += 1) {
      const out = (row + before - k * dilation) / strides;
      if (Number.isInteger(out) && out >= 0 && out < count) places.push(out, k * channels * filters);
    }
    used[row] = places;
    return places;
  };
  const shape = { length: count, channels: filters, touched };
  return { ...shape, ...linear(layer, { width: channels, count, step: filters }, targets) };
}

function pooling(layer, { length, channels }) {
  const { count, before, touched } = windows(length, layer.size, layer);
  const highest = layer.how === "max";
  const fill = (input, output, from, to) => {
    for (let out = from; out < to; out += 1) {
      const first = Math.max(out * layer.strides - before, 0);
      const last = Math.min(out * layer.strides - before + layer.size, length);
      for (let c = 0; c < channels; c += 1) {
        let value = highest ? -Infinity : 0;
        for (let row = first; row < last; row += 1) {
          const one = input[row * channels + c];
          value = highest ? Math.max(value, one) : value + one;
        }
        output[out * channels + c] = highest ? value : value / (last - first);
      }
    }
  };
  return { length: count, channels, touched, fill };
}

function dense(layer, { length, channels }) {
  const shape = { length, channels: layer.units, touched: same };
  const sizes = { width: channels, count: length, step: layer.units };
  return { ...shape, ...linear(layer, sizes, (row) => [row, 0]) };
}

function activation(layer, { length, channels }) {
  const alone = layer.activation !== "softmax";
  const step = alone ? 1 : channels;
  const activate = activator(layer, step);
  const fill = (input, output, from, to) => {
    output.set(input.subarray(from * step, to * step), from * step);
    activate(output, from, to);
  };
  const rows = alone && { count: length * channels, width: 1, step: 1 };
  return { length, channels, touched: same, fill, ...rows };
}

// Batch normalisation and rescaling: a factor and an offset for each channel, or one for all.
function affine({ factor, offset }, { length, channels }) {
  const fill = (input, output, from, to) => {
    for (let i = from; i < to; i += 1) {
      const channel = (i % channels) % factor.length;
      output[i] = input[i] * factor[channel] + offset[channel];
    }
  };
  return { length, channels, touched: same, fill, count: length * channels, width: 1, step: 1 };
}

const STAGES = {
  convolution,
  pooling,
  global_pooling: ({ how }, shape) => pooling({ how, size: shape.length, strides: shape.length, padding: "valid" }, shape),
  dense,
  activation,
  affine,
};

// Weights travel as base64 of little-endian float32.
export function decode(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

// The whole output of a stage, and the sums behind it if the stage is linear.
export function through(stage, input) {
  const output = new Float32Array(stage.length * stage.channels);
  if (!stage.begin) {
    stage.fill(input, output, 0, stage.count);
    return { output };
  }
  const sums = stage.begin();
  stage.add(sums, input, 0, input.length);
  stage.finish(sums, output, 0, stage.count);
  return { output, sums };
}

// A function of (values, length, channels) that returns the outputs, Float32Array (length x
// channels) row by row. Its stages(length, channels) are what it runs one after the other.
export function loadNetwork(layers) {
  const arrays = ["kernel", "bias", "factor", "offset"];
  const ready = layers.map((layer) => {
    const copy = { ...layer };
    for (const name of arrays) if (typeof layer[name] === "string") copy[name] = decode(layer[name]);
    return copy;
  });
  const stages = (length, channels) => {
    let shape = { length, channels };
    return ready.flatMap((layer) => {
      if (layer.type === "flatten") {
        shape = { length: 1, channels: shape.length * shape.channels };
        return []; // no number moves
      }
      const made = STAGES[layer.type](layer, shape);
      const stage = { count: made.length, width: shape.channels, step: made.channels, ...made };
      shape = stage;
      return [stage];
    });
  };
  const network = (values, length, channels) => stages(length, channels).reduce((flow, stage) => through(stage, flow).output, values);
  return Object.assign(network, { stages });
}
