"""In-silico mutagenesis: seconds for every single substitution of one sequence.

Three networks, with weights at random but batch normalisation that matters:

* ``thesis``: 256 filters of 3 bases, pooling of 4, dense layers of 32, 8 and 32 units;
* ``basset``: the size of Basset (Kelley et al. 2016, Genome Res. 26:990): 300 filters of 19,
  pooling of 3; 200 of 11, pooling of 4; 200 of 7, pooling of 4; two dense layers of 1,000; with
  batch normalisation and ReLU throughout;
* ``dense``: dense layers of 64 and 32 units with GELU on the flattened one-hot sequence.

Compared, all in one run and on the same sequence and weights:

* ``model.predict per mutant`` and ``model(x) per mutant``: the loops that a learner writes;
* ``compiled batches``: all 3 L mutants written out, ``model.predict_on_batch``;
* ``tangermeme``: ``saturation_mutagenesis`` in PyTorch with its defaults, which recompute only
  what an edit reaches where the whole job would take more than thirty seconds; and the same
  with ``fast=False``;
* ``geneml``: ``in_silico_mutagenesis``, one sequence in a call, and several (a sequence's share).

The loops are timed on some mutants and multiplied, and so is anything that would take more than
a few seconds in full (45 seconds for tangermeme with its defaults), except for geneml;
``measured on`` says how many mutants were timed. Compiling is not counted, but tangermeme's
reading of a network, which belongs to each of its calls, is; so is geneml's. Each number is the
best of several runs, as far as there was time for several. CPU time (of all threads) is given
beside wall time, because other work on a machine lengthens the latter only.

PyTorch and tangermeme do not belong to this project. Where they are not installed, their columns
are left out and the file says so. A folder with both can be put on ``PYTHONPATH``.

Run ``python benchmarks/mutagenesis.py``; it writes ``mutagenesis.json`` beside it. With ``--quick``
it times short sequences only and writes nothing: a check that it runs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

NETWORKS = ("thesis", "basset", "dense")
LENGTHS = (200, 1_000, 4_000)
QUICK_LENGTHS = (60, 200)
PATIENCE = 4.0  # seconds that a measurement may take before it is done in part
LONG_JOB = 45.0  # seconds of work after which tangermeme has changed to its quicker way
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TF_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
BASSET = ((300, 19, 3), (200, 11, 4), (200, 7, 4))


def best(
    call: Callable[[], Any], *, times: float = 1.0, most: int = 7, **details: Any
) -> dict[str, Any]:
    """Wall and CPU seconds of the quickest of a few calls, multiplied."""
    wall: list[float] = []
    cpu: list[float] = []
    while len(wall) < most and sum(wall) < PATIENCE:
        start = (time.perf_counter(), time.process_time())
        call()
        wall.append((time.perf_counter() - start[0]) * times)
        cpu.append((time.process_time() - start[1]) * times)
    return {"seconds": min(wall), "cpu": min(cpu), **details}


def one_hot(n: int, length: int) -> np.ndarray:
    codes = np.random.default_rng(length).integers(0, 4, (n, length))
    return np.eye(4, dtype="float32")[codes]


def all_mutants(x: np.ndarray, first: int, last: int) -> np.ndarray:
    """Mutants ``first`` to ``last`` of one sequence (1, L, 4), three a position."""
    which = np.arange(first, last)
    position, step = np.divmod(which, 3)
    observed = x[0, position].argmax(axis=1)
    mutants = np.repeat(x, len(which), axis=0)
    allele = (observed + 1 + step) % 4
    mutants[np.arange(len(which)), position] = np.eye(4, dtype=x.dtype)[allele]
    return mutants


def build(kind: str, length: int) -> Any:
    import keras
    from keras import layers

    from geneml import models

    if kind == "thesis":
        network = models.thesis_network(length, seed=1)
    elif kind == "dense":
        network = models.dense((length, 4), seed=1)
    else:
        keras.utils.set_random_seed(1)
        parts: list[Any] = [keras.Input((length, 4))]
        for filters, size, pool in BASSET:
            parts += [layers.Conv1D(filters, size, padding="same"), layers.BatchNormalization()]
            parts += [layers.ReLU(), layers.MaxPooling1D(pool)]
        parts.append(layers.Flatten())
        for _ in range(2):
            parts += [layers.Dense(1_000), layers.BatchNormalization(), layers.ReLU()]
        network = keras.Sequential([*parts, layers.Dense(1)])
    random = np.random.default_rng(2)
    for variable in network.variables:
        shape = tuple(variable.shape)
        if "moving_variance" in variable.path:
            variable.assign(np.exp(random.normal(0, 0.3, shape)))
        elif len(shape) == 1 and str(variable.dtype).startswith("float"):
            variable.assign(np.asarray(variable) + random.normal(0, 0.1, shape))
    return network


def in_double(network: Any, mutants: np.ndarray) -> np.ndarray:
    """Predictions of the same network in double precision."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        copy = keras.Sequential.from_config(_without_dtypes(network.get_config()))
    finally:
        keras.config.set_dtype_policy(before)
    copy.set_weights([np.asarray(value, "float64") for value in network.get_weights()])
    parts = [
        np.asarray(copy(mutants[start : start + 8].astype("float64"), training=False))
        for start in range(0, len(mutants), 8)
    ]
    return np.concatenate(parts)[:, 0]


def _without_dtypes(config: Any) -> Any:
    if isinstance(config, dict):
        return {key: _without_dtypes(value) for key, value in config.items() if key != "dtype"}
    if isinstance(config, list):
        return [_without_dtypes(value) for value in config]
    return config


def time_keras(kind: str, length: int, folder: Path, loops: bool) -> dict[str, Any]:
    """Everything on the Keras side, for one network and length."""
    from geneml.interpret._network.model import as_model
    from geneml.interpret.mutagenesis import explain_method, in_silico_mutagenesis

    network, x = build(kind, length), one_hot(1, length)
    total = 3 * length
    result: dict[str, Any] = {"mutants": total, "way": explain_method(network)}

    # Batches first: they tell what the effects are.
    size = min(total, as_model(network).batch_size(None))
    batch = all_mutants(x, 0, size)
    network.predict_on_batch(batch)
    per_batch = best(lambda: network.predict_on_batch(batch), most=2)["seconds"]
    n_batches = min(-(-total // size), max(1, int(PATIENCE / per_batch)))

    def in_batches() -> None:
        for number in range(n_batches):
            network.predict_on_batch(all_mutants(x, number * size, (number + 1) * size)[:size])

    measured = min(n_batches * size, total)
    if n_batches * size > total:  # the last batch is shorter: compile for it before
        measured = total

        def in_batches() -> None:
            for first in range(0, total, size):
                network.predict_on_batch(all_mutants(x, first, min(first + size, total)))

        in_batches()
    details = {"measured on": measured, "batch": size}
    result["compiled batches"] = best(in_batches, times=total / measured, **details)

    if loops:
        for name, call, count in (
            ("model.predict per mutant", lambda row: network.predict(row, verbose=0), 12),
            ("model(x) per mutant", lambda row: network(row, training=False), 24),
        ):
            rows = [all_mutants(x, i, i + 1) for i in range(count)]

            def one_by_one(call: Callable[[Any], Any] = call, rows: list[Any] = rows) -> None:
                for row in rows:
                    call(row)

            call(rows[0])
            details = {"times": total / count, "measured on": count}
            result[name] = best(one_by_one, most=1, **details)

    several = max(1, min(16, 16_000 // length)) if kind != "basset" else 1
    values = in_silico_mutagenesis(network, x).values
    result["geneml"] = best(lambda: in_silico_mutagenesis(network, x), **{"measured on": total})
    if several > 1:
        many = one_hot(several, length)
        in_silico_mutagenesis(network, many)
        result["geneml, several sequences"] = best(
            lambda: in_silico_mutagenesis(network, many), times=1 / several, sequences=several
        )

    spread = np.linspace(0, total - 1, 48).astype(int)
    mutants = np.concatenate([all_mutants(x, i, i + 1) for i in spread])
    position, step = np.divmod(spread, 3)
    allele = (x[0, position].argmax(axis=1) + 1 + step) % 4
    exact = in_double(network, np.concatenate([x, mutants]))
    exact = exact[1:] - exact[0]
    plain = np.asarray(network.predict_on_batch(np.concatenate([x, mutants])))[:, 0]
    largest = float(np.abs(values).max())
    result["largest effect"] = largest
    result["largest difference from double precision, in largest effects"] = {
        "geneml": float(np.abs(values[0, position, allele] - exact).max() / largest),
        "compiled batches": float(np.abs(plain[1:] - plain[0] - exact).max() / largest),
        "mutants compared": len(spread),
    }
    weights = {f"w{i}": value for i, value in enumerate(network.get_weights())}
    np.savez(folder / f"{kind}_{length}.npz", x=x, values=values, **weights)
    return result


def torch_network(kind: str, length: int, weights: list[np.ndarray]) -> Any:
    """The same network with the same weights in PyTorch."""
    import torch
    from torch import nn

    given = iter([torch.tensor(value) for value in weights])
    channels, size = 4, length
    parts: list[Any] = []

    def convolution(filters: int, width: int, padding: int) -> None:
        part = nn.Conv1d(channels, filters, width, padding=padding)
        part.weight.data = next(given).permute(2, 1, 0).contiguous()
        part.bias.data = next(given)
        parts.append(part)

    def linear(units: int, flattened: bool) -> None:
        kernel = next(given)
        if flattened:  # Keras flattens by position, PyTorch by channel
            kernel = kernel.reshape(size, channels, units).permute(1, 0, 2).reshape(-1, units)
        part = nn.Linear(kernel.shape[0], units)
        part.weight.data, part.bias.data = kernel.T.contiguous(), next(given)
        parts.append(part)

    def normalisation(width: int) -> None:
        part = nn.BatchNorm1d(width, eps=1e-3)
        part.weight.data, part.bias.data = next(given), next(given)
        part.running_mean.data, part.running_var.data = next(given), next(given)
        parts.append(part)

    if kind == "basset":
        for filters, width, pool in BASSET:
            convolution(filters, width, width // 2)
            normalisation(filters)
            parts += [nn.ReLU(), nn.MaxPool1d(pool)]
            channels, size = filters, size // pool
        parts.append(nn.Flatten())
        for number in range(2):
            linear(1_000, number == 0)
            normalisation(1_000)
            parts.append(nn.ReLU())
        linear(1, False)
    elif kind == "thesis":
        convolution(256, 3, 0)
        parts += [nn.MaxPool1d(4), nn.Flatten()]
        channels, size = 256, (size - 2) // 4
        for number, units in enumerate((32, 8, 32)):
            linear(units, number == 0)
            parts.append(nn.ReLU())
        linear(1, False)
    else:
        parts.append(nn.Flatten())
        for number, units in enumerate((64, 32)):
            linear(units, number == 0)
            parts.append(nn.GELU())
        linear(1, False)
    return nn.Sequential(*parts).eval()


def time_torch(kind: str, length: int, folder: Path, loops: bool) -> dict[str, Any]:
    """Tangermeme, for one network and length."""
    import warnings

    import torch
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    warnings.simplefilter("ignore")
    saved = np.load(folder / f"{kind}_{length}.npz")
    weights = [saved[f"w{i}"] for i in range(len(saved.files) - 2)]
    network = torch_network(kind, length, weights)
    x = torch.tensor(saved["x"].transpose(0, 2, 1).copy())
    largest = float(np.abs(saved["values"]).max())

    def mutate(end: int, **settings: Any) -> Any:
        with torch.no_grad():
            return saturation_mutagenesis(
                network, x, end=end, raw_outputs=True, device="cpu", **settings
            )

    positions = min(length, 16)
    mutate(positions, fast=False)
    pace = best(lambda: mutate(positions, fast=False), most=2)["seconds"] / positions
    positions = int(min(length, max(positions, PATIENCE / pace)))
    details = {"times": length / positions, "measured on": 3 * positions}
    result: dict[str, Any] = {
        "tangermeme, fast=False": best(lambda: mutate(positions, fast=False), **details)
    }
    # With its defaults it decides by the length of the whole job how to go on, after thirty
    # seconds' worth; a span of the sequence that is longer than that stands for the rest.
    end = int(min(length, max(positions, LONG_JOB / pace)))
    raw = None

    def long_job() -> None:
        nonlocal raw
        raw = mutate(end)

    details = {"times": length / end, "measured on": 3 * end}
    result["tangermeme"] = best(long_job, **details)
    changes = (raw.y_hat - raw.y0[:, None, None]).numpy()[0, ..., 0].T
    result["largest difference from geneml, in largest effects"] = float(
        np.abs(changes - saved["values"][0, :end]).max() / largest
    )
    return result


def worker(side: str, folder: Path, lengths: tuple[int, ...], loops: bool) -> None:
    """Time one side with the threads that the environment allows; results as JSON."""
    if side == "keras":
        import tensorflow as tf

        threads = int(os.environ[THREADS[0]])
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    else:
        import torch

        torch.set_num_threads(int(os.environ[THREADS[0]]))
    measure = time_keras if side == "keras" else time_torch
    results = {
        kind: {str(length): measure(kind, length, folder, loops) for length in lengths}
        for kind in NETWORKS
    }
    (folder / f"{side}.json").write_text(json.dumps(results), encoding="utf-8")


def run_worker(
    side: str, threads: int, folder: Path, lengths: tuple[int, ...], loops: bool
) -> dict[str, Any]:
    """A process of its own, because thread pools are sized once in a process."""
    limits = dict.fromkeys((*THREADS, *TF_THREADS), str(threads))
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **limits}
    command = [sys.executable, __file__, "--worker", side, "--folder", str(folder)]
    command += ["--lengths", *map(str, lengths), *(["--loops"] if loops else [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{side} with {threads} thread(s):\n{done.stderr[-3000:]}")
    return json.loads((folder / f"{side}.json").read_text(encoding="utf-8"))


def measured(lengths: tuple[int, ...]) -> tuple[dict[str, Any], str | None]:
    """Results by threads, network and length; and why a peer is absent, if it is."""
    missing = [name for name in ("torch", "tangermeme") if not importlib.util.find_spec(name)]
    reason = f"not installed: {' and '.join(missing)}" if missing else None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    results: dict[str, Any] = {}
    for threads in dict.fromkeys((1, cores or 1)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            table = run_worker("keras", threads, folder, lengths, loops=threads == 1)
            if reason is None:
                peers = run_worker("torch", threads, folder, lengths, loops=False)
                for kind, by_length in peers.items():
                    for length, result in by_length.items():
                        table[kind][length].update(result)
        for by_length in table.values():
            for result in by_length.values():
                timings = {
                    way: timing
                    for way, timing in result.items()
                    if isinstance(timing, dict) and "seconds" in timing
                }
                for measure, name in (("seconds", "times quicker"), ("cpu", "times less CPU")):
                    result[f"{name} than"] = {
                        way: float(f"{timing[measure] / timings['geneml'][measure]:.3g}")
                        for way, timing in timings.items()
                        if way != "geneml"
                    }
        results[f"threads: {threads}"] = table
    return results, reason


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short sequences, write nothing")
    parser.add_argument("--worker", choices=("keras", "torch"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--lengths", type=int, nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--loops", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        worker(given.worker, given.folder, tuple(given.lengths), given.loops)
        return
    begun = time.perf_counter()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    results, reason = measured(QUICK_LENGTHS if given.quick else LENGTHS)
    for threads, table in results.items():
        for kind, by_length in table.items():
            for length, result in by_length.items():
                print(f"{threads}, {kind}, L={length}: geneml {result['geneml']['seconds']:.4f} s;")
                print(f"    times quicker than {json.dumps(result['times quicker than'])}")
                print(f"    times less CPU than {json.dumps(result['times less CPU than'])}")
    if reason:
        print(f"tangermeme left out: {reason}")
    if given.quick:
        return
    report = {
        "what": __doc__.splitlines()[0],
        "results": results,
        "peers left out": reason,
        "seconds in all": round(time.perf_counter() - begun),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            **{
                name: version(name)
                for name in ("geneml", "keras", "tensorflow", "numpy", "torch", "tangermeme")
            },
        },
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "cores": os.cpu_count(),
            "load_at_start": None if load is None else round(load, 1),
        },
    }
    path = Path(__file__).with_suffix(".json")
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, path)


if __name__ == "__main__":
    main()
