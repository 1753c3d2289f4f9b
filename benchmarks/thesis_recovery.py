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
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from data_sim import studies
from geneml import models, records
from geneml._files import write_files
from geneml.baselines import fit_ridge, single_marker_regression
from geneml.encoding import one_hot_sequences
from geneml.interpret.controls import frequency_control, ridge_importance
from geneml.interpret.mutagenesis import in_silico_mutagenesis
from geneml.interpret.saliency import gradient
from geneml.interpret.shapley import expected_gradients
from geneml.interpret.truth import effect_recovery, locus_recovery
from geneml.intervals import mean_interval
from geneml.metrics import r_squared
from geneml.splits import Split, random_split
from geneml.training import fit

DESIGNS = ("hotspots", "uniform")
LABELS = ("true", "shuffled")
SEEDS = tuple(range(401, 411))
ATTEMPTS = 5
LENGTH = 200
NOTES = ("r2", "mse", "learned", "attempts", "epochs", "best_epoch", "seconds")
DRAWN = (  # maps of the first cohort that are kept, to be drawn
    "thesis network, true: mean |gradient|",
    "thesis network, shuffled: mean |gradient|",
    "thesis network, true: mutagenesis, population",
    "thesis network, shuffled: mutagenesis, population",
    "variant frequency",
)
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


def load(settings: Settings, design: str, seed: int, network: str, labels: str, folder: Path):
    """A trained network and what was noted about it."""
    with np.load(folder / name(design, seed, network, labels)) as kept:
        model = build(network, LENGTH, seed)
        model.set_weights([kept[f"weight_{i}"] for i in range(len(model.get_weights()))])
        return model, {key: kept[key].item() for key in NOTES}


def explain(model: keras.Model, x: np.ndarray, background: np.ndarray) -> dict[str, Any]:
    """Signed contributions (n, L) of each method, and the thesis's unsigned map (L,)."""
    frequency = background.mean(axis=0, dtype="float64")
    slopes, changes = gradient(model, x), in_silico_mutagenesis(model, x)
    # Expected gradients ask for every pair of a sequence and a background row: fewer of both.
    some, rows = x[: len(x) // 3], background[:: max(1, len(background) // 100)][:100]
    return {
        "mean |gradient|": np.abs(slopes.values).mean(axis=(0, 2)),
        "mutagenesis, all letters alike": changes.per_position(),
        "mutagenesis, population": changes.per_position(frequency),
        "expected gradients": expected_gradients(model, some, rows, steps=3, seed=0).per_position(),
    }


def importance(values: np.ndarray) -> np.ndarray:
    """Mean size a position (L,)."""
    return values if values.ndim == 1 else np.abs(values).mean(axis=0)


def score(settings: Settings, design: str, seed: int, folder: Path) -> None:
    """Hold the explanations of one cohort against its truth."""
    path = folder / f"scores-{design}-{seed}.json"
    if path.exists():
        return
    start = time.process_time()
    study, x, y, split = cohort(settings, design, seed)
    causal = study.truth["trait"].causal_loci
    rows = split.test[: settings.explained]
    exact = study.exact_shapley_values(rows)
    ridge = fit_ridge(x, y, split=split)
    maps = {
        "variant frequency": frequency_control(x[split.training]),
        "ridge regression": ridge_importance(ridge, x[rows]),
        "ridge regression, per letter": ridge_importance(ridge, x[rows], weighted=False),
        "one position at a time": single_marker_regression(
            x, y, training=split.training
        ).importance,
    }
    training = set(study.sequences[row] for row in split.training)
    report: dict[str, Any] = {
        "causal": causal.tolist(),
        "test sequences also in training": np.mean(
            [study.sequences[row] in training for row in split.test]
        ),
        "ridge R2": r_squared(y[split.test], ridge.predict(x[split.test])),
        "ceiling R2": r_squared(
            y[split.test], study.genetic_values["trait"].to_numpy()[split.test]
        ),
        "networks": {},
        "effects": {},
    }
    for network in settings.networks:
        for labels in LABELS:
            model, notes = load(settings, design, seed, network, labels, folder)
            report["networks"][f"{network}, {labels}"] = notes
            if not notes["learned"]:
                continue
            for method, values in explain(model, x[rows], x[split.training]).items():
                title = f"{network}, {labels}: {method}"
                maps[title] = importance(values)
                if labels == "true" and values.ndim == 2:
                    report["effects"][title] = effect_recovery(
                        values, exact[: len(values)]
                    ).measures()
    report["loci"] = {
        title: locus_recovery(values, causal, top=20).measures() for title, values in maps.items()
    }
    report["chance"] = locus_recovery(
        importance(maps["variant frequency"]), causal, top=20
    ).chance_measures()
    report["maps"] = {title: np.round(values, 7).tolist() for title, values in maps.items()}
    report["seconds"] = time.process_time() - start
    text = json.dumps(report, default=float) + "\n"
    write_files({path: lambda stream: stream.write(text.encode())})
    print(f"{design} {seed}: explained in {report['seconds']:.0f} CPU s", flush=True)


def interval(values: list[float]) -> Any:
    """Interval of the mean, or None of fewer than two values."""
    return mean_interval(np.array(values)) if len(values) > 1 else None


def gather(settings: Settings, folder: Path) -> dict[str, Any]:
    """Intervals over the cohorts, and the maps of the first one of each design."""
    results: dict[str, Any] = {"cohorts": len(settings.seeds), "explained": settings.explained}
    for design in DESIGNS:
        reports = [
            json.loads((folder / f"scores-{design}-{seed}.json").read_text())
            for seed in settings.seeds
        ]
        first = reports[0]
        whole = {
            key: interval([one[key] for one in reports])
            for key in ("ridge R2", "ceiling R2", "test sequences also in training")
        }
        networks = {}
        for title in first["networks"]:
            notes = [one["networks"][title] for one in reports]
            good = [note for note in notes if note["learned"]]
            networks[title] = {
                "learned": len(good),
                "attempts": [note["attempts"] for note in notes],
                "epochs": [note["epochs"] for note in notes],
                "R2 of each": [note["r2"] for note in notes],
                "R2": interval([note["r2"] for note in good]),
                "CPU seconds": float(np.median([note["seconds"] for note in notes])),
            }
        results[design] = {
            **whole,
            "networks": networks,
            "loci": over_cohorts(reports, "loci"),
            "effects": over_cohorts(reports, "effects"),
            "chance": first["chance"],
            "example": {
                "seed": settings.seeds[0],
                "causal": first["causal"],
                "maps": {title: first["maps"][title] for title in DRAWN if title in first["maps"]},
                "R2": {title: note["r2"] for title, note in first["networks"].items()},
            },
        }
    return results


def over_cohorts(reports: list[dict[str, Any]], part: str) -> dict[str, dict[str, Any]]:
    """Interval of every measure of every method."""
    titles = dict.fromkeys(title for one in reports for title in one[part])
    found: dict[str, dict[str, Any]] = {}
    for title in titles:
        several = [one[part][title] for one in reports if title in one[part]]
        found[title] = {
            measure: interval([one[measure] for one in several])
            for measure in several[0]
            if all(isinstance(one[measure], int | float) for one in several)
        }
    return found


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

    for seed in settings.seeds:
        for design in (options.design,) if options.design else DESIGNS:
            train(settings, design, seed, folder)
            if not options.train_only:
                score(settings, design, seed, folder)
    if options.train_only or options.design:
        return
    results = gather(settings, folder)
    for design in DESIGNS:
        print(design)
        for title, measures in results[design]["loci"].items():
            print(f"  {title}: average precision {measures['average_precision']}")
    if not options.quick:
        made = [studies.thesis(mutations=design, seed=SEEDS[0]).description for design in DESIGNS]
        records.save(
            "thesis_recovery",
            results,
            simulated=f"{len(SEEDS)} cohorts of each of two designs. {' Or: '.join(made)}",
            command="GENEML_RECORD=1 python benchmarks/thesis_recovery.py",
        )


if __name__ == "__main__":
    main()
