"""The Bayesian alphabet: BGLR in R and ``geneml.baselines.fit_bayes``, on the same mice.

One fold of five of the heterogeneous stock mice (1,451 in training, 10,346 markers, body length
as measured; simulated mice of the same shape where the real ones cannot be had). Both sides get
the same training rows and columns, centred by their training means, the same default
hyperparameters, one chain, one thread and a process of their own for every prior:

* ``BGLR``: the R package of Perez & de los Campos (2014, Genetics 198:483), models BRR, BL and
  BayesC, in double precision through the BLAS that R uses. The file tells which: BGLR with R's
  reference BLAS takes about twice as long as with OpenBLAS, so give R an optimised one;
* ``geneml``: priors ``"ridge"``, ``"lasso"`` and ``"bayes_c_pi"``. Ridge with one variance needs
  no Markov chain here and leaves as many independent draws as a chain would leave; ``ridge, as
  a chain`` is the same model by the Gibbs sampler that blocks of columns use.

Two runs of different lengths are timed in one process. Their difference gives the seconds for
1,000 iterations, without what comes before the first. Compiling is timed apart, on a small table.
The longer run gives the effective sample sizes of the residual and the genetic variance, by
the same estimator (Vehtari et al. 2021) for both sides, divided by all seconds of that run: set-up
and burn-in included, compiling not. How far the two posteriors agree is told by the correlation of
their predictions of the test mice, and by posterior means with Monte Carlo standard errors. One
prior differs by a little: BGLR draws the share of columns with an effect with one count more on
either side, so from Beta(6, 6) a priori.

CPU time is given beside wall time, because other work on a machine lengthens mostly the latter.

Run ``python benchmarks/gibbs_speed.py``; it writes ``gibbs_speed.json`` beside it. ``--quick``
uses few iterations and writes nothing. ``Rscript`` is looked for on the path and BGLR in R's
libraries (``R_LIBS``); without them the script says so and stops.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

# Name: BGLR's model, this package's prior, whether as one block of a Markov chain.
MODELS = {
    "ridge": ("BRR", "ridge", False),
    "ridge, as a chain": ("BRR", "ridge", True),
    "lasso": ("BL", "lasso", False),
    "BayesC-pi": ("BayesC", "bayes_c_pi", False),
}
ITERATIONS, SHORT, THIN, SEED = 12_000, 600, 5, 1
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

R_CODE = """
given <- commandArgs(TRUE)
model <- given[2]
lengths <- as.integer(given[3:4])
thin <- as.integer(given[5])
seed <- as.integer(given[6])
place <- function(name) file.path(given[1], name)
numbers <- function(name, size) {
  connection <- file(place(name), "rb")
  on.exit(close(connection))
  readBin(connection, "double", size)
}
shape <- as.integer(numbers("shape.bin", 2))
x <- matrix(numbers("x.bin", prod(shape)), shape[1], shape[2])
y <- numbers("y.bin", shape[1])
suppressMessages(library(BGLR))
for (run in 1:2) {
  set.seed(seed)
  before <- proc.time()
  fit <- BGLR(y = y, ETA = list(list(X = x, model = model, saveEffects = run == 2)),
              nIter = lengths[run], burnIn = lengths[run] %/% 6L, thin = thin,
              verbose = FALSE, saveAt = place(""))
  spent <- proc.time() - before
  cat(spent[["elapsed"]], spent[["user.self"]] + spent[["sys.self"]], "\\n")
}
status <- if (file.exists("/proc/self/status")) readLines("/proc/self/status")
cat(gsub("[^0-9]", "", grep("VmHWM", status, value = TRUE)), "\\n")
"""

R_VERSIONS = """
cat(as.character(packageVersion("BGLR")), R.version.string, extSoftVersion()[["BLAS"]], sep = "\\n")
"""


def bglr_versions() -> dict[str, str] | None:
    """Versions of BGLR, R and its BLAS; None where one of the first two is missing."""
    if shutil.which("Rscript") is None:
        print("Rscript is not on the path: install R (on Debian: r-base-core) to run this.")
        return None
    asked = subprocess.run(["Rscript", "-e", R_VERSIONS], capture_output=True, text=True)
    if asked.returncode:
        print(
            "R does not find the package BGLR: install.packages('BGLR'), or name the library "
            "that holds it in R_LIBS."
        )
        return None
    return dict(zip(("BGLR", "R", "blas_of_R"), asked.stdout.splitlines(), strict=True))


def written(folder: Path, quick: bool) -> dict[str, Any]:
    """The fold as files for both sides, and what it is."""
    from data_sim import studies
    from geneml import datasets
    from geneml.splits import k_fold

    cohort = datasets.load("mice", stand_in=studies.mice_like)
    x, y = cohort.genotypes, cohort.traits["body_length"].to_numpy(dtype=np.float64)
    if quick:
        x = x[:, ::10]
    fold = k_fold(len(y), 5, seed=SEED)[0]
    training = np.sort(np.concatenate([fold.training, fold.validation]))
    np.savez(folder / "fold.npz", x=x, y=y, training=training, test=fold.test)
    centred = x[training] - x[training].mean(axis=0)
    centred.ravel(order="F").tofile(folder / "x.bin")
    y[training].tofile(folder / "y.bin")
    np.array(centred.shape, dtype="float64").tofile(folder / "shape.bin")
    return {
        "origin": cohort.origin,
        "real": cohort.is_real,
        "trait": "body_length",
        "training": len(training),
        "test": len(fold.test),
        "columns": x.shape[1],
    }


def geneml_side(name: str, lengths: tuple[int, int], folder: Path) -> None:
    """Time ``fit_bayes`` in this process; prints one line of JSON."""
    from geneml.baselines import fit_bayes

    _, prior, chain = MODELS[name]
    with np.load(folder / "fold.npz") as fold:
        x, y, training, test = (fold[key] for key in ("x", "y", "training", "test"))

    def fit(columns: np.ndarray, iterations: int) -> Any:
        return fit_bayes(
            columns, y, prior=prior, training=training,
            blocks=np.zeros(columns.shape[1], dtype="int64") if chain else None,
            iterations=iterations, burn_in=iterations // 6, thin=THIN, chains=1, seed=SEED,
        )  # fmt: skip

    # The first call compiles; a second of the same size tells what of it was work.
    first, again = (clocked(fit, x[:, :200], 60)[1]["wall"] for _ in range(2))
    (_, short), (found, long) = (clocked(fit, x, length) for length in lengths)
    np.savez(
        folder / "geneml.npz",
        predictions=found.predictions[test],
        residual_variance=found.traces["residual_variance"][0],
        genetic_variance=found.traces["genetic_variance"][0],
    )
    result = {"short": short, "long": long, "compiling": max(first - again, 0.0)}
    print(json.dumps(result | {"memory": peak_memory()}))


def clocked(do: Any, *arguments: Any) -> tuple[Any, dict[str, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = do(*arguments)
    return result, {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def peak_memory() -> float | None:
    """The most memory that this process has held, in MB; None where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((float(line.split()[1]) / 1024 for line in lines if "VmHWM" in line), None)


def in_process(command: list[str], folder: Path) -> str:
    """What a process of one thread prints."""
    environment = os.environ | dict.fromkeys(THREADS, "1") | {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "NUMBA_CACHE_DIR": str(folder / "compiled"),  # empty, so that compiling is seen
    }  # fmt: skip
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def run_geneml(name: str, lengths: tuple[int, int], folder: Path) -> dict[str, Any]:
    sizes = [str(length) for length in lengths]
    shutil.rmtree(folder / "compiled", ignore_errors=True)
    text = in_process(
        [sys.executable, __file__, "--side", name, "--lengths", *sizes, "--in", str(folder)], folder
    )
    result = json.loads(text.splitlines()[-1])
    with np.load(folder / "geneml.npz") as found:
        posterior = dict(found)
    return summary(result, lengths, posterior, chain=name != "ridge")


def run_bglr(model: str, lengths: tuple[int, int], folder: Path) -> dict[str, Any]:
    script = folder / "side.R"
    script.write_text(R_CODE, encoding="utf-8")
    sizes = [str(number) for number in (*lengths, THIN, SEED)]
    text = in_process(["Rscript", str(script), str(folder), model, *sizes], folder)
    *lines, kilobytes = (line.split() for line in text.splitlines()[-3:])
    short, long = ({"wall": float(wall), "cpu": float(cpu)} for wall, cpu in lines)
    memory = float(kilobytes[0]) / 1024 if kilobytes else None
    result = {"short": short, "long": long, "memory": memory}
    return summary(result, lengths, bglr_posterior(lengths[1], folder), chain=True)


def bglr_posterior(iterations: int, folder: Path) -> dict[str, np.ndarray]:
    """Predictions of the test rows and the draws of the two variances, from BGLR's files."""
    with np.load(folder / "fold.npz") as fold:
        x, training, test = (fold[key] for key in ("x", "training", "test"))
    means = x[training].mean(axis=0)
    kept = slice(iterations // 6 // THIN, None)
    # A head of two numbers, then one draw after the other; effects not in the model are zero.
    drawn = np.fromfile(folder / "ETA_1_b.bin")[2:].reshape(-1, x.shape[1])
    genetic = np.concatenate(
        [
            ((x[training] - means) @ part.T).var(axis=0, ddof=1)
            for part in np.array_split(drawn, len(drawn) // 100 + 1)
        ]
    )
    return {
        "predictions": np.loadtxt(folder / "mu.dat")[kept].mean()
        + (x[test] - means) @ drawn.mean(axis=0),
        "residual_variance": np.loadtxt(folder / "varE.dat")[kept],
        "genetic_variance": genetic,
    }


def summary(
    result: dict[str, Any],
    lengths: tuple[int, int],
    posterior: dict[str, np.ndarray],
    *,
    chain: bool,
) -> dict[str, Any]:
    """One side's times and what its longer run knows."""
    from geneml.baselines._convergence import effective_size

    short, long = result["short"], result["long"]
    report: dict[str, Any] = {
        "iterations": lengths[1] if chain else None,
        "draws": len(posterior["residual_variance"]),
        "seconds_of_the_longer_run": long,
        "seconds_per_1000_iterations": {
            clock: (long[clock] - short[clock]) / (lengths[1] - lengths[0]) * 1_000
            for clock in long
        }
        if chain
        else None,
        "seconds_compiling": result.get("compiling"),
        "peak_memory_mb": result["memory"] and round(result["memory"]),
    }
    for name in ("residual_variance", "genetic_variance"):
        draws = posterior[name]
        size = effective_size(draws[None])
        report[name] = {
            "mean": float(draws.mean()),
            "deviation": float(draws.std(ddof=1)),
            "monte_carlo_error": float(draws.std(ddof=1) / np.sqrt(size)),
            "effective_size": size,
            "effective_size_per_second": {clock: size / long[clock] for clock in long},
        }
    return report | {"predictions": posterior["predictions"]}


def compared(ours: dict[str, Any], bglr: dict[str, Any]) -> dict[str, Any]:
    """The two sides, and beside each other what matters."""
    variances = ("residual_variance", "genetic_variance")
    pace = "seconds_per_1000_iterations"
    correlation = np.corrcoef(ours["predictions"], bglr["predictions"])[0, 1]
    beside = {
        "correlation_of_test_predictions": float(correlation),
        "difference_in_monte_carlo_errors": {
            name: (ours[name]["mean"] - bglr[name]["mean"])
            / float(np.hypot(ours[name]["monte_carlo_error"], bglr[name]["monte_carlo_error"]))
            for name in variances
        },
        "times_faster_per_iteration": ours[pace]
        and {clock: bglr[pace][clock] / ours[pace][clock] for clock in ours[pace]},
        "times_the_effective_draws_a_second": {
            name: {
                clock: ours[name]["effective_size_per_second"][clock]
                / bglr[name]["effective_size_per_second"][clock]
                for clock in ("wall", "cpu")
            }
            for name in variances
        },
    }
    sides = {"geneml": ours, "BGLR": bglr}
    for label, side in sides.items():
        sides[label] = {key: value for key, value in side.items() if key != "predictions"}
    return sides | {"compared": beside}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few iterations, and write nothing")
    parser.add_argument("--side", choices=MODELS, help=argparse.SUPPRESS)
    parser.add_argument("--lengths", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        geneml_side(options.side, tuple(options.lengths), options.folder)
        return
    versions = bglr_versions()
    if versions is None:
        return
    lengths = (60, 300) if options.quick else (SHORT, ITERATIONS)
    results: dict[str, Any] = {}
    of_bglr: dict[str, Any] = {}  # by model: BRR is run once for both of our ridges
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data = written(folder, options.quick)
        for name in MODELS:
            model = MODELS[name][0]
            if model not in of_bglr:
                of_bglr[model] = run_bglr(model, lengths, folder)
            results[name] = compared(run_geneml(name, lengths, folder), of_bglr[model])
            print(f"{name}: {json.dumps(results[name]['compared'])}", flush=True)
    if options.quick:
        return
    packages = ("geneml", "numpy", "numba")
    report = {
        "what": __doc__.splitlines()[0],
        "data": data,
        "lengths": {"timed": lengths, "burn_in": lengths[1] // 6, "thin": THIN, "chains": 1},
        "results": results,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            **{package: metadata.version(package) for package in packages},
            **versions,
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
