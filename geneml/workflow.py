"""From a cohort to a predictor: what ``geneml train`` does, for use in Python as well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geneml._checks import MISSING
from geneml.cohort import Cohort
from geneml.encoding import one_hot_sequences
from geneml.predictor import Predictor
from geneml.splits import Split, grouped_split, random_split

MODELS = ("dense", "cnn", "ridge")
ENCODINGS = ("dosage", "one_hot")
# Hidden layers and group lasso of the dense networks that are tried. Ridge regression chooses its
# penalty on the validation part; a network that may not would lose to it for the wrong reason.
DENSE = (((64, 32), 2e-3), ((16,), 0.02), ((16,), 0.05))


@dataclass(frozen=True)
class Trained:
    """A predictor and how it came about.

    Attributes
    ----------
    predictor : Predictor
        Ready to be saved.
    cohort : Cohort
        The individuals and variants used.
    split : Split
        Which of them trained, chose and tested.
    scores : dict
        Model to part to measure to value, baselines included.
    statement : str
        What the model was worth, in plain words.
    left_out : dict
        Why, and how many individuals or variants were not used.
    fit : Fit or None
        The training run; ``None`` for ridge regression.
    """

    predictor: Predictor
    cohort: Cohort
    split: Split
    scores: dict[str, dict[str, dict[str, float]]]
    statement: str
    left_out: dict[str, int]
    fit: Any = None


def train(
    cohort: Cohort,
    trait: str,
    *,
    model: str = "dense",
    encoding: str = "dosage",
    groups: Any = None,
    seed: int = 0,
    progress: bool = False,
    **settings: Any,
) -> Trained:
    """Train a model on a cohort, with its baselines, and keep what prediction needs.

    Individuals without the trait and variants without a genotype are left out. The rest is
    split 3:1:1 into training, validation and test, at random or with whole groups together.

    Parameters
    ----------
    cohort : Cohort
        Genotypes or sequences; sequences are used where there are any.
    trait : str
        One of its traits.
    model : str
        ``"dense"``, ``"cnn"`` or ``"ridge"``. Of the dense networks in ``DENSE`` the one with
        the lowest validation loss is kept, as ridge regression chooses its penalty.
    encoding : str
        How a network sees genotypes: ``"dosage"`` or ``"one_hot"``. Sequences are one-hot.
    groups : str, optional
        A covariate; individuals with the same value stay on the same side of the split.
        Use it for families: relatives on both sides make the test too easy.
    seed : int
        Decides the split, the initial weights and the order of the batches.
    progress : bool
        Whether to show a progress bar.
    **settings
        Passed to :func:`geneml.training.fit`.

    Returns
    -------
    Trained

    Raises
    ------
    ValueError
        If an argument is unknown or the cohort too small.
    """
    for name, value, known in (("model", model, MODELS), ("encoding", encoding, ENCODINGS)):
        if value not in known:
            raise ValueError(f"{name}: expected one of {', '.join(known)}, received {value!r}")
    whole, cohort = cohort, cohort.measured(trait)
    left_out = {"individuals without the trait": whole.n_samples - cohort.n_samples}
    y = cohort.trait(trait)
    if cohort.n_samples < 20:
        raise ValueError(
            f"cohort: expected at least 20 individuals with {trait!r}, received {cohort.n_samples}"
        )
    split = _split(cohort, groups, seed)
    if cohort.sequences is not None:
        inputs, x = "one_hot_sequences", one_hot_sequences(cohort.sequences, unknown="zero")
    else:
        cohort, x, dropped = _observed_variants(cohort, split.training)
        left_out["variants without a genotype in the training part"] = dropped
        inputs = "genotypes"
    left_out = {reason: count for reason, count in left_out.items() if count}
    about = {"model": model, "split": str(split), "seed": seed, "origin": cohort.origin}
    if model == "ridge":
        trained = _train_ridge(x, y, split, cohort, trait, inputs, about)
    else:
        networks = _networks(model, x, inputs, encoding, seed)
        settings = {"seed": seed, "progress": progress, **settings}
        trained = _train_networks(networks, x, y, split, cohort, trait, about, settings)
    return replace(trained, left_out=left_out)


def _split(cohort: Cohort, groups: str | None, seed: int) -> Split:
    if groups is None:
        return random_split(cohort.n_samples, seed=seed)
    if groups not in cohort.covariates:
        raise ValueError(
            f"groups: expected one of the covariates {list(cohort.covariates.columns)}, received "
            f"{groups!r}"
        )
    return grouped_split(cohort.covariates[groups].to_numpy(), seed=seed)


def _observed_variants(cohort: Cohort, training: np.ndarray) -> tuple[Cohort, np.ndarray, int]:
    """Drop variants that no training individual has a genotype for: they have no mean."""
    genotypes, variants = cohort.genotypes, cohort.variants
    if genotypes is None or variants is None:
        raise ValueError("cohort: expected genotypes or sequences, received neither")
    keep = (genotypes[training] != MISSING).any(axis=0)
    dropped = int((~keep).sum())
    if dropped:
        genotypes = genotypes[:, keep]
        variants = variants[keep].reset_index(drop=True)
        cohort = replace(cohort, genotypes=genotypes, variants=variants)
    return cohort, genotypes, dropped


def _networks(model: str, x: np.ndarray, inputs: str, encoding: str, seed: int) -> dict[str, Any]:
    """The course's default networks, with a name that says how they differ."""
    from geneml import models

    shape, encoder = x.shape[1:], encoding if inputs == "genotypes" else None
    if model == "cnn":
        kernel = min(8, x.shape[1])
        return {"cnn": models.cnn(shape, kernel_size=kernel, encoder=encoder, seed=seed)}
    return {
        f"hidden {'-'.join(map(str, hidden))}, group lasso {penalty}": models.dense(
            shape, hidden=hidden, group_lasso=penalty, encoder=encoder, seed=seed
        )
        for hidden, penalty in DENSE
    }


def _train_networks(
    networks: dict[str, Any],
    x: np.ndarray,
    y: np.ndarray,
    split: Split,
    cohort: Cohort,
    trait: str,
    about: dict[str, Any],
    settings: dict[str, Any],
) -> Trained:
    """Train each network, and keep the one with the lowest validation loss."""
    from geneml.training import fit

    wanted = settings.pop("baseline", True)
    runs = {
        name: fit(network, x, y, split, baseline=wanted and place == 0, **settings)
        for place, (name, network) in enumerate(networks.items())
    }
    first = next(iter(runs.values()))
    chosen = min(runs, key=lambda name: runs[name].history["validation_loss"].min())
    run = replace(
        runs[chosen],
        baselines=first.baselines,
        baseline_predictions=first.baseline_predictions,
        baseline_scores=first.baseline_scores,
    )
    scores = {about["model"]: run.scores, **run.baseline_scores}
    about = {**about, "network": chosen, "scores": _json(scores)}
    predictor = Predictor.from_fit(run, cohort, trait=trait, about=about)
    return Trained(predictor, cohort, split, scores, run.verdict(), {}, run)


def _train_ridge(
    x: np.ndarray,
    y: np.ndarray,
    split: Split,
    cohort: Cohort,
    trait: str,
    inputs: str,
    about: dict[str, Any],
) -> Trained:
    from geneml.baselines.linear import fit_mean, fit_ridge
    from geneml.encoding import impute_mean
    from geneml.intervals import paired_interval
    from geneml.predictor import Preprocessing
    from geneml.scores import score_parts

    parts = {name: getattr(split, name) for name in ("training", "validation", "test")}
    fits = {"ridge": fit_ridge(x, y, split=split), "mean": fit_mean(x, y, split=split)}
    predictions = {name: one.predict(x) for name, one in fits.items()}
    scores = {name: score_parts(y, values, parts) for name, values in predictions.items()}
    error = {name: ((values - y) ** 2)[split.test] for name, values in predictions.items()}
    gain = paired_interval(error["mean"], error["ridge"])
    statement = (
        "Ridge regression beats predicting the mean for everybody."
        if gain.low > 0
        else "Ridge regression does not clearly beat predicting the mean for everybody."
    )
    known: dict[str, Any] = {"trait": trait, "about": {**about, "scores": _json(scores)}}
    if cohort.variants is None or inputs == "one_hot_sequences":
        preprocessing = Preprocessing(inputs, length=x.shape[1], **known)
    else:
        preprocessing = Preprocessing(
            inputs,
            variants=cohort.variants.reset_index(drop=True),
            dosage_means=impute_mean(x[split.training])[1],
            **known,
        )
    return Trained(Predictor(fits["ridge"], preprocessing), cohort, split, scores, statement, {})


def _json(scores: dict) -> dict:
    """The scores with ``None`` for what is undefined: JSON knows no NaN."""
    if isinstance(scores, dict):
        return {name: _json(value) for name, value in scores.items()}
    return scores if np.isfinite(scores) else None
