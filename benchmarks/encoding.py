"""Time to one-hot encode 9,000 sequences of 200 bases, four ways in one run.

* ``table``: ``geneml.encoding.one_hot_sequences``, a look-up of bytes;
* ``character loop``: one assignment a base, in Python;
* ``scikit-learn, one encoder``: ``OneHotEncoder`` on an array of letters;
* ``scikit-learn, an encoder a sequence``: fitted to each sequence anew. It is slow, and
  wrong: a sequence without some base gets fewer columns, or other ones.

Each is timed several times and the best is kept, which other work on the machine
disturbs least. Run ``python benchmarks/encoding.py``; it writes ``encoding.json`` beside
it.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import sklearn
from sklearn.preprocessing import OneHotEncoder

from geneml.encoding import decode_sequences, one_hot_sequences

N, LENGTH = 9_000, 200


def character_loop(sequences: list[str]) -> np.ndarray:
    place = {base: i for i, base in enumerate("ACGT")}
    encoded = np.zeros((len(sequences), len(sequences[0]), 4), dtype=np.float32)
    for i, sequence in enumerate(sequences):
        for j, base in enumerate(sequence):
            encoded[i, j, place[base]] = 1
    return encoded


def _letters(sequences: list[str]) -> np.ndarray:
    return np.array([list(sequence) for sequence in sequences])


def one_encoder(sequences: list[str]) -> np.ndarray:
    letters = _letters(sequences)
    encoder = OneHotEncoder(categories=[list("ACGT")], sparse_output=False, dtype=np.float32)
    return encoder.fit_transform(letters.reshape(-1, 1)).reshape(*letters.shape, 4)


def encoder_per_sequence(sequences: list[str]) -> list[np.ndarray]:
    encoded = []
    for sequence in sequences:
        encoder = OneHotEncoder(sparse_output=False, dtype=np.float32)
        encoded.append(encoder.fit_transform(np.array(list(sequence)).reshape(-1, 1)))
    return encoded


def best_time(function: Callable[[list[str]], object], sequences: list[str], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(sequences)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, (N, LENGTH))
    sequences = ["".join(row) for row in np.array(list("ACGT"))[codes]]
    expected = one_hot_sequences(sequences)
    assert np.array_equal(expected, character_loop(sequences))
    assert np.array_equal(expected, one_encoder(sequences))

    methods = {
        "table": (one_hot_sequences, 10),
        "character loop": (character_loop, 3),
        "scikit-learn, one encoder": (one_encoder, 3),
        "scikit-learn, an encoder a sequence": (encoder_per_sequence, 1),
    }
    seconds = {
        name: round(best_time(function, sequences, repeats), 4)
        for name, (function, repeats) in methods.items()
    }
    back = best_time(lambda _: decode_sequences(expected), sequences, 3)
    result = {
        "sequences": N,
        "length": LENGTH,
        "seconds": seconds,
        "seconds_to_decode": round(back, 4),
        "times_faster_than_the_loop": round(seconds["character loop"] / seconds["table"], 1),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "cores": os.cpu_count(),
        "command": "python benchmarks/encoding.py",
    }
    text = json.dumps(result, indent=2) + "\n"
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
