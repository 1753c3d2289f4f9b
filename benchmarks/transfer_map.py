"""Where transfer between two traits helps: a map over genetic correlation, heritability, size.

Cohorts as in the paper of Lin, Zhang & Lu (``data_sim.studies.smoking``): cigarettes are the
source trait, drinks the target, and one gene, CHRNA5, is seen. Twelve causal SNPs lie in the
region of three genes. Haplotypes are simulated once; each cohort draws its people, causal SNPs,
effects and environment anew, and has one split 3:1:1. Heritability and genetic correlation are
those of the liabilities of all three genes, so one gene explains less.

Penalties are 0, 0.01, 0.1 and 1. The paper's grid is 0, 0.1, 1, 10 and 100. Read as its equation
6 stands, beside the mean loss of the standardised trait, 1 and more leave hardly anything but
the intercept, and between 0 and 0.1 lies what one would choose.

Three rivals that transfer without a network are added to ``compare_transfer``: the source's
expectile line carried as one number, the same from a shuffled source, and both traits' lines
weighed against each other on the validation part, as a selection index does.

Run ``python benchmarks/transfer_map.py``. Results of cohorts stay under ``build/``, and a run
that was interrupted goes on. With ``GENEML_RECORD=1`` the map goes to
``geneml/recorded/transfer_map.json``. ``--quick`` takes two small cells and records nothing.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from functools import cache
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from data_sim import studies
from geneml import chunks, records
from geneml.baselines import expectile_ridge
from geneml.intervals import mean_interval
from geneml.replicates import compare_transfer
from geneml.replicates.comparison import standardised
from geneml.splits import Split, random_split
from geneml.transfer import accept_transfer

CORRELATIONS = (-0.8, 0.0, 0.25, 0.5, 0.75, 1.0)
HERITABILITIES = (0.02, 0.05, 0.1, 0.3)
# Small cohorts have small test parts, and are quickly run: more of them.
COHORTS = {500: 16, 1_500: 10, 3_888: 10}
TAUS = (0.1, 0.5, 0.9)
PENALTIES = (0.0, 0.01, 0.1, 1.0)
GRIDS = {"tuned": PENALTIES, "no penalty": (0.0,)}
EPOCHS, GENE, PANEL_SEED = 1_000, "CHRNA5", 401
# A cohort is left out, for all methods, where with tuned penalties some test loss is more than
# this many times the intercept's: two hidden units said the same to everyone in training, and
# got huge slopes that cancel until one of them is silent. The map counts such cohorts.
EXPLODED = 20
RIVALS = ("line carried", "line carried, shuffled source", "both lines")
CARRIED = ("copied", "pulled", "frozen")
CONTROLS = ("frozen, shuffled source", "frozen, random layer")


@cache
def panel() -> Any:
    """People of the region, simulated once in each process."""
    return studies.smoking_haplotypes(seed=PANEL_SEED)


def losses(y: np.ndarray, prediction: np.ndarray, tau: float) -> np.ndarray:
    """Expectile loss of each person."""
    return np.where(y < prediction, 1 - tau, tau) * (y - prediction) ** 2


def line(
    x: np.ndarray, y: np.ndarray, split: Split, tau: float, penalties: tuple[float, ...]
) -> np.ndarray:
    """Expectile ridge regression for everyone, its penalty chosen on the validation part."""
    best, chosen = np.inf, np.zeros(len(y))
    for penalty in penalties:
        intercept, slopes = expectile_ridge(x[split.training], y[split.training], tau, penalty)
        prediction = intercept + x @ slopes
        loss = losses(y, prediction, tau)[split.validation].mean()
        if loss < best:
            best, chosen = loss, prediction
    return chosen


def rivals(
    x: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    split: Split,
    tau: float,
    grid: tuple[float, ...],
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Predictions of RIVALS for a standardised table and standardised traits."""
    carried = line(x, source, split, tau, grid)
    shuffled = line(x, rng.permutation(source), split, tau, grid)
    own = line(x, target, split, tau, grid)
    found = []
    for features, rows in (
        (carried[:, None], split.training),
        (shuffled[:, None], split.training),
        # The own line was fitted to the training part and would win there in any case.
        (np.column_stack([carried, own]), split.validation),
    ):
        intercept, slopes = expectile_ridge(features[rows], target[rows], tau, 0.0)
        found.append(intercept + features @ slopes)
    return found


def one_cohort(task: tuple[float, float, int, int, int]) -> dict[str, np.ndarray]:
    """Losses (grid, method, tau, part) of one cohort, and what the rule on validation data says."""
    correlation, heritability, n, seed, epochs = task
    study = studies.smoking(
        n,
        haplotypes=panel(),
        heritability=heritability,
        genetic_correlation=correlation,
        seed=seed,
    )
    gene = (study.variants["gene"] == GENE).to_numpy()
    x = study.genotypes[:, gene].astype(float)
    split = random_split(n, seed=seed)
    traits = [study.traits[name].to_numpy(float) for name in ("cigarettes", "drinks")]
    source, target = ((y - y[split.training].mean()) / y[split.training].std() for y in traits)
    compared = compare_transfer(
        x,
        source,
        target,
        split,
        taus=TAUS,
        penalties=PENALTIES,
        hidden=(5,),
        tuned_penalties=list(GRIDS.values()),
        epochs=epochs,
        seed=seed,
    )
    table = standardised(x, split.training)
    found, accepted = [], []
    for comparison, grid in zip(compared, GRIDS.values(), strict=True):
        rng = np.random.default_rng(seed)
        added = [rivals(table, source, target, split, tau, grid, rng) for tau in TAUS]
        predictions = np.concatenate([comparison.predictions, np.array(added).transpose(1, 0, 2)])
        each = np.stack(
            [[losses(target, one[row], tau) for row, tau in enumerate(TAUS)] for one in predictions]
        )
        parts = (split.training, split.validation, split.test)
        found.append(np.stack([each[:, :, rows].mean(axis=2) for rows in parts], axis=-1))
        alone = comparison.methods.index("alone")
        frozen = comparison.methods.index("frozen")
        accepted.append(
            [
                bool(
                    accept_transfer(
                        each[frozen, row, split.validation], each[alone, row, split.validation]
                    )
                )
                for row in range(len(TAUS))
            ]
        )
    return {
        "loss": np.array(found),
        "accepted": np.array(accepted),
        "methods": np.array([*compared[0].methods, *RIVALS]),
        "explained": study.explained_variance["drinks"],
    }


def row_of_map(loss: np.ndarray, accepted: np.ndarray, methods: list[str]) -> dict[str, Any]:
    """What several cohorts of a cell say at one level: loss (cohorts, methods, part)."""
    of = {name: loss[:, number] for number, name in enumerate(methods)}
    unit = of["intercept"][:, 2] / 100  # per cent of the intercept's test loss
    test = {name: values[:, 2] / unit for name, values in of.items()}
    without, frozen = test["alone"], test["frozen"]
    kept = np.where(accepted, frozen, without)
    measured = {f"loss: {name}": values - 100 for name, values in test.items()}
    del measured["loss: intercept"]
    measured |= {f"gain: {name}": without - test[name] for name in (*CARRIED, *CONTROLS)}
    measured |= {f"frozen gains over: {name}": test[name] - frozen for name in CONTROLS}
    measured |= {f"frozen gains over: {name}": test[name] - frozen for name in ("linear", *RIVALS)}
    measured["gain: kept by the rule"] = without - kept
    row: dict[str, Any] = {}
    for name, values in measured.items():
        interval = mean_interval(values)
        row[name] = round(interval.mean, 3)
        row[f"{name} ±"] = round(interval.high - interval.mean, 3)
    for name in (*CARRIED, *CONTROLS):
        worse = of[name][:, 0] > of["alone"][:, 0]
        better = of[name][:, 2] < of["alone"][:, 2]
        row[f"pattern: {name}"] = round(float((worse & better).mean()), 3)
    row["accepted"] = round(float(accepted.mean()), 3)
    row["accepted and better, or declined and not"] = round(
        float((accepted == (frozen < without)).mean()), 3
    )
    return row


def make_map(tasks: list[tuple], results: list[dict[str, np.ndarray]]) -> dict[str, Any]:
    """The map: for each grid of penalties a table of numbers, one row a cell and level."""
    cells: dict[tuple, list[int]] = {}
    for number, task in enumerate(tasks):
        cells.setdefault(task[:3], []).append(number)
    methods = [str(name) for name in results[0]["methods"]]
    tuned = np.stack([result["loss"][0, :, :, 2] for result in results])
    worst = (tuned / tuned[:, :1]).max(axis=(1, 2))
    rows: dict[str, list[dict[str, Any]]] = {grid: [] for grid in GRIDS}
    for cell, together in sorted(cells.items()):
        numbers = [number for number in together if worst[number] <= EXPLODED]
        loss = np.stack([results[number]["loss"] for number in numbers])
        accepted = np.stack([results[number]["accepted"] for number in numbers])
        explained = np.mean([results[number]["explained"] for number in numbers])
        for (g, grid), (t, tau) in itertools.product(enumerate(GRIDS), enumerate(TAUS)):
            head = {
                "genetic correlation": cell[0],
                "heritability": cell[1],
                "people": cell[2],
                "tau": tau,
                "cohorts": len(numbers),
                "explained by all genes": round(float(explained), 4),
            }
            rows[grid].append(head | row_of_map(loss[:, g, :, t], accepted[:, g, t], methods))
    columns = list(rows["tuned"][0])
    return {
        "columns": columns,
        "cohorts": len(tasks),
        "exploded": int((worst > EXPLODED).sum()),
        "worst": round(float(worst.max()), 1),
        "rows": {grid: [list(row.values()) for row in table] for grid, table in rows.items()},
    }


def main() -> None:
    """Run the study and keep its map."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="two small cells, nothing recorded")
    parser.add_argument("--workers", type=int, default=None, help="processes; by default all cores")
    parser.add_argument("--folder", default="build/transfer_map", help="results of cohorts")
    options = parser.parse_args()
    cells = list(itertools.product(CORRELATIONS, HERITABILITIES, COHORTS))
    cohorts, epochs = COHORTS, EPOCHS
    if options.quick:
        cells, cohorts, epochs = [(0.0, 0.3, 200), (1.0, 0.3, 200)], {200: 2}, 20
    # Cohort by cohort: what has been run at any time is a map of all cells with fewer cohorts.
    tasks = [
        (*cell, 100 * number + cohort, epochs)
        for cohort in range(max(cohorts.values()))
        for number, cell in enumerate(cells, start=5)
        if cohort < cohorts[cell[2]]
    ]
    started = time.perf_counter()

    def tell(done: int, of: int) -> None:
        if done % 24 == 0 or done == of:
            print(f"{done} of {of} cohorts, {time.perf_counter() - started:.0f} s", flush=True)

    with tempfile.TemporaryDirectory() as quick_folder:
        results = chunks.run(
            one_cohort,
            tasks,
            executor=chunks.process_pool(options.workers),
            folder=quick_folder if options.quick else options.folder,
            label=f"transfer_map, cohorts {cohorts}, epochs {epochs}",
            on_result=tell,
        )
    found = make_map(tasks, results)
    if options.quick:
        return
    records.save(
        "transfer_map",
        found,
        simulated=(
            f"{' or '.join(map(str, sorted(set(COHORTS.values()))))} cohorts of each genetic "
            "correlation, heritability and size: people at the "
            f"SNPs of {GENE}, cigarettes as source and drinks as target, after the Study of "
            "Addiction as Lin, Zhang & Lu used it. Losses and gains are in per cent of the "
            "intercept's test loss; ± is half of a 95 % t interval over cohorts."
        ),
        command="GENEML_RECORD=1 python benchmarks/transfer_map.py",
    )


if __name__ == "__main__":
    main()
