"""Who finds interacting pairs: attention weights, and how the answer depends on the data.

Two studies that take too long for chapter 8, which shows their records.

``attention``: ten cohorts of 2,000 individuals at 40 loci, 12 of them causal in six interacting
pairs; heritability 0.7, of which 40 % is pairwise. An attention network is trained on the trait,
and again on a shuffled trait. Pairs are read from its attention weights (their mean, and how they
vary among individuals), and from its double mutants. A second one, without hidden layers behind
the attention, can hold interactions nowhere else.

``map``: ten cohorts for each of three sizes and three shares of pairwise variance; the pair scan,
the double mutants of a sparse dense network, and main effects, which know nothing of pairs. For
each size the same again on a shuffled trait.

Run ``python benchmarks/epistasis_recovery.py``, or ``--part map`` and ``--part attention`` beside
each other. With ``GENEML_RECORD=1`` the results go to ``geneml/recorded/epistasis_*.json``.
``--quick`` takes two small cohorts, and records nothing.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from data_sim import studies
from data_sim.traits import Architecture
from geneml import models, records, training
from geneml.baselines import single_marker_regression
from geneml.baselines.pairs import scan_pairs
from geneml.interpret.interactions import (
    attention_interactions,
    choose_positions,
    epistasis,
    feature_interaction_maps,
)
from geneml.interpret.mutagenesis import in_silico_mutagenesis
from geneml.interpret.truth import over_replicates, pair_recovery
from geneml.splits import random_split

SEEDS = tuple(range(811, 821))
P, CAUSAL, PAIRS, CANDIDATES, BACKGROUNDS = 40, 12, 6, 16, 50
SIZES, SHARES = (500, 1_500, 4_500), (0.1, 0.3, 0.5)
TRAINING: dict[str, Any] = {"epochs": 60, "patience": 10, "learning_rate": 3e-3, "baseline": False}
SPARSE: dict[str, Any] = {"hidden": (32, 16), "group_lasso": 0.015}


def cohort(seed: int, n: int = 2_000, pairwise: float = 0.4) -> Any:
    """One cohort at independent loci; heritability 0.7, and this share of it pairwise."""
    return studies.small_panel(
        n,
        P,
        heritability=0.7,
        architecture=Architecture(
            n_causal=CAUSAL, additive=1 - pairwise, pairwise=pairwise, n_pairs=PAIRS
        ),
        allele_frequency_range=(0.1, 0.5),
        seed=seed,
    )


def double_mutants(fit: Any, x: np.ndarray) -> np.ndarray:
    """Interaction scores of the loci that matter most to the network, zero for other pairs."""
    importance = in_silico_mutagenesis(fit, x).importance()
    found = epistasis(fit, x, choose_positions(importance, CANDIDATES))
    return found.matrix(P, "score")


def score(table: np.ndarray, pairs: np.ndarray) -> dict[str, float]:
    """How well a table of scores finds the pairs: average precision, and found in the top six."""
    recovery = pair_recovery(table, pairs)
    return {"average_precision": recovery.average_precision, "found": float(recovery.found)}


def attention_study(seeds: tuple[int, ...], n: int, epochs: int) -> dict[str, Any]:
    """Pairs read from attention networks, by method and replicate."""
    found: dict[str, list] = {}
    r2: dict[str, list] = {}
    for seed in seeds:
        study = cohort(seed, n)
        x, y = study.genotypes, study.traits["trait"].to_numpy()
        pairs = study.truth["trait"].pairs
        shuffled = np.random.default_rng(seed).permutation(y)
        for name, trait, hidden in (
            ("attention", y, (32,)),
            ("attention, shuffled", shuffled, (32,)),
            ("attention alone", y, ()),
        ):
            split = random_split(n, seed=seed)
            network = models.attention(P, encoder="dosage", hidden=hidden, seed=seed)
            settings = TRAINING | {"epochs": epochs}
            fit = training.fit(network, x, trait, split, seed=seed, **settings)
            r2.setdefault(name, []).append({"r2": fit.scores["test"]["r2"]})
            explained = x[split.training][:200]
            for kind in ("mean", "variation"):
                weights = attention_interactions(fit, explained, kind=kind).sizes
                found.setdefault(f"{name}: weights, {kind}", []).append(score(weights, pairs))
            mutants = double_mutants(fit, explained[:20])
            found.setdefault(f"{name}: double mutants", []).append(score(mutants, pairs))
        print(seed, {name: round(values[-1]["r2"], 2) for name, values in r2.items()}, flush=True)
    return {
        "recovery": {name: over_replicates(values) for name, values in found.items()},
        "average_precision": {
            name: [one["average_precision"] for one in values] for name, values in found.items()
        },
        "r2": {name: over_replicates(values)["r2"] for name, values in r2.items()},
        "seeds": list(seeds),
    }


def map_replicate(seed: int, n: int, share: float, *, shuffled: bool) -> dict[str, Any]:
    """Scores of the pairs by method, and R2 of the network, for one cohort."""
    study = cohort(seed, n, share)
    x, y = study.genotypes, study.traits["trait"].to_numpy()
    if shuffled:
        y = np.random.default_rng(seed).permutation(y)
    split = random_split(n, seed=seed)
    known = np.concatenate([split.training, split.validation])
    network = models.dense(P, encoder="dosage", seed=seed, **SPARSE)
    fit = training.fit(network, x, y, split, seed=seed, **TRAINING)
    explained = x[split.training][:BACKGROUNDS]
    single = single_marker_regression(x, y, training=known).statistics
    tables = {
        "pair scan": scan_pairs(x, y, training=known).scores,
        "double mutants": double_mutants(fit, explained),
        "gradient map": feature_interaction_maps(fit, explained).scores,
        "main effects": np.abs(np.outer(single, single)) * (1 - np.eye(P)),
    }
    pairs = study.truth["trait"].pairs
    return {
        "scores": {name: score(table, pairs) for name, table in tables.items()},
        "r2": {"r2": fit.scores["test"]["r2"]},
    }


def map_study(
    seeds: tuple[int, ...], sizes: tuple[int, ...], shares: tuple[float, ...]
) -> dict[str, Any]:
    """Average precision by method, size of the cohort and share of pairwise variance."""
    results: dict[str, Any] = {}
    middle = shares[len(shares) // 2]
    for n in sizes:
        cells = [(f"n={n}, pairwise={share}", share, False) for share in shares]
        for name, share, shuffled in [*cells, (f"n={n}, shuffled labels", middle, True)]:
            runs = [map_replicate(seed, n, share, shuffled=shuffled) for seed in seeds]
            cell = {
                method: over_replicates([run["scores"][method] for run in runs])[
                    "average_precision"
                ]
                for method in runs[0]["scores"]
            }
            results[name] = cell | {"r2": over_replicates([run["r2"] for run in runs])["r2"]}
            print(name, {method: str(value) for method, value in cell.items()}, flush=True)
    return results


def main() -> None:
    """Run one study or both."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--part", choices=("attention", "map", "both"), default="both")
    parser.add_argument("--quick", action="store_true", help="two small cohorts, nothing recorded")
    options = parser.parse_args()
    seeds = SEEDS[:2] if options.quick else SEEDS
    about = cohort(SEEDS[0]).description
    if options.part != "map":
        n, epochs = (300, 2) if options.quick else (2_000, 40)
        results = attention_study(seeds, n, epochs)
        if not options.quick:
            records.save(
                "epistasis_attention",
                results,
                simulated=f"{len(seeds)} cohorts: {about}",
                command="GENEML_RECORD=1 python benchmarks/epistasis_recovery.py --part attention",
            )
    if options.part != "attention":
        sizes, shares = ((300,), (0.3,)) if options.quick else (SIZES, SHARES)
        results = map_study(seeds, sizes, shares)
        if not options.quick:
            records.save(
                "epistasis_map",
                results,
                simulated=f"{len(seeds)} cohorts of each size and share. The first: {about}",
                command="GENEML_RECORD=1 python benchmarks/epistasis_recovery.py --part map",
            )


if __name__ == "__main__":
    main()
