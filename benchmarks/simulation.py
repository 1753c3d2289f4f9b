"""How long simulated cohorts take: 5,000 individuals x 10,000 SNPs with a trait.

Every way is run in the same process, one after another, and its answer is checked:

- a coalescent region in linkage disequilibrium (``data_sim.populations.simulate_region``);
- independent loci (``simulate_independent_loci``);
- genes dropped down a pedigree of full sibs (``data_sim.pedigrees.drop_genes``);
- what a learner writes first: Python loops over individuals and loci, and over causal loci.

The loop makes independent loci and an additive trait whose heritability holds only on
average; the others make it exact. ``processor_seconds`` does not depend on what else the machine
is doing; ``seconds`` does. Run ``python benchmarks/simulation.py``; it writes
``simulation.json`` beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np

from data_sim.pedigrees import drop_genes, simulate_pedigree
from data_sim.populations import simulate_independent_loci, simulate_region
from data_sim.traits import Architecture, simulate_trait

HERITABILITY = 0.5
N_CAUSAL = 100


def coalescent(n: int, p: int, seed: int) -> np.ndarray:
    """A region just long enough for p common SNPs, kept at 1 % or more."""
    length = 650 * p
    return simulate_region(n, length=length, n_loci=p, seed=seed).genotypes


def independent(n: int, p: int, seed: int) -> np.ndarray:
    """Independent loci, vectorised."""
    return simulate_independent_loci(n, p, seed=seed).genotypes


def pedigree(n: int, p: int, seed: int) -> np.ndarray:
    """Full sibs, ten of each couple."""
    couples = n // 10
    family = simulate_pedigree(2 * couples, mating="full_sib", family_size=10, seed=seed)
    founders = simulate_independent_loci(2 * couples, p, seed=seed).haplotypes
    dropped = drop_genes(family, founders, np.arange(1, p + 1) * 100_000, seed=seed)
    offspring = dropped[2 * couples :]
    return offspring[:, 0] + offspring[:, 1]


def with_trait(genotypes: np.ndarray, seed: int) -> float:
    """Add a trait and return its realised heritability."""
    trait = simulate_trait(
        genotypes,
        heritability=HERITABILITY,
        architecture=Architecture(n_causal=N_CAUSAL),
        seed=seed,
    )
    return float(trait.genetic_value.var() / trait.phenotype.var())


def loops(n: int, p: int, seed: int) -> tuple[np.ndarray, float]:
    """The first version of a learner: one genotype at a time, one effect at a time."""
    source = random.Random(seed)
    frequency = [source.uniform(0.05, 0.5) for _ in range(p)]
    draw = source.random
    genotypes = np.empty((n, p), dtype=np.int8)
    for i in range(n):
        genotypes[i] = [(draw() < q) + (draw() < q) for q in frequency]
    causal = source.sample(range(p), N_CAUSAL)
    effects = [source.gauss(0, 1) for _ in causal]
    value = []
    for i in range(n):
        total = 0.0
        for locus, effect in zip(causal, effects, strict=True):
            total += effect * genotypes[i, locus]
        value.append(total)
    spread = statistics.pstdev(value)
    noise = spread * ((1 - HERITABILITY) / HERITABILITY) ** 0.5
    phenotype = [one + source.gauss(0, noise) for one in value]
    return genotypes, statistics.pvariance(value) / statistics.pvariance(phenotype)


def mean_neighbour_r2(genotypes: np.ndarray) -> float:
    """Mean r^2 of neighbouring SNPs: 1 / n where they are independent."""
    x = genotypes.astype(np.float32)
    spread = x.std(axis=0)
    x = (x[:, spread > 0] - x[:, spread > 0].mean(axis=0)) / spread[spread > 0]
    return float(((x[:, 1:] * x[:, :-1]).mean(axis=0) ** 2).mean())


def measure(
    make: Callable[[int, int, int], np.ndarray], n: int, p: int, repeats: int
) -> dict[str, object]:
    """Time one way of making genotypes, and the trait on them."""
    genotype_seconds, trait_seconds, processor_seconds, realised = [], [], [], []
    for seed in range(1, repeats + 1):
        processor, start = time.process_time(), time.perf_counter()
        genotypes = make(n, p, seed)
        middle = time.perf_counter()
        realised.append(with_trait(genotypes, seed))
        genotype_seconds.append(middle - start)
        trait_seconds.append(time.perf_counter() - middle)
        processor_seconds.append(time.process_time() - processor)
    total = [a + b for a, b in zip(genotype_seconds, trait_seconds, strict=True)]
    return {
        "individuals": int(genotypes.shape[0]),
        "snps": int(genotypes.shape[1]),
        "seconds": round(statistics.median(total), 3),
        "slowest_seconds": round(max(total), 3),
        "processor_seconds": round(statistics.median(processor_seconds), 3),
        "genotype_seconds": round(statistics.median(genotype_seconds), 3),
        "trait_seconds": round(statistics.median(trait_seconds), 3),
        "repeats": repeats,
        "heritability_error": max(abs(share - HERITABILITY) for share in realised),
        "neighbour_r2": round(mean_neighbour_r2(genotypes), 5),
    }


def run(n: int, p: int, repeats: int) -> dict[str, object]:
    """Measure every way and return the record."""
    coalescent(50, 100, 1)  # import msprime before the clock starts
    ways: dict[str, dict[str, object]] = {
        "coalescent_region": measure(coalescent, n, p, repeats),
        "independent_loci": measure(independent, n, p, repeats),
        "full_sib_pedigree": measure(pedigree, n, p, repeats),
    }
    processor, start = time.process_time(), time.perf_counter()
    genotypes, realised = loops(n, p, 1)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    ways["python_loops"] = {
        "individuals": n,
        "snps": p,
        "seconds": round(seconds, 3),
        "processor_seconds": round(processor, 3),
        "repeats": 1,
        "heritability_error": abs(realised - HERITABILITY),
        "neighbour_r2": round(mean_neighbour_r2(genotypes), 5),
    }
    return {
        "benchmark": "simulated cohort with an additive trait",
        "date": date.today().isoformat(),
        "causal_loci": N_CAUSAL,
        "heritability": HERITABILITY,
        "ways": ways,
        "processor_time_of_loops_over": {
            name: round(processor / float(str(way["processor_seconds"])), 1)
            for name, way in ways.items()
            if name != "python_loops"
        },
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.system(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
        },
        "versions": {name: version(name) for name in ("geneml", "msprime", "numpy", "tskit")},
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--individuals", type=int, default=5_000)
    parser.add_argument("--snps", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args()
    record = run(options.individuals, options.snps, options.repeats)
    text = json.dumps(record, indent=2) + "\n"
    with tempfile.NamedTemporaryFile(
        "w", dir=options.out.parent, suffix=".json", delete=False, encoding="utf-8"
    ) as stream:
        stream.write(text)
    os.chmod(stream.name, 0o644)
    os.replace(stream.name, options.out)
    print(text, end="")


if __name__ == "__main__":
    main()
