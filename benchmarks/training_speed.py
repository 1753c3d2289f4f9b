"""Time per epoch and time to the best validation loss, on the thesis's simulated example.

All in one run, on the same 9,000 sequences of 200 bases and the same split:

* ``thesis network, Keras's own fit``: 256 filters of 3 bases, pooling of 4, dense layers of
  32, 8 and 32 units; ``model.fit`` on the one-hot table with ``EarlyStopping``. Its batch size
  and patience are not published: Keras's default batch of 32, and a patience of 10 epochs,
  stand in;
* ``thesis network, geneml``: the same network, batch and patience through
  ``geneml.training.fit``: what the training loop itself is worth;
* ``cnn, geneml`` and ``dense, geneml``: this package's networks with its default settings
  (the dense one with a group lasso over positions).

The data are made as the thesis made them: causal sites mutate nine times as often as others.

Each is trained from four seeds, because the thesis network often dies: all units of a layer end
up at zero within the first epochs, it predicts the mean for everybody from then on, and no further
training helps. How many runs learned is told. Sizes and times of an epoch are medians over all
runs, everything else over those that learned (and, for the time to the thesis network's own lowest
validation loss, that reached it). All runs are listed in the file.

The clock starts before a network is built, so that compiling counts. CPU time is given beside
wall time, because other work on a machine lengthens the latter only. Run ``python
benchmarks/training_speed.py``; it writes ``training_speed.json`` beside it. With ``--quick`` it
uses 1,500 sequences and 4 epochs and writes nothing: a check that it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import geneml
from data_sim import studies
from geneml import models
from geneml.baselines import fit_ridge
from geneml.encoding import one_hot_sequences
from geneml.metrics import r_squared
from geneml.scaling import PhenotypeScaler
from geneml.splits import Split, random_split
from geneml.training import fit

SEEDS = (1, 2, 3, 4)
LEARNED = 0.1  # test R2 above which a network has learned anything
THESIS = {"batch_size": 32, "patience": 10}


class Clock:
    """Wall and CPU time at the end of each epoch."""

    def __init__(self) -> None:
        self.start = (time.perf_counter(), time.process_time())
        self.ends: list[tuple[float, float]] = []
        self.losses: list[float] = []

    def mark(self, validation_loss: float) -> None:
        now = (time.perf_counter(), time.process_time())
        self.ends.append((now[0] - self.start[0], now[1] - self.start[1]))
        self.losses.append(float(validation_loss))

    def result(self, parameters: int, test_r2: float) -> dict[str, Any]:
        best = int(np.argmin(self.losses))
        # The first epoch holds the compiling; the later ones are what an epoch costs.
        steps = np.diff(np.array(self.ends), axis=0)
        per_epoch = np.median(steps, axis=0) if len(steps) else np.array(self.ends[0])
        return {
            "weights": parameters,
            "epochs": len(self.ends),
            "best_epoch": best + 1,
            "seconds_per_epoch": {"wall": float(per_epoch[0]), "cpu": float(per_epoch[1])},
            "seconds_to_best": {"wall": self.ends[best][0], "cpu": self.ends[best][1]},
            "validation_loss": self.losses[best],
            "test_r2": test_r2,
        }

    def seconds_to(self, loss: float) -> dict[str, float] | None:
        """Time until a validation loss was reached."""
        for end, reached in zip(self.ends, self.losses, strict=True):
            if reached <= loss:
                return {"wall": end[0], "cpu": end[1]}
        return None


def with_keras(
    seed: int, x: np.ndarray, y: np.ndarray, split: Split, epochs: int
) -> tuple[Clock, dict]:
    """The thesis network by Keras's own ``fit``."""
    keras.utils.set_random_seed(seed)
    clock = Clock()
    network = models.thesis_network(x.shape[1], seed=seed)
    scaler = PhenotypeScaler.learn(y, split.training)
    target = scaler.transform(y).astype("float32")
    network.compile("adam", "mse")
    stop = keras.callbacks.EarlyStopping(
        patience=THESIS["patience"], restore_best_weights=True, monitor="val_loss"
    )
    tick = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: clock.mark(logs["val_loss"])
    )
    rows = split.training
    network.fit(
        x[rows],
        target[rows],
        validation_data=(x[split.validation], target[split.validation]),
        epochs=epochs,
        batch_size=THESIS["batch_size"],
        callbacks=[tick, stop],
        verbose=0,
    )
    prediction = scaler.inverse(network.predict(x[split.test], verbose=0))[:, 0]
    return clock, clock.result(network.count_params(), r_squared(y[split.test], prediction))


def with_geneml(
    build: Callable[[int], keras.Model],
    seed: int,
    x: np.ndarray,
    y: np.ndarray,
    split: Split,
    epochs: int,
    **settings: Any,
) -> tuple[Clock, dict]:
    """A network by ``geneml.training.fit``."""
    clock = Clock()
    run = fit(
        build(seed),
        x,
        y,
        split,
        epochs=epochs,
        seed=seed,
        baseline=False,
        on_epoch=lambda epoch, training, validation: clock.mark(validation),
        **settings,
    )
    return clock, clock.result(run.model.count_params(), run.scores["test"]["r2"])


def summary(runs: list[tuple[Clock, dict]], target: float) -> dict[str, Any]:
    """All runs, and their medians."""
    several = [
        {**result, "seconds_to_thesis_validation_loss": clock.seconds_to(target)}
        for clock, result in runs
    ]
    good = [result for result in several if result["test_r2"] > LEARNED]
    median = {}
    for measure in several[0]:
        counted = several if measure in ("weights", "seconds_per_epoch") else good
        values = [result[measure] for result in counted if result[measure] is not None]
        if not values:
            median[measure] = None
        elif isinstance(values[0], dict):
            median[measure] = {
                kind: round(float(np.median([value[kind] for value in values])), 3)
                for kind in values[0]
            }
        else:
            median[measure] = round(float(np.median(values)), 4)
    return {"learned": f"{len(good)} of {len(several)}", "median": median, "runs": several}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small, and write nothing")
    quick = parser.parse_args().quick
    n, epochs, seeds = (1_500, 4, SEEDS[:1]) if quick else (9_000, 200, SEEDS)

    study = studies.thesis(n, mutations="hotspots", seed=1)
    y = study.traits["trait"].to_numpy()
    x = one_hot_sequences(study.sequences)
    split = random_split(n, seed=1)
    shape = x.shape[1:]
    # Both ways of training are run once on a little data, so that neither pays for imports.
    little = (0, x[:300], y[:300], random_split(300, seed=0), 1)
    with_keras(*little)
    with_geneml(lambda seed: models.dense(shape, seed=seed), *little)

    def thesis_network(seed: int) -> keras.Model:
        return models.thesis_network(shape[0], seed=seed)

    ways: dict[str, Callable[..., tuple[Clock, dict]]] = {
        "thesis network, Keras's own fit": with_keras,
        "thesis network, geneml": partial(with_geneml, thesis_network, **THESIS),
        "cnn, geneml": partial(with_geneml, lambda seed: models.cnn(shape, seed=seed)),
        "dense, geneml": partial(
            with_geneml, lambda seed: models.dense(shape, group_lasso=2e-3, seed=seed)
        ),
    }
    runs = {name: [way(seed, x, y, split, epochs) for seed in seeds] for name, way in ways.items()}
    thesis = [result for name in ways if name.startswith("thesis") for _, result in runs[name]]
    target = min(result["validation_loss"] for result in thesis)
    results = {name: summary(several, target) for name, several in runs.items()}
    start = time.perf_counter()
    ridge = fit_ridge(x, y, split=split)
    seconds = time.perf_counter() - start
    ridge_r2 = r_squared(y[split.test], ridge.predict(x[split.test]))
    results["ridge regression"] = {"seconds_in_all": seconds, "test_r2": ridge_r2}

    for name, result in results.items():
        median = result.get("median", result)
        print(f"{name}: {json.dumps(median)}; learned {result.get('learned', '1 of 1')}")
    if quick:
        return
    report = {
        "what": __doc__.splitlines()[0],
        "data": study.description,
        "split": str(split),
        "lowest_validation_loss_of_the_thesis_network": target,
        "thesis_settings": {**THESIS, "note": "not published; Keras's default batch size"},
        "results": results,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "geneml": geneml.__version__,
            "keras": keras.__version__,
            "backend": f"{keras.backend.backend()} {_backend_version()}",
            "numpy": np.__version__,
        },
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "cores": os.cpu_count(),
            "load_at_end": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        },
    }
    path = Path(__file__).with_suffix(".json")
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def _backend_version() -> str:
    import importlib.metadata

    return importlib.metadata.version(keras.backend.backend())


if __name__ == "__main__":
    main()
