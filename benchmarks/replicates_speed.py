"""Many small expectile networks: one after the other by Keras, and many at a time.

The networks are those of the study of Lin, Zhang & Lu: one gene of the simulated smoking cohort,
one split, 1,000 epochs of one step each on all training people, levels 0.1 to 0.9, penalties 0 to
100, 3 to 10 hidden units: 200 networks a split. All in one run, each side in processes of its own:

* ``model.fit``: ``geneml.models.enn`` with ``ExpectileLoss``, Keras's own ``fit`` with the batch as
  large as the training part; three networks of different sizes, because 10,000 would take days;
* ``geneml.training.fit``: the same three through this package's loop for single networks (it also
  measures the validation loss after every epoch);
* ``geneml.replicates``: whole splits of 200 networks.

Every side is timed with the two cores of a small machine: Keras with its own threads, replicates
with two processes of one thread, which it is made for; and with one thread each. The clock starts
before a network is built, so tracing counts; imports do not. The largest difference between
predictions of the same network trained on both sides is given as well.

Run ``python benchmarks/replicates_speed.py``; it writes ``replicates_speed.json`` beside it. With
``--quick`` it takes few epochs and writes nothing.
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
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

TAUS, PENALTIES = (0.1, 0.25, 0.5, 0.75, 0.9), (0.0, 0.1, 1.0, 10.0, 100.0)
HIDDEN = tuple(range(3, 11))
GENE, SEED = "CHRNA5", 4
ALONE = (40, 107, 199)  # rows of the plan: 3, 6 and 10 units


def data() -> tuple[Any, Any, Any]:
    """Standardised genotypes, the trait, 16 splits."""
    import numpy as np

    from data_sim import studies
    from geneml.replicates.comparison import standardised
    from geneml.splits import random_split

    study = studies.smoking(seed=SEED)
    genotypes = study.genotypes[:, (study.variants["gene"] == GENE).to_numpy()]
    splits = [random_split(len(genotypes), (3, 1, 1), seed=seed) for seed in range(16)]
    x = standardised(genotypes, splits[0].training).astype("float32")
    return x, study.traits["drinks"].to_numpy(dtype=np.float64), splits


def plan(split: int) -> Any:
    from geneml.replicates import Plan

    return Plan.grid(splits=[split], taus=TAUS, penalties=PENALTIES, hidden=HIDDEN, seed=SEED)


def one_by_one(side: str, epochs: int, folder: Path) -> dict[str, Any]:
    """Three networks of the plan, each alone."""
    import numpy as np

    from geneml.losses import ExpectileLoss
    from geneml.models import enn
    from geneml.scaling import PhenotypeScaler
    from geneml.training import fit

    x, y, splits = data()
    split, settings = splits[0], plan(0)
    scaler = PhenotypeScaler.learn(y, split.training)
    target = scaler.transform(y).astype("float32")
    seconds, predictions = [], []
    for number, row in enumerate((ALONE[0], *ALONE)):
        started = time.perf_counter()
        model = enn(
            x.shape[1:],
            hidden=settings.hidden[row].tolist(),
            l2=float(settings.penalty[row]),
            seed=int(settings.seed[row]),
        )
        loss = ExpectileLoss(float(settings.tau[row]))
        rows = split.training
        rounds = epochs if number else 2  # the first call of all warms up
        if side == "model.fit":
            import keras

            model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
            model.fit(
                x[rows], target[rows], batch_size=len(rows), epochs=rounds, shuffle=False, verbose=0
            )
        else:
            fit(
                model, x, y, split, loss=loss, epochs=rounds, batch_size=len(rows),
                learning_rate=0.01, patience=None, restore_best=False, baseline=False,
            )  # fmt: skip
        if number:
            seconds.append(time.perf_counter() - started)
            predictions.append(scaler.inverse(np.asarray(model(x))[:, 0]))
    np.save(folder / "alone.npy", np.stack(predictions, axis=1))
    return {"networks": len(seconds), "seconds": sum(seconds), "of_each": seconds}


def many(workers: int, epochs: int, folder: Path) -> dict[str, Any]:
    """Whole splits, in one process or several."""
    import numpy as np

    from geneml import chunks

    splits = 2 if epochs < 1_000 else 8
    executor = chunks.process_pool(workers) if workers > 1 else None
    # Warm up by whole splits, as a study of 50 does: imports and traces happen once a process.
    pool = executor() if executor else None
    tasks = [(split, epochs) for split in range(splits)]
    try:
        chunks.run(whole_split, [(s, 1) for s in range(2 * workers)], executor=pool)
        started = time.perf_counter()
        results = chunks.run(whole_split, tasks, executor=pool)
        seconds = time.perf_counter() - started
    finally:
        if pool is not None:
            pool.shutdown()
    np.save(folder / "together.npy", results[0]["predictions"])
    return {"networks": splits * len(plan(0)), "seconds": seconds}


def whole_split(task: tuple[int, int]) -> dict[str, Any]:
    from geneml.replicates import train

    number, epochs = task
    x, y, splits = data()
    networks = train(x, y, splits, plan(number), epochs=epochs)
    return {"predictions": networks.take(list(ALONE)).predict(x)}


SIDES = {
    "model.fit, two threads": ("model.fit", 2),
    "model.fit, one thread": ("model.fit", 1),
    "geneml.training.fit, one thread": ("training.fit", 1),
    "geneml.replicates, one process of one thread": ("replicates", 1),
    "geneml.replicates, two processes of one thread": ("replicates", 2),
}


def measured(name: str, epochs: int, folder: Path) -> dict[str, Any]:
    """One side, in a process of its own."""
    side, size = SIDES[name]
    threads = "1" if side == "replicates" else str(size)
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, threads), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [
        sys.executable,
        __file__,
        "--side",
        name,
        "--epochs",
        str(epochs),
        "--in",
        str(folder),
    ]
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    result = json.loads(output.stdout.splitlines()[-1])
    result["seconds_a_network"] = result["seconds"] / result["networks"]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few epochs, and write nothing")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=int, default=1_000, help=argparse.SUPPRESS)
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        side, size = SIDES[options.side]
        if side == "replicates":
            print(json.dumps(many(size, options.epochs, options.folder)))
        else:
            print(json.dumps(one_by_one(side, options.epochs, options.folder)))
        return
    import numpy as np

    epochs = 20 if options.quick else options.epochs
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        results = {name: measured(name, epochs, folder) for name in SIDES}
        alone, together = np.load(folder / "alone.npy"), np.load(folder / "together.npy")
    best = results["geneml.replicates, two processes of one thread"]["seconds_a_network"]
    single = results["geneml.replicates, one process of one thread"]["seconds_a_network"]
    faster = {
        "two cores": results["model.fit, two threads"]["seconds_a_network"] / best,
        "one thread": results["model.fit, one thread"]["seconds_a_network"] / single,
    }
    difference = float(np.abs(alone - together).max() / together.std())
    for name, result in results.items():
        print(f"{name}: {result['seconds_a_network']:.4f} s a network")
    print(f"times faster than model.fit: {faster}; largest difference {difference:.1e} SD")
    if options.quick:
        return
    packages = ("geneml", "keras", "tensorflow", "numpy")
    report = {
        "what": __doc__.splitlines()[0],
        "epochs": epochs,
        "results": results,
        "times_faster": faster,
        "largest_difference_in_standard_deviations": difference,
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
    }
    path = Path(__file__).with_suffix(".json")
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, path)


if __name__ == "__main__":
    main()
