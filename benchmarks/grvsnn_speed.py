"""GRVSNN on one fold of the mice: feature by feature, and in its authors' dense layout.

Body length and BMI together, corrected on the training rows for sex, litter, cage density and
month; 10,346 markers and the pedigree loadings; the first of five folds. All in one run, each side
in processes of its own with the same threads:

* ``authors' layout, model.fit``: ``layout="dense"`` with its penalty of 0.01, trained by Keras's
  own ``fit``, Adam, ``EarlyStopping`` of 25 epochs. The batch size is not published for this data
  (64 to 512 are searched); 128 stands in, on every side. Stopping is on the validation part's mean
  squared error, not on the fold that is scored;
* ``authors' layout, geneml``: the same network through ``geneml.training.fit``: what the training
  loop itself is worth;
* ``per feature, geneml``: this package's layout, 4 hidden units a feature, from random weights;
* ``per feature, ridge start, geneml``: the same with its head set to ridge regression first; that
  solution is on the clock. Its best epoch may be 0: then training added nothing.

An epoch of ``geneml.training.fit`` also measures the loss on all training rows. The clock starts
before a network is built, so that compiling counts; imports and reading the data do not. Epochs
cost what the median epoch after the first costs. Losses are mean squared errors of standardised
traits without penalties. Peak memory is the whole process's; what it was with the data and
libraries loaded is given beside it.

Run ``python benchmarks/grvsnn_speed.py``; it writes ``grvsnn_speed.json`` beside it. With
``--quick`` it takes 3 epochs of one seed and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

SEEDS = (1, 2, 3)
THREADS = 2
BATCH, PATIENCE, RATE, UNITS = 128, 25, 1e-3, 4
HERITABILITY = 0.2
TRAITS = ("body_length", "bmi")
SIDES = {
    "authors' layout, model.fit": ("dense", "keras"),
    "authors' layout, geneml": ("dense", "geneml"),
    "per feature, geneml": ("per_feature", "geneml"),
    "per feature, ridge start, geneml": ("per_feature", "ridge start"),
}


def prepare(folder: Path) -> None:
    """Write markers and loadings, standardised on the training rows; traits; the split.

    In a process of its own: it needs more memory than training does.
    """
    import numpy as np

    from geneml import datasets
    from geneml.adjust import adjust
    from geneml.pedigree import loadings
    from geneml.replicates.comparison import standardised
    from geneml.splits import k_fold

    mice = datasets.load("mice")
    split = k_fold(mice.n_samples, 5, seed=42)[0]
    known = mice.covariates[["sex", "litter", "cage_density", "month"]]
    categories = ["litter", "cage_density", "month"]
    y = np.stack(
        [
            adjust(mice.trait(name), known, training=split.training, categorical=categories)
            for name in TRAITS
        ],
        axis=1,
    )
    relatives = loadings(mice.relationship).loadings
    centre = relatives[split.training].mean(axis=0)
    relatives = (relatives - centre) / relatives[split.training].std(axis=0)
    markers = standardised(mice.genotypes, split.training).astype("float32")
    arrays = {"markers": markers, "loadings": relatives.astype("float32"), "y": y}
    arrays |= {part: getattr(split, part) for part in ("training", "validation", "test")}
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)


def data(folder: Path) -> tuple[list[Any], Any, Any]:
    """What :func:`prepare` wrote: inputs, traits, split."""
    import numpy as np

    from geneml.splits import Split

    names = ("markers", "loadings", "y", "training", "validation", "test")
    markers, relatives, y, *parts = (np.load(folder / f"{name}.npy") for name in names)
    return [markers, relatives], y, Split(*parts)


def network(layout: str, x: list[Any], n_training: int, seed: int) -> Any:
    from geneml.models import grvsnn

    shape = {"loadings": x[1].shape[1], "traits": len(TRAITS), "encoder": None, "seed": seed}
    if layout == "dense":
        return grvsnn(x[0].shape[1], layout="dense", block_l2=0.01, dropout=0.1, **shape)
    return grvsnn(x[0].shape[1], units=UNITS, dropout=0.1, l2=penalty(n_training), **shape)


def penalty(n_training: int) -> float:
    """The head's penalty that makes it GBLUP at the heritability."""
    return (1 - HERITABILITY) / (HERITABILITY * n_training * len(TRAITS))


def with_keras(
    model: Any, x: list[Any], y: Any, split: Any, epochs: int, seed: int, mark: Callable
) -> Any:
    """Keras's own ``fit``; predictions of all rows in the traits' units."""
    import keras

    from geneml.scaling import PhenotypeScaler

    keras.utils.set_random_seed(seed)
    scaler = PhenotypeScaler.learn(y, split.training)
    target = scaler.transform(y).astype("float32")
    measure = "val_mean_squared_error"
    model.compile(keras.optimizers.Adam(RATE), "mean_squared_error", metrics=["mean_squared_error"])
    stop = keras.callbacks.EarlyStopping(
        monitor=measure, mode="min", patience=PATIENCE, restore_best_weights=True
    )
    tick = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: mark(epoch + 1, logs[measure])
    )
    training, validation = split.training, split.validation
    model.fit(
        [part[training] for part in x],
        target[training],
        validation_data=([part[validation] for part in x], target[validation]),
        batch_size=BATCH,
        epochs=epochs,
        callbacks=[tick, stop],
        verbose=0,
    )
    return scaler.inverse(model.predict(x, batch_size=BATCH, verbose=0))


def measured(name: str, seed: int, epochs: int, folder: Path) -> dict[str, Any]:
    """One network of one side."""
    import numpy as np

    from geneml.metrics import score
    from geneml.models import ridge_start
    from geneml.training import fit

    layout, way = SIDES[name]
    x, y, split = data(folder)
    n = len(split.training)
    marks: list[tuple[int, float, float, float]] = []
    before = peak_memory()
    start = time.perf_counter(), time.process_time()

    def mark(epoch: int, loss: float) -> None:
        now = time.perf_counter() - start[0], time.process_time() - start[1]
        marks.append((epoch, float(loss), *now))

    model = network(layout, x, n, seed)
    if way == "keras":
        predictions = with_keras(model, x, y, split, epochs, seed, mark)
        best = min(marks, key=lambda row: row[1])
    else:
        if way == "ridge start":
            ridge_start(model, x, y, rows=split.training, l2=penalty(n))
            mark(0, np.inf)  # the time until epoch 0; its loss comes from the history
        run = fit(
            model,
            tuple(x),
            y,
            split,
            epochs=epochs,
            batch_size=BATCH,
            learning_rate=RATE,
            patience=PATIENCE,
            seed=seed,
            baseline=False,
            on_epoch=lambda epoch, training, validation: mark(epoch, validation),
        )
        predictions = run.predictions
        losses = run.history.set_index("epoch")["validation_loss"]
        times = {row[0]: row[2:] for row in marks}
        lowest = float(losses.min())
        best = (run.best_epoch, lowest, *times.get(run.best_epoch, (0.0, 0.0)))
    ends = np.array([row[2:] for row in marks if row[0] > 0])
    steps = np.median(np.diff(ends, axis=0), axis=0) if len(ends) > 1 else ends[0]
    unit = y[split.training].std(axis=0)
    test = {}
    for column, trait in enumerate(TRAITS):
        observed = y[split.test, column] / unit[column]
        found = score(observed, predictions[split.test, column] / unit[column])
        test[trait] = {"mse": found["mse"], "r": found["r"]}
    return {
        "weights": model.count_params(),
        "loadings": x[1].shape[1],
        "epochs": len(ends),
        "best_epoch": int(best[0]),
        "validation_loss": best[1],
        "seconds_per_epoch": {"wall": float(steps[0]), "cpu": float(steps[1])},
        "seconds_to_best": {"wall": best[2], "cpu": best[3]},
        "test": test,
        "peak_megabytes": peak_memory(),
        "megabytes_before": before,
    }


def peak_memory() -> float | None:
    """Largest resident size of this process so far, in 10**6 bytes."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(largest * (1 if sys.platform == "darwin" else 1_024) / 1e6)


def in_its_own_process(*arguments: object) -> str:
    """The last line that this script prints, run with these arguments."""
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    threads = dict.fromkeys(names, str(THREADS))
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)],
        env={**os.environ, **threads, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{arguments} failed:\n{done.stderr}")
    return done.stdout.splitlines()[-1]


def medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of every number of several runs of the same form."""
    first = runs[0]
    if isinstance(first, dict):
        return {name: medians([run[name] for run in runs]) for name in first if name != "seed"}
    return None if first is None else median(runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few epochs, and write nothing")
    parser.add_argument("--side", choices=["prepare", *SIDES], help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=int, default=200, help=argparse.SUPPRESS)
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side == "prepare":
        prepare(options.folder)
        print("prepared")
        return
    if options.side:
        result = measured(options.side, options.seed, options.epochs, options.folder)
        print(json.dumps(result))
        return
    seeds, epochs = (SEEDS[:1], 3) if options.quick else (SEEDS, options.epochs)
    # Seed by seed, so that other work on the machine falls on all sides alike.
    runs: dict[str, list] = {name: [] for name in SIDES}
    with tempfile.TemporaryDirectory() as folder:
        in_its_own_process("--side", "prepare", "--in", folder)
        for seed in seeds:
            for name, several in runs.items():
                line = in_its_own_process(
                    "--side", name, "--in", folder, "--seed", seed, "--epochs", epochs
                )
                several.append({"seed": seed, **json.loads(line)})
    results = {
        name: {"median": medians(several), "runs": several} for name, several in runs.items()
    }
    for name, result in results.items():
        print(f"{name}: {json.dumps(result['median'])}")
    if options.quick:
        return
    packages = ("geneml", "keras", "tensorflow", "numpy")
    report = {
        "what": __doc__.splitlines()[0],
        "settings": {
            "batch_size": BATCH, "patience": PATIENCE, "learning_rate": RATE, "epochs": epochs,
            "heritability": HERITABILITY, "threads": THREADS,
        },
        "results": results,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            **{package: metadata.version(package) for package in packages},
        },
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "cores": os.cpu_count(),
            "load_at_end": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        },
    }  # fmt: skip
    path = Path(__file__).with_suffix(".json")
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, path)


if __name__ == "__main__":
    main()
