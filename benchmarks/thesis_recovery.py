"""Which causal sites are found in the thesis's simulated example, and which would be found anyway.

Ten cohorts each of two designs, 9,000 sequences of 200 bases with 16 causal sites: with *hotspots*,
where causal sites mutate nine times as often as the others, as in the thesis; and *uniform*, where
all sites mutate alike. In each cohort two networks are trained, on the true trait and on a trait
that was shuffled among the sequences:

* ``thesis network``: 256 filters of 3 bases, pooling of 4, dense layers of 32, 8 and 32 units;
* ``sparse dense network``: 64 and 32 units, with a group lasso over positions.

Each network is explained on the same sequences of the test part, by several methods, and each
method's importance of the positions is held against the causal sites. Beside them stand how often
a position varies, ridge regression, and regression on one position at a time.

The thesis network often dies: all units of a layer end up at zero in the first epochs and it
predicts the mean for everybody. Then it is started again from another seed, up to five times. How
many attempts were needed is told; a shuffled trait cannot be learned, so there only a network
that says the same of everybody counts as dead.

Run ``python benchmarks/thesis_recovery.py``. Every trained network and every scored cohort is kept
in a folder (``--folder``), so that a run that was interrupted goes on where it stopped, and two
runs may share the work (``--design hotspots`` in one, ``--design uniform`` in the other). When all
are there, the results are written to ``geneml/recorded/thesis_recovery.json``. ``--quick`` takes
two cohorts of 1,200 sequences and a few epochs, and records nothing: a check that it runs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from data_sim import studies
from geneml import models
from geneml.encoding import one_hot_sequences
from geneml.splits import Split, random_split
from geneml.training import fit

DESIGNS = ("hotspots", "uniform")
LABELS = ("true", "shuffled")
SEEDS = tuple(range(401, 411))
ATTEMPTS = 5
LEARNED = 0.1  # R2 on the validation part above which a network has learned anything


class Settings:
    """Sizes of the study; the quick ones only show that everything runs."""

    def __init__(self, quick: bool) -> None:
        self.n = 1_200 if quick else 9_000
        self.seeds = SEEDS[:2] if quick else SEEDS
        self.explained = 40 if quick else 300
        # Neither batch size nor patience are published. A batch of 64 halves the time of an epoch.
        thesis = {"batch_size": 64, "patience": 10, "epochs": 4 if quick else 80}
        dense = {"batch_size": 64, "patience": 20, "epochs": 4 if quick else 150}
        self.networks = {"thesis network": thesis, "sparse dense network": dense}


def build(network: str, length: int, seed: int) -> keras.Model:
    """An untrained network."""
    if network == "thesis network":
        return models.thesis_network(length, seed=seed)
    return models.dense((length, 4), hidden=(64, 32), group_lasso=2e-3, seed=seed)


def cohort(settings: Settings, design: str, seed: int) -> tuple[Any, np.ndarray, np.ndarray, Split]:
    """One simulated cohort: the study, one-hot sequences, the trait and the split."""
    study = studies.thesis(settings.n, mutations=design, seed=seed)
    y = study.traits["trait"].to_numpy()
    return study, one_hot_sequences(study.sequences), y, random_split(len(y), seed=seed)


def keep(path: Path, **arrays: Any) -> None:
    """Write arrays whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    with temporary.open("wb") as stream:
        np.savez(stream, **arrays)
    os.replace(temporary, path)


def train(settings: Settings, design: str, seed: int, folder: Path) -> None:
    """Train the networks of one cohort that are not in the folder yet."""
    wanted = [
        (network, labels, folder / name(design, seed, network, labels))
        for network in settings.networks
        for labels in LABELS
    ]
    if all(path.exists() for *_, path in wanted):
        return
    _, x, y, split = cohort(settings, design, seed)
    shuffled = np.random.default_rng(seed).permutation(y)
    for network, labels, path in wanted:
        if path.exists():
            continue
        trait = y if labels == "true" else shuffled
        start = time.process_time()
        for attempt in range(1, ATTEMPTS + 1):
            start_seed = seed + 1_000 * (attempt - 1)
            run = fit(
                build(network, x.shape[1], start_seed),
                x,
                trait,
                split,
                seed=start_seed,
                baseline=False,
                **settings.networks[network],
            )
            if labels == "true":
                good = run.scores["validation"]["r2"] > LEARNED
            else:
                good = bool(np.ptp(run.predictions[split.validation]) > 1e-6)
            if good:
                break
        weights = {f"weight_{i}": value for i, value in enumerate(run.model.get_weights())}
        keep(
            path,
            **weights,
            r2=run.scores["test"]["r2"],
            mse=run.scores["test"]["mse"],
            learned=good,
            attempts=attempt,
            epochs=len(run.history) - 1,
            best_epoch=run.best_epoch,
            seconds=time.process_time() - start,
        )
        print(
            f"{design} {seed}: {network}, {labels} trait, attempt {attempt}, "
            f"test R2 {run.scores['test']['r2']:.3f}, {time.process_time() - start:.0f} CPU s",
            flush=True,
        )


def name(design: str, seed: int, network: str, labels: str) -> str:
    """File of one trained network."""
    return f"{design}-{seed}-{network.replace(' ', '_')}-{labels}.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small, and record nothing")
    parser.add_argument("--design", choices=DESIGNS, help="only the cohorts of this design")
    parser.add_argument("--train-only", action="store_true", help="explain nothing yet")
    parser.add_argument("--folder", type=Path, help="where networks and scores are kept")
    options = parser.parse_args()
    settings = Settings(options.quick)
    default = "geneml_thesis_recovery" + ("_quick" if options.quick else "")
    folder = options.folder or Path(tempfile.gettempdir()) / default
    folder.mkdir(parents=True, exist_ok=True)
    designs = (options.design,) if options.design else DESIGNS

    for seed in settings.seeds:
        for design in designs:
            train(settings, design, seed, folder)


if __name__ == "__main__":
    main()
