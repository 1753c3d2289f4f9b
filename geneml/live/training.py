"""Figures about training a network: descent, over-fitting, early stopping."""

from __future__ import annotations

from typing import Any

from geneml.live.arguments import between as _between
from geneml.live.arguments import seeded as _seeded
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure


def overfit(
    *, heritability: float = 0.5, training_size: int = 80, hidden: int = 32, seed: int = 1
) -> LiveFigure:
    """A small network trained in the page; noise, sample size and width move its loss curves.

    Twenty loci, six of them causal (70 % additive, 30 % dominance variance), one hidden layer of
    ReLU units, Adam on batches of 32 for 200 epochs.

    Parameters
    ----------
    heritability : float
        Share of the variance that is not noise, 0.05 to 1.
    training_size : int
        Training individuals at the start, 20 to 640.
    hidden : int
        Hidden units at the start, 1 to 64.
    seed : int
        Of individuals, first weights and batches.
    """
    return figure(
        "overfit",
        _seeded(
            seed,
            heritability=_between("heritability", heritability, 0.05, 1),
            trainingSize=_whole("training_size", training_size, 20, 640),
            hidden=_whole("hidden", hidden, 1, 64),
        ),
        title="Watch two loss curves part",
        description="A network is trained in this page whenever a slider moves. Change the noise, "
        "the number of training individuals and the size of the network.",
    )


def descent(surface: str = "valley", *, learning_rate: float = 0.05) -> LiveFigure:
    """Gradient descent and Adam (Kingma & Ba 2015) from the same start on one loss surface.

    Parameters
    ----------
    surface : {"valley", "network", "banana"}
        Ellipse twenty times steeper one way; a network of two weights; Rosenbrock's valley.
    learning_rate : float
        Where the slider starts, 0.001 to 1.
    """
    known = ("valley", "network", "banana")
    if surface not in known:
        raise ValueError(f"surface: expected one of {', '.join(known)}, got {surface!r}")
    return figure(
        "descent",
        {"surface": surface, "learningRate": _between("learning_rate", learning_rate, 0.001, 1)},
        title="Two ways downhill",
        description="Lines join points of equal loss. Gradient descent and Adam start at the same "
        "weights; choose a surface and a learning rate, then run them.",
    )


def early_stopping(history: Any, *, patience: int = 10) -> LiveFigure:
    """Patience on a recorded learning curve: where training stops, and which epoch is kept.

    Parameters
    ----------
    history : DataFrame, dict or keras History
        Columns ``training_loss`` and ``validation_loss`` (or Keras' ``loss`` and ``val_loss``),
        one value per epoch; ``epoch`` if there is one, else counted from 1.
    patience : int
        Where the slider starts, at least 1.
    """
    table = getattr(history, "history", history)
    columns = {}
    for name, other in (("training_loss", "loss"), ("validation_loss", "val_loss")):
        try:
            values = table[name] if name in table else table[other]
        except (KeyError, TypeError, ValueError, IndexError):
            raise ValueError(
                f"history: expected a column {name!r} or {other!r}; give a table of losses"
            ) from None
        columns[name] = [float(value) for value in values]
    training, validation = columns["training_loss"], columns["validation_loss"]
    if len(training) != len(validation) or len(training) < 3:
        raise ValueError(
            "history: expected two loss curves of the same length, at least 3 epochs, got "
            f"{len(training)} and {len(validation)}"
        )
    epochs = [int(e) for e in table["epoch"]] if "epoch" in table else range(1, len(training) + 1)
    return figure(
        "early_stopping",
        {
            "training": training,
            "validation": validation,
            "epochs": list(epochs),
            "patience": _whole("patience", patience, 1, 10_000),
        },
        title="How patient should training be?",
        description="A recorded learning curve. Patience is how many epochs without improvement "
        "to wait before stopping; the best epoch so far is the one that is kept.",
    )
