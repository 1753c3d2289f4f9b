"""Lin, Zhang & Lu's study of expectile networks with transfer, run again in full.

Their cohorts are under controlled access, so simulated ones of the same shape stand in
(``data_sim.studies``), and one whose haplotypes are real: the lactase region of the 1000 Genomes.

Protocol: 50 random splits 3:1:1; levels 0.1, 0.25, 0.5, 0.75, 0.9 (MMSE: the middle three);
penalties 0, 0.1, 1, 10, 100 and hidden sizes 3 to 10 chosen on the validation part; 1,000 epochs;
with and without transfer. Their tables lack controls, so these are run as well. Each table is
made twice: penalties chosen as said, and without any penalty.

Run ``make reproduce`` (``python benchmarks/paper_expectile_transfer.py``). Results of splits that
are done are kept in ``build/paper_expectile_transfer``; run it again after an interruption. With
``GENEML_RECORD=1`` the summary goes to ``geneml/recorded/expectile_transfer_paper.json``, from
which a page of the book is made. ``--quick`` runs two splits of a small grid, and records nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from data_sim import studies
from geneml import chunks, datasets, records
from geneml.expectiles import crossing_rate
from geneml.intervals import fold_interval
from geneml.splits import Split, random_split

FOLDER = Path(__file__).parents[1] / "build" / "paper_expectile_transfer"
COHORTS = ("CHRNA5", "CHRNA3", "CHRNB4", "LCT", "APOE")
SPLITS, EPOCHS = 50, 1_000
PENALTIES, HIDDEN = (0.0, 0.1, 1.0, 10.0, 100.0), tuple(range(3, 11))
GRIDS = {"tuned": PENALTIES, "no penalty": (0.0,)}
LCT_LOCI = 50  # as many as a gene of the simulated region has
SEED, CURVE = 4, 51
PARTS = ("training", "validation", "test")

# Mean squared errors as printed in tables 1 to 4: rows tau; with transfer (training, test), then
# without (training, test).
PUBLISHED = {
    "CHRNA5": [
        [551.83, 605.79, 546.90, 672.44],
        [325.84, 439.18, 321.94, 473.10],
        [282.57, 433.06, 275.83, 444.16],
        [304.81, 484.60, 297.81, 487.43],
        [347.17, 544.24, 339.79, 549.08],
    ],
    "CHRNA3": [
        [554.11, 605.09, 533.04, 753.96],
        [325.71, 441.47, 311.85, 517.05],
        [281.20, 439.40, 260.44, 491.62],
        [304.60, 486.80, 292.63, 502.86],
        [350.01, 558.95, 335.89, 573.92],
    ],
    "CHRNB4": [
        [558.39, 622.18, 564.57, 673.97],
        [327.63, 448.63, 325.48, 473.34],
        [283.28, 435.11, 270.50, 453.76],
        [306.05, 488.15, 303.02, 489.71],
        [349.24, 544.85, 343.52, 553.41],
    ],
    "APOE": [
        [5.00, 5.17, 5.30, 6.78],
        [4.11, 4.31, 4.30, 4.82],
        [4.67, 4.88, 4.85, 6.86],
    ],
}


@dataclass(frozen=True)
class Data:
    """One cohort: inputs, the trait learned first, the trait that is wanted, levels."""

    x: np.ndarray
    source: np.ndarray
    target: np.ndarray
    taus: tuple[float, ...]
    unit: str
    description: str
    explained: float


@lru_cache(maxsize=1)
def _smoking() -> Any:
    return studies.smoking(seed=SEED)


@lru_cache(maxsize=len(COHORTS))
def cohort(name: str) -> Data:
    """The data behind one table."""
    if name == "APOE":
        study = studies.alzheimer(seed=SEED)
        covariates = study.covariates[["sex", "age", "education"]].to_numpy(dtype=float)
        x = np.column_stack([study.genotypes, covariates])
        return _data(study, x, "hippocampus", "mmse", (0.25, 0.5, 0.75), "points")
    if name == "LCT":
        real = datasets.haplotypes("lct", super_populations=("AFR", "EUR"), minimum_frequency=0.05)
        study = studies.smoking(
            n_loci=LCT_LOCI,
            haplotypes=real.haplotypes,
            ancestry=real.super_population,
            positions=real.positions,
            seed=SEED,
        )
        x = study.genotypes
    else:
        study = _smoking()
        x = study.genotypes[:, (study.variants["gene"] == name).to_numpy()]
    return _data(study, x, "cigarettes", "drinks", (0.1, 0.25, 0.5, 0.75, 0.9), "drinks")


def _data(study: Any, x: np.ndarray, source: str, target: str, taus: tuple, unit: str) -> Data:
    return Data(
        np.asarray(x, dtype=float),
        study.traits[source].to_numpy(dtype=float),
        study.traits[target].to_numpy(dtype=float),
        taus,
        unit,
        study.description,
        float(study.explained_variance[target]),
    )


def split_of(name: str, number: int) -> Split:
    """Split number of a cohort."""
    seed = np.random.default_rng([SEED, COHORTS.index(name), number])
    return random_split(len(cohort(name).target), (3, 1, 1), seed=seed)


def one_split(task: tuple[str, int, bool]) -> dict[str, Any]:
    """Everything that one split of one cohort contributes to the tables."""
    from geneml.replicates import compare_transfer
    from geneml.transfer import accept_transfer

    name, number, quick = task
    started, used = time.perf_counter(), time.process_time()
    data, split = cohort(name), split_of(name, number)
    comparisons = compare_transfer(
        data.x,
        data.source,
        data.target,
        split,
        taus=data.taus,
        penalties=PENALTIES,
        hidden=HIDDEN[:2] if quick else HIDDEN,
        tuned_penalties=list(GRIDS.values()),
        epochs=50 if quick else EPOCHS,
        seed=np.random.default_rng([SEED, COHORTS.index(name), number, 1]),
    )
    taus = np.array(data.taus)[:, None]
    result: dict[str, Any] = {}
    mse, loss, crossing, accepted, curves = [], [], [], [], []
    for comparison in comparisons:
        error = data.target - comparison.predictions.astype(float)
        losses = np.where(error < 0, 1 - taus, taus) * error**2
        rows = [getattr(split, part) for part in PARTS]
        mse.append([(error[:, :, part] ** 2).mean(axis=2) for part in rows])
        loss.append([losses[:, :, part].mean(axis=2) for part in rows])
        alone, frozen = (comparison.methods.index(m) for m in ("alone", "frozen"))
        tested = comparison.predictions[:, :, split.test]
        crossing.append([crossing_rate(each.T, data.taus) for each in tested])
        accepted.append(
            [
                bool(accept_transfer(losses[frozen, t, split.validation], without))
                for t, without in enumerate(losses[alone][:, split.validation])
            ]
        )
        quantiles = np.linspace(0, 1, CURVE)
        curves.append(np.quantile(tested[[alone, frozen]], quantiles, axis=2).transpose(1, 2, 0))
    result["mse"] = np.array(mse)  # (grids, parts, methods, taus)
    result["loss"] = np.array(loss)
    result["penalty"] = np.stack([comparison.penalty for comparison in comparisons])
    result["hidden"] = np.stack([comparison.hidden for comparison in comparisons])
    result["crossing"] = np.array(crossing)  # (grids, methods)
    result["accepted"] = np.array(accepted)  # (grids, taus)
    result["curves"] = np.array(curves)  # (grids, alone and frozen, taus, ranks)
    result["methods"] = np.array(comparisons[0].methods)
    result["seconds"] = time.perf_counter() - started
    result["processor_seconds"] = time.process_time() - used
    return result


def networks_of_a_split(levels: int) -> int:
    """How many networks one split trains: two grids, then what follows the source."""
    copies = sum(2 * len(grid) + 1 for grid in GRIDS.values())
    return levels * (2 * len(PENALTIES) * len(HIDDEN) + copies)


def summary(name: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    """The tables of one cohort, with intervals over its splits."""
    data = cohort(name)
    methods = [str(method) for method in results[0]["methods"]]
    split = split_of(name, 0)
    sizes = {"training_size": len(split.training), "test_size": len(split.test)}

    def over_splits(values: np.ndarray, other: np.ndarray | None = None) -> list[Any]:
        """An interval for each tau from values (splits, taus)."""
        others = [None] * values.shape[1] if other is None else list(other.T)
        return [fold_interval(a, b, **sizes) for a, b in zip(values.T, others, strict=True)]

    mse, loss = (np.stack([r[key] for r in results]) for key in ("mse", "loss"))
    tables: dict[str, Any] = {}
    for g, grid in enumerate(GRIDS):
        alone, frozen = methods.index("alone"), methods.index("frozen")
        tables[grid] = {
            "mse": {
                part: {
                    m: over_splits(mse[:, g, PARTS.index(part), k]) for k, m in enumerate(methods)
                }
                for part in ("training", "test")
            },
            "mse_minus_alone": {
                part: {
                    m: over_splits(
                        mse[:, g, PARTS.index(part), methods.index(m)],
                        mse[:, g, PARTS.index(part), alone],
                    )
                    for m in ("copied", "frozen", "frozen, shuffled source", "intercept")
                }
                for part in ("training", "test")
            },
            "test_loss": {m: loss[:, g, 2, k].mean(axis=0) for k, m in enumerate(methods)},
            # Of single splits: a mean may hang on one of them.
            "worst_test_loss_over_constant": {
                m: float(np.max(loss[:, g, 2, k] / loss[:, g, 2, methods.index("intercept")]))
                for k, m in enumerate(methods)
            },
            "gain": {
                m: over_splits(loss[:, g, 2, alone], loss[:, g, 2, k])
                for k, m in enumerate(methods)
                if m != "alone"
            },
            "gain_of_frozen_over": {
                m: over_splits(loss[:, g, 2, k], loss[:, g, 2, frozen])
                for k, m in enumerate(methods)
                if m in ("linear", "frozen, shuffled source", "frozen, random layer")
            },
            # The paper's pattern in a split: worse on training data, better on test data.
            "pattern": {
                m: np.mean(
                    (mse[:, g, 0, k] > mse[:, g, 0, alone])
                    & (mse[:, g, 2, k] < mse[:, g, 2, alone]),
                    axis=0,
                )
                for k, m in enumerate(methods)
                if m != "alone"
            },
            "accepted": np.mean([r["accepted"][g] for r in results], axis=0),
            "crossing": {
                m: float(np.mean([r["crossing"][g, k] for r in results]))
                for k, m in enumerate(methods)
            },
            "chosen_penalty": {
                m: {
                    f"{p:g}": np.mean(
                        [r["penalty"][g, methods.index(m)] == p for r in results], axis=0
                    )
                    for p in GRIDS[grid]
                }
                for m in ("linear", "alone", "frozen")
            }
            if len(GRIDS[grid]) > 1
            else {},
            "ordered": {
                m: np.mean([r["curves"][g, k, :, ::2] for r in results], axis=0).round(3)
                for k, m in enumerate(("alone", "frozen"))
            },
        }
    return {
        "n": len(data.target),
        "inputs": data.x.shape[1],
        "taus": list(data.taus),
        "unit": data.unit,
        "splits": len(results),
        "explained_variance": data.explained,
        "description": data.description,
        "mean_hidden": float(np.mean([r["hidden"][0, methods.index("alone")] for r in results])),
        "networks": len(results) * networks_of_a_split(len(data.taus)),
        "seconds_a_split": float(np.mean([r["seconds"] for r in results])),
        "processor_seconds": float(np.sum([r["processor_seconds"] for r in results])),
        "tables": tables,
    }


def shown(name: str, result: dict[str, Any]) -> str:
    """Our table beside the published one, as text."""
    lines = [f"\n{name}: {result['n']} people, {result['inputs']} inputs; mean squared errors"]
    published = PUBLISHED.get(name)
    for grid, table in result["tables"].items():
        lines.append(f"  {grid}: tau | frozen training, test | alone training, test | published")
        for row, tau in enumerate(result["taus"]):
            cells = [
                table["mse"][part][method][row]
                for method in ("frozen", "alone")
                for part in ("training", "test")
            ]
            paper = "" if published is None else "  ".join(f"{v:.2f}" for v in published[row])
            ours = "  ".join(format(cell, ".2f") for cell in cells)
            lines.append(f"  {tau:<5} {ours} | {paper}")
    return "\n".join(lines)


def main() -> None:
    """Run the study and show its tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two splits of a small grid")
    parser.add_argument("--workers", type=int, default=None, help="processes (default: cores)")
    parser.add_argument("--cohort", choices=COHORTS, action="append", help="only these tables")
    options = parser.parse_args()
    names = tuple(options.cohort or COHORTS)
    if "LCT" in names and not options.quick:
        datasets.find("lct")  # to fail now rather than in an hour
    splits = 2 if options.quick else SPLITS
    tasks = [(name, number, options.quick) for name in names for number in range(splits)]
    started = time.perf_counter()

    def progress(done: int, of: int) -> None:
        minutes = (time.perf_counter() - started) / 60
        print(f"\r{done} of {of} splits, {minutes:.1f} min", end="", file=sys.stderr, flush=True)

    results = chunks.run(
        one_split,
        tasks,
        executor=chunks.process_pool(options.workers),
        folder=None if options.quick else FOLDER / "-".join(names),
        label=f"{SEED} {SPLITS} {EPOCHS} {PENALTIES} {HIDDEN} {LCT_LOCI}",
        on_result=progress,
    )
    print(file=sys.stderr)
    tables = {}
    for place, name in enumerate(names):
        tables[name] = summary(name, results[place * splits : (place + 1) * splits])
        print(shown(name, tables[name]))
    networks = sum(table["networks"] for table in tables.values())
    # Of the splits themselves: the same after an interruption, and on a busy machine.
    minutes = sum(table["processor_seconds"] for table in tables.values()) / 60
    print(f"\n{networks} networks in {minutes:.1f} minutes of processor time")
    if not options.quick and names == COHORTS:
        records.save(
            "expectile_transfer_paper",
            {
                "processor_minutes": minutes,
                "networks": networks,
                "published": PUBLISHED,
                "cohorts": tables,
            },
            simulated="Cohorts of the shape of SAGE and ADNI, and traits on real haplotypes (LCT).",
            command="GENEML_RECORD=1 make reproduce",
        )


if __name__ == "__main__":
    main()
