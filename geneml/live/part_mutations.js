// Every single substitution of a sequence under a trained network, and the truth beside it.
import { loadNetwork, through } from "./part_network.js";

// One-hot code of a sequence, row by row.
export function encode(letters, alphabet) {
  const code = new Float32Array(letters.length * alphabet.length);
  Array.from(letters).forEach((letter, i) => {
    code[i * alphabet.length + alphabet.indexOf(letter)] = 1;
  });
  return code;
}

// What a chain of stages gives for a one-hot code, and, exactly, for every substitution in it.
// A substitution is carried through the stages as the range of numbers that it reaches: what lies
// beyond stands as it is, and sums of linear stages are corrected by the changed inputs alone.
// Returns { output, changes }; changes (length x letters) are 0 for the letter that is there.
export function substitutions(stages, code, letters) {
  const known = [code];
  const sums = stages.map((stage) => {
    const made = through(stage, known.at(-1));
    known.push(made.output);
    return made.sums;
  });
  const output = known.at(-1)[0];
  const now = known.map((values) => values.slice());
  const work = sums.map((values) => values?.slice());
  const ranges = new Array(known.length);
  // Carry the changed numbers [from, to) through stage i; returns the changed numbers behind it.
  const advance = (stage, i, [from, to]) => {
    const rows = [Math.floor(from / stage.width), Math.ceil(to / stage.width)];
    const [first, last] = stage.touched(...rows);
    if (from >= to || first >= last) return [0, 0];
    const behind = [first * stage.step, last * stage.step];
    if (stage.add) {
      stage.add(work[i], now[i], from, to, known[i]);
      stage.finish(work[i], now[i + 1], first, last);
      work[i].set(sums[i].subarray(...behind), behind[0]);
    } else stage.fill(now[i], now[i + 1], first, last);
    return behind;
  };
  const changes = new Float64Array(code.length);
  for (let start = 0; start < code.length; start += letters) {
    for (let at = start; at < start + letters; at += 1) {
      if (code[at] === 1) continue;
      ranges[0] = [start, start + letters];
      now[0].fill(0, start, start + letters);
      now[0][at] = 1;
      stages.forEach((stage, i) => {
        ranges[i + 1] = advance(stage, i, ranges[i]);
      });
      changes[at] = now.at(-1)[0] - output;
      ranges.forEach(([from, to], i) => to > from && now[i].set(known[i].subarray(from, to), from));
    }
  }
  return { output, changes };
}

// The figure's network in the unit of the phenotype: predict(letters) gives one number, and
// mutate(letters) { prediction, changes }.
export function sequenceModel({ layers, alphabet, mean, scale, sequence }) {
  const network = loadNetwork(layers);
  const stages = network.stages(sequence.length, alphabet.length);
  const predict = (letters) => mean + scale * stages.reduce((flow, stage) => through(stage, flow).output, encode(letters, alphabet))[0];
  const mutate = (letters) => {
    const { output, changes } = substitutions(stages, encode(letters, alphabet), alphabet.length);
    return { prediction: mean + scale * output, changes: changes.map((change) => scale * change) };
  };
  return { predict, mutate };
}

export function trueValue({ start, singles, pairs }, letters) {
  let value = start;
  for (const [p, b, effect] of singles) if (letters[p] === b) value += effect;
  for (const [p, b, q, c, effect] of pairs) if (letters[p] === b && letters[q] === c) value += effect;
  return value;
}

// True changes for every substitution, laid out as those of the network.
export function trueChanges(truth, letters, alphabet) {
  const changes = new Float64Array(letters.length * alphabet.length);
  const here = trueValue(truth, letters);
  const other = Array.from(letters);
  for (const place of truth.causal) {
    Array.from(alphabet).forEach((letter, b) => {
      other[place] = letter;
      changes[place * alphabet.length + b] = trueValue(truth, other) - here;
    });
    other[place] = letters[place];
  }
  return changes;
}
