"""The promoter and its network: mutants, predictions, slopes, and what slips make of them."""

from collections.abc import Iterator

import numpy as np

LETTERS = np.array(list("ACGT"))


def predict(sequences, network):
    """The worksheet's network."""
    flat = np.asarray(sequences, dtype=float).reshape(len(sequences), -1)
    return np.tanh(flat @ network["first"] + network["bias"]) @ network["last"]


def draw_sequence(rng: np.random.Generator, length: int) -> np.ndarray:
    """A random one-hot sequence that starts and ends with different letters."""
    bases = rng.integers(4, size=length)
    bases[-1] = (bases[0] + rng.integers(1, 4)) % 4
    return np.eye(4)[bases]


def draw_network(rng: np.random.Generator, length: int, hidden: int = 6) -> dict[str, np.ndarray]:
    """A network with a bend for sequences of that length."""
    return {
        "first": rng.normal(scale=0.5, size=(4 * length, hidden)),
        "bias": rng.normal(scale=0.3, size=hidden),
        "last": rng.uniform(0.5, 1.5, size=hidden) * rng.choice([-1, 1], size=hidden),
    }


def all_letters(x: np.ndarray) -> np.ndarray:
    """For every site and letter the sequence with that letter there: (L, 4, L, 4)."""
    length = len(x)
    mutants = np.tile(x, (length, 4, 1, 1))
    for site in range(length):
        mutants[site, :, site] = np.eye(4)
    return mutants


def text(x: np.ndarray) -> str:
    """The letters of a one-hot sequence."""
    return "".join(LETTERS[x.argmax(axis=1)])


def piles_up(found: np.ndarray, x: np.ndarray) -> bool:
    """True where each sequence was made from the one before, not from `x`."""
    sites = (found != x).any(axis=2).sum(axis=1)
    steps = (found[1:] != found[:-1]).any(axis=2).sum(axis=1)
    return bool(sites.max() > 1 and len(steps) > 0 and steps.max() <= 1)


def accumulated(x: np.ndarray, network: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Effects that come out when a mutation stays in place while the next ones are made."""
    reference = predict(x[None], network)[0]
    tables = []
    for skips in ("nothing", "present", "original"):
        moving, table = x.copy(), np.zeros(x.shape)
        for site in range(len(x)):
            for letter in range(4):
                present = moving[site] if skips == "present" else x[site]
                if skips != "nothing" and present[letter] == 1:
                    continue
                moving[site] = np.eye(4)[letter]
                table[site, letter] = predict(moving[None], network)[0] - reference
        tables += [table, np.where(x == 1, 0, table)]
    return tables


def slope(x: np.ndarray, network: dict[str, np.ndarray]) -> np.ndarray:
    """The exact gradient (L, 4)."""
    bend = 1 - np.tanh(x.ravel() @ network["first"] + network["bias"]) ** 2
    return ((network["first"] * bend) @ network["last"]).reshape(x.shape)


def central_slope(x: np.ndarray, network: dict[str, np.ndarray], step: float) -> np.ndarray:
    """Slopes (L, 4) from a step up and a step down."""
    nudges = step * np.eye(x.size).reshape(x.size, *x.shape)
    rise = predict(x + nudges, network) - predict(x - nudges, network)
    return (rise / (2 * step)).reshape(x.shape)


def slips_of_slope(x, network, step) -> Iterator[tuple[str, np.ndarray]]:
    """Hints, and the tables that earn them; the likelier slip first."""
    nudges = step * np.eye(x.size).reshape(x.size, *x.shape)
    here = predict(x[None], network)[0]
    up = (predict(x + nudges, network) - here).reshape(x.shape)
    down = (here - predict(x - nudges, network)).reshape(x.shape)
    rise = up + down
    central = rise / (2 * step)
    yield "sign", -central
    yield "absolute", np.abs(central)
    yield "not-divided", rise
    yield "not-divided", rise / 2
    yield "parentheses", rise / 2 * step
    yield "distance", rise / step
    yield "one-sided", up / step
    yield "one-sided", down / step
    yield "half-way", up / (2 * step)
    yield "half-way", down / (2 * step)
    for moves in (np.cumsum(nudges, axis=0), -np.cumsum(nudges, axis=0)):
        for width in (step, 2 * step):
            piled = (predict(x + moves, network) - here).reshape(x.shape)
            yield "in-place", np.sign(moves.sum()) * piled / width
    both = np.maximum(all_letters(x), x)
    for mutants in (all_letters(x), both):
        changed = predict(mutants.reshape(-1, *x.shape), network).reshape(x.shape) - here
        yield "whole-step", changed
    yield "observed-only", central * x
    yield "centred", central - central.mean(axis=1, keepdims=True)
    row = np.zeros((len(x), *x.shape))
    row[np.arange(len(x)), np.arange(len(x))] = step
    whole = (predict(x + row, network) - predict(x - row, network)) / (2 * step)
    yield "whole-row", np.tile(whole[:, None], 4)


def slips_of_ranking(ranks: np.ndarray, length: int, listed: np.ndarray) -> dict[str, list[float]]:
    """Numbers that slips give where causal sites stand on these ranks, in rising order.

    `listed` holds the same ranks in the order in which the sites were listed.
    """
    met = np.arange(1, len(ranks) + 1)
    notes = met / ranks
    is_causal = np.isin(np.arange(1, length + 1), ranks)
    running = np.cumsum(is_causal) / np.arange(1, length + 1)
    return {
        "lowest-first": [(met / np.sort(length + 1 - ranks)).mean()],
        "all-ranks": [running.mean()],
        "top-k": [is_causal[: len(ranks)].mean()],
        "only-the-first": [(1 / ranks).mean()],
        "returned-early": [1 / ranks[0]],
        "ranks-from-zero": [(met / (ranks - 1)).mean()],
        "noted-before": [((met - 1) / ranks).mean()],
        "not-averaged": [notes.sum(), notes.sum() / length],
        "listed-order": [(met / listed).mean()],
        "rounded-down": [(met // ranks).mean()],
        "share-of-causal": [(met / len(ranks)).mean()],
        "mean-rank": [ranks.mean(), (ranks - 1).mean()],
    }
