"""Fan & Waldmann's comparison of GRVSNN with other methods, run again on the same public data.

Mice (body length and body mass index, corrected for sex, litter, cage density and month) and
loblolly pines (number of roots); the pigs of the paper cannot be had, so a simulated cohort of
their shape stands in. Markers alone, and markers with the loadings of the pedigree.

Three protocols:

- ``honest``: folds dealt at random, stratified by the first trait; corrections, scaling, tuning
  and early stopping see the training and validation rows alone;
- ``families``: the same with full sibs kept together;
- ``authors``: as in the code that the authors posted: the traits are corrected on all rows, and
  training stops on the fold that is then scored.

Ten repeats of five folds for the fast methods, fewer for the slow ones (``REPEATS``). Networks
have one setting in the ranges of the paper, which searched: 10 to 15 times the time in every fold.

Run ``make reproduce`` (``python benchmarks/paper_grvsnn.py``). Results of folds that are done are
kept in ``build/paper_grvsnn``; run it again after an interruption. With ``GENEML_RECORD=1`` the
summary goes to ``geneml/recorded/grvsnn_paper_*.json``, from which chapter 16 is made.
``--only`` runs one part of it; ``--quick`` runs one fold or two of each, and records nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Eigenvectors of equal eigenvalues depend on the number of threads, and a study is only continued
# with the same loadings.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from data_sim import studies
from geneml import chunks, datasets, metrics, pedigree, records
from geneml.baselines import fit_gblup, genomic_relationship
from geneml.cohort import Cohort, from_study
from geneml.evaluation import Comparison, Correction, Inputs, compare, repeated_k_fold
from geneml.evaluation import methods as ready

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "paper_grvsnn"
PUBLISHED = json.loads(Path(__file__).with_name("paper_grvsnn_published.json").read_text())
MACHINE = "machine.json"
SEED, FOLDS = 42, 5
MARKERS, BOTH = "markers", "markers and loadings"
COVARIATES = ["sex", "litter", "cage_density", "month"]
# Which of ten repeats of five folds each group of methods runs, from the quickest group on.
GROUPS = ("fast", "medium", "networks", "sampled")
REPEATS: dict[str, dict[str, dict[str, Sequence[int]]]] = {
    "mice": {
        "honest": {"fast": range(10), "medium": range(2), "networks": range(2), "sampled": (1,)},
        "families": {"fast": range(4), "networks": (0,)},
        "authors": {"fast": (0,), "networks": (0,)},
    },
    "pines": {
        "honest": {
            "fast": range(10),
            "medium": range(2),
            "networks": range(2),
            "sampled": range(2),
        },
        "families": {"fast": range(4), "networks": (0,)},
        "authors": {"fast": (0,), "networks": (0,)},
    },
    "pigs": {"honest": {"fast": (0,), "networks": (0,)}},
}
# A simulated cohort for scale: two folds, and the methods that show what its size costs.
PIG_FOLDS = 2
MEASURES = ("mse", "r", "r2", "distance_correlation", "calibration_slope")
COUNTS = ("markers", "loadings", "seconds")


@dataclass(frozen=True)
class Data:
    """A data set as the comparison takes it.

    Traits are in units of ``unit``, their deviation after the correction in all individuals: a
    mean squared error of 1 is then about that of predicting the mean. No method gains by it.
    """

    cohort: Cohort
    inputs: Inputs
    traits: pd.DataFrame
    unit: np.ndarray
    families: np.ndarray
    correction: Correction | None
    rule: str


@lru_cache(maxsize=1)
def data(name: str) -> Data:
    """The individuals with all traits measured, their markers and loadings."""
    if name == "mice":
        cohort = datasets.load("mice")
        found = pedigree.loadings(cohort.relationship)
        correction = Correction(cohort.covariates[COVARIATES], categorical=["month"])
        traits, families = cohort.traits, cohort.covariates["family"].to_numpy()
        inputs = Inputs(cohort.genotypes, loadings=found.loadings)
        unit = correction(traits.to_numpy(), np.arange(len(traits))).std(axis=0)
        return Data(cohort, inputs, traits / unit, unit, families, correction, found.rule)
    cohort = datasets.load("pines") if name == "pines" else from_study(studies.pigs_like(seed=SEED))
    tree = cohort.pedigree
    assert tree is not None
    columns = [tree[column].to_numpy() for column in ("individual", "father", "mother")]
    whole = pedigree.relationship_matrix(*columns)
    # As in the paper: the loadings of the whole pedigree, of which those with markers are kept.
    found = pedigree.loadings(whole, rank=PUBLISHED["loadings"][name])
    place = pd.Index(tree["individual"].astype(str)).get_indexer(cohort.samples)
    traits = cohort.traits[["root_number"]] if name == "pines" else cohort.traits
    rows = np.flatnonzero(traits.notna().all(axis=1))
    inputs = Inputs(cohort.genotypes[rows], loadings=found.loadings[place[rows]])
    parents = tree.iloc[place[rows]]
    families = (parents["father"].astype(str) + " x " + parents["mother"].astype(str)).to_numpy()
    measured = traits.iloc[rows]
    unit = measured.to_numpy().std(axis=0)
    return Data(cohort, inputs, measured / unit, unit, families, None, found.rule)


def methods(group: str, protocol: str, data_name: str) -> dict[str, Any]:
    """The methods of a group, with each kind of input."""
    found: dict[str, Any] = {}
    wide = data_name == "pigs"
    for inputs, loadings in ((MARKERS, False), (BOTH, True)):
        units = {"units": 2, "epochs": 10} if wide else {}
        ours = ready.Grvsnn(loadings=loadings, patience=25, **units)
        random = ready.Grvsnn(loadings=loadings, start="random", patience=25, **units)
        authors = ready.Grvsnn(
            layout="dense", loadings=loadings, start="random", patience=25, block_l2=0.01, l2=0.0
        )
        gblup = ready.Gblup(loadings=loadings)
        named: dict[str, Any]
        if group == "sampled":
            named = {
                "Bayesian lasso": ready.Bayes("lasso", loadings=loadings),
                "BayesC-pi": ready.Bayes("bayes_c_pi", loadings=loadings),
            }
        elif wide or (group == "fast" and protocol == "authors"):
            named = {"GBLUP": gblup} if group == "fast" else {"GRVSNN": ours}
        elif group in ("fast", "medium"):
            # With two kernels, or two blocks of effects, no closed form makes these two quick.
            named = {
                "Gaussian kernel": ready.Rkhs(loadings=loadings),
                "Bayesian ridge": ready.Bayes("ridge", loadings=loadings),
            }
            if (group == "medium") != loadings:
                named = {}
            if group == "fast":
                named = {"GBLUP": gblup, **named}
            else:
                named["elastic net"] = ready.ElasticNet(loadings=loadings)
        elif protocol == "authors":
            named = {
                "GRVSNN, random start": _leaky(random),
                "GRVSNN, authors' layout": _leaky(authors),
            }
        else:
            named = {
                "GRVSNN": ours,
                "GRVSNN, random start": random,
                "GRVSNN, authors' layout": authors,
                "LassoNet": ready.LassoNet(loadings=loadings),
            }
            if protocol == "families":
                del named["GRVSNN, random start"], named["LassoNet"]
            if (data_name, protocol) == ("mice", "families"):
                named = {"GRVSNN": ours}
        if group == "fast" and not loadings:
            named = {"mean": ready.Mean(), **named}
        found |= {f"{name} | {inputs}": method for name, method in named.items()}
    return found


def _leaky(method: Any) -> Any:
    return ready.StoppedOnTest(replace(method, refit=False))


def machine() -> dict[str, Any]:
    """What fits ran on, kept beside their results: a study may be continued elsewhere."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    return records.machine() | {"keras_backend": backend}


def run_repeat(
    name: str, protocol: str, group: str, repeat: int, *, pool: Executor, quick: bool
) -> Comparison:
    """One group of methods under one protocol, on the folds of one repeat."""
    this = data(name)
    folds = repeated_k_fold(
        len(this.traits),
        FOLDS,
        repeats=repeat + 1,
        groups=this.families if protocol == "families" else None,
        stratify=None if protocol == "families" else this.traits.iloc[:, 0].to_numpy(),
        seed=SEED,
    )[repeat * FOLDS :]
    traits: Any = this.traits
    correction = this.correction
    if protocol == "authors" and correction is not None:
        everyone = np.arange(len(traits))
        corrected = correction(traits.to_numpy(), everyone)
        traits, correction = pd.DataFrame(corrected, columns=traits.columns), None
    place = FOLDER / name / protocol / group / f"repeat_{repeat}"
    started = time.perf_counter()
    found = compare(
        methods(group, protocol, name),
        this.inputs,
        traits,
        folds[: PIG_FOLDS if quick or name == "pigs" else None],
        adjust=correction,
        executor=pool,
        folder=None if quick else place,
        seed=SEED,
        blind=protocol != "authors",
    )
    if not quick and not (place / MACHINE).exists():
        (place / MACHINE).write_text(json.dumps(machine()))
    minutes = (time.perf_counter() - started) / 60
    print(f"{name}, {protocol}, {group}, repeat {repeat}: {minutes:.1f} min", file=sys.stderr)
    return found


def run_protocol(
    name: str, protocol: str, groups: tuple[str, ...], *, pool: Executor, quick: bool
) -> list[Comparison]:
    """All repeats of some groups. Two are in flight, so that no worker waits for the last fit."""
    parts = [
        (group, repeat)
        for group in groups
        for repeat in list(REPEATS[name][protocol].get(group, ()))[: 1 if quick else None]
    ]
    data(name)  # before threads ask for it
    with ThreadPoolExecutor(2) as threads:
        waiting = [
            threads.submit(run_repeat, name, protocol, group, repeat, pool=pool, quick=quick)
            for group, repeat in parts
        ]
        return [one.result() for one in waiting]


def summary(found: Comparison) -> dict[str, Any]:
    """Scores of every method, and differences with intervals over the folds they share."""
    result: dict[str, Any] = {"folds_in_all": len(found.folds)}
    first = found.folds[0]
    result["test_rows"] = len(first.test)
    result["training_rows"] = len(first.training) + len(first.validation)
    for trait in found.traits:
        table = found.summary(trait)
        scores: dict[str, Any] = {MARKERS: {}, BOTH: {}}
        for full, row in table.iterrows():
            method, inputs = str(full).split(" | ")
            scores[inputs][method] = {"folds": int(row["folds"])} | {
                part: {"mean": float(row[part]), "sd": float(row[f"{part}_sd"])}
                for part in (*MEASURES, *COUNTS)
            }
        over_gblup: dict[str, Any] = {MARKERS: {}, BOTH: {}}
        loadings_gain: dict[str, Any] = {}
        for full in found.methods:
            method, inputs = full.split(" | ")
            if method == "mean":
                continue
            if method != "GBLUP":
                base = f"GBLUP | {inputs}"
                over_gblup[inputs][method] = _compared(found, full, base, trait)
            if inputs == BOTH:
                loadings_gain[method] = _compared(found, full, f"{method} | {MARKERS}", trait)
        result[trait] = {
            "scores": scores,
            "minus_gblup": over_gblup,
            "gain_of_loadings": loadings_gain,
        }
    settings = found.settings.groupby(["method", "setting"])["value"]
    result["settings"] = {
        f"{method}: {setting}": {
            "mean": float(v.mean()),
            "low": float(v.min()),
            "high": float(v.max()),
        }
        for (method, setting), v in settings
    }
    epochs = found.settings[found.settings["setting"] == "best_epoch"]
    result["share_of_fits_with_no_epoch"] = {
        str(method): float((part["value"] == 0).mean()) for method, part in epochs.groupby("method")
    }
    return result


def _compared(found: Comparison, a: str, b: str, trait: str) -> dict[str, Any]:
    wins = found.wins(a, b, trait=trait)
    return {
        "r": found.difference(a, b, measure="r", trait=trait),
        "mse": found.difference(a, b, measure="mse", trait=trait),
        "folds_won": wins.a,
        "folds_lost": wins.b,
    }


def audit(name: str) -> dict[str, Any]:
    """What the published numbers can be held against, without any fold."""
    this = data(name)
    everyone = np.arange(len(this.traits))
    y = this.traits.to_numpy()
    raw = y * this.unit
    if this.correction is not None:
        y = this.correction(y, everyone)
    fitted = fit_gblup(genomic_relationship(this.inputs.genotypes), y)
    result: dict[str, Any] = {
        "loadings": this.inputs.loadings.shape[1],
        "rule": this.rule,
        "variances_of_the_raw_traits": raw.var(axis=0),
        # What a script that never scales the traits reports for predicting the mean.
        "joint_raw_mse_of_the_mean": float(raw.var(axis=0).mean()),
    }
    for column, trait in enumerate(this.traits):
        heritability = float(fitted.heritability[column])
        result[trait] = {
            "heritability": heritability,
            # A perfect additive prediction correlates with the phenotype by this much.
            "ceiling_of_r": float(np.sqrt(heritability)),
            "variance": float(y[:, column].var() * this.unit[column] ** 2),
            "r_in_sample": metrics.pearson_correlation(y[:, column], fitted.predictions[:, column]),
        }
    return result


def picture(found: Comparison, trait: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Observed and predicted values of the first repeat, for a figure."""
    column = found.traits.index(trait)
    rows = np.flatnonzero(np.isfinite(found.observed[0, :, column]))
    chosen = {
        name: found.predictions[found.methods.index(name), 0, rows, column].round(3)
        for name in names
        if name in found.methods
    }
    return {"observed": found.observed[0, rows, column].round(3), "predicted": chosen}


def shown(name: str, protocol: str, trait: str, result: dict[str, Any]) -> str:
    """One table as text, with the published correlations beside ours."""
    lines = [f"\n{name}, {trait}, {protocol}: r (MSE) | published r (MSE)"]
    printed = PUBLISHED["tables"].get(name, {}).get(trait, {})
    for inputs in (MARKERS, BOTH):
        lines.append(f"  {inputs}")
        for method, row in result[trait]["scores"][inputs].items():
            theirs = printed.get(method.split(",")[0], {}).get(inputs)
            beside = f"{theirs['r']:.3f} ({theirs['mse']:.3f})" if theirs else ""
            lines.append(
                f"    {method:<24} {row['r']['mean']:.3f} ({row['mse']['mean']:.3f}), "
                f"{row['folds']} folds | {beside}"
            )
    return "\n".join(lines)


def study(name: str, options: argparse.Namespace, pool: Executor) -> None:
    """All protocols of one data set."""
    results: dict[str, Any] = {}
    pictures: dict[str, Any] = {}
    groups = (options.only,) if options.only else GROUPS
    for protocol in REPEATS[name]:
        if options.protocol not in (None, protocol):
            continue
        done = run_protocol(name, protocol, groups, pool=pool, quick=options.quick)
        if options.only or not done:
            continue
        found = Comparison.joined(done)
        results[protocol] = summary(found)
        for trait in found.traits:
            print(shown(name, protocol, trait, results[protocol]))
        if protocol == "honest":
            wanted = tuple(f"{method} | {BOTH}" for method in ("GBLUP", "GRVSNN"))
            pictures = {trait: picture(found, trait, wanted) for trait in found.traits[:2]}
    if options.only or options.protocol or options.quick:
        return
    this = data(name)
    machines = {
        f"{protocol}, {group}": json.loads(path.read_text())
        for protocol in results
        for group in GROUPS
        for path in sorted((FOLDER / name / protocol / group).glob(f"*/{MACHINE}"))
    }
    kept = {
        "data": name,
        "machines": machines,
        "n": len(this.traits),
        "markers": this.inputs.genotypes.shape[1],
        "audit": audit(name),
        "protocols": results,
        "pictures": pictures,
        "published": PUBLISHED,
    }
    origin = {"simulated": this.cohort.origin} if name == "pigs" else {"cohort": this.cohort}
    command = "GENEML_RECORD=1 make reproduce"
    records.save(f"grvsnn_paper_{name}", kept, command=command, **origin)


def main() -> None:
    """Run the study and show its tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two folds of each")
    parser.add_argument("--workers", type=int, default=None, help="processes (default: cores)")
    parser.add_argument("--data", choices=tuple(REPEATS), action="append", help="only these data")
    parser.add_argument(
        "--only", choices=GROUPS, help="fill in one group of methods, record nothing"
    )
    parser.add_argument("--protocol", choices=tuple(REPEATS["mice"]), help="only this protocol")
    options = parser.parse_args()
    names = tuple(options.data or REPEATS)
    for name in names:
        if name != "pigs":
            datasets.find(name)  # to fail now rather than in an hour
    with chunks.process_pool(options.workers)() as pool:
        for name in names:
            study(name, options, pool)


if __name__ == "__main__":
    main()
