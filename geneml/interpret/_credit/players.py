"""Who plays: positions, or groups of positions, and the coalitions of those that differ.

The game behind interventional Shapley values is an average of small games, one for each
background row: coalition S is worth ``f(x_S, b_rest)``. Shapley values are linear in the
game, so the games can be solved one by one and averaged. In the game between ``x`` and ``b``
a position where both are alike changes nothing whoever plays, so it earns exactly nothing
and need not be played: mutated copies of one sequence differ in few places, and SNPs in
about half of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml.interpret._network.inputs import Inputs
from geneml.interpret._network.request import Request


@dataclass(frozen=True)
class Players:
    """Disjoint groups of positions that join a coalition together.

    Attributes
    ----------
    owner : int array (L,)
        Which player each position belongs to; -1 for none. Such positions are no part of
        the game: they keep the sample's own value throughout.
    n_players : int
    positions : int array (n_players,) or None
        The position of each player, where each has one; ``None`` with larger groups.
    """

    owner: np.ndarray
    n_players: int
    positions: np.ndarray | None

    @property
    def everyone(self) -> bool:
        """Whether every position belongs to a player."""
        return bool((self.owner >= 0).all())


def as_players(players: Any, length: int) -> Players:
    """Read the argument ``players``.

    Parameters
    ----------
    players : None, sequence of int, or sequence of sequences of int
        ``None``: every position for itself. Numbers: these positions, each for itself.
        Sequences: each is one player.
    length : int
        Number of positions.

    Raises
    ------
    TypeError
        If a position is not a whole number.
    ValueError
        If a position is outside the input or belongs to two players, or a player is empty.
    """
    if players is None:
        return Players(np.arange(length), length, np.arange(length))
    groups = [np.atleast_1d(np.asarray(group)) for group in players]
    if not groups or any(group.size == 0 or group.ndim != 1 for group in groups):
        raise ValueError(
            "players must name at least one position for each player: None, positions such as "
            "[3, 8, 40], or groups of positions such as [[3, 4], [8]]."
        )
    for group in groups:
        if group.dtype.kind not in "iu":
            raise TypeError(f"players must hold positions (whole numbers), received {group.dtype}.")
        if group.min() < 0 or group.max() >= length:
            raise ValueError(
                f"players must hold positions from 0 to {length - 1}; received {group.min()} to "
                f"{group.max()}."
            )
    everyone = np.concatenate(groups)
    positions, counts = np.unique(everyone, return_counts=True)
    if (counts > 1).any():
        raise ValueError(
            f"position {positions[counts > 1][0]} belongs to more than one player, or stands "
            "twice; a position can join only once."
        )
    owner = np.full(length, -1)
    for player, group in enumerate(groups):
        owner[group] = player
    alone = all(group.size == 1 for group in groups)
    return Players(owner, len(groups), everyone if alone else None)


@dataclass(frozen=True)
class Game:
    """One sample against one background row.

    Attributes
    ----------
    sample : int
        Row of the explained input.
    start : ndarray
        The background row, with the sample's own values where nobody plays.
    places : int array (m,)
        Positions that belong to a player and differ.
    player : int array (m,)
        Number of the player at each place, counted among those that differ here.
    players : int array (d,)
        The players that differ, as numbered by the user.
    """

    sample: int
    start: np.ndarray
    places: np.ndarray
    player: np.ndarray
    players: np.ndarray


def games(inputs: Inputs, background: np.ndarray, players: Players) -> Iterator[Game]:
    """Every sample against every background row, sample by sample."""
    nobody = players.owner < 0
    for sample, x in enumerate(inputs.x):
        different = background != x
        if different.ndim == 3:
            different = different.any(axis=2)
        for row, start in enumerate(background):
            places = np.flatnonzero(different[row] & ~nobody)
            joined, local = np.unique(players.owner[places], return_inverse=True)
            if not players.everyone:
                start = np.where(nobody[:, None] if x.ndim == 2 else nobody, x, start)
            yield Game(sample, start, places, local, joined)


def count_differing(inputs: Inputs, background: np.ndarray, players: Players) -> np.ndarray:
    """How many players differ in each game, (n, b) int."""
    played = players.owner >= 0
    counts = np.empty((len(inputs), len(background)), dtype=np.int64)
    member = np.zeros((int(played.sum()), players.n_players), dtype=np.float32)
    member[np.arange(len(member)), players.owner[played]] = 1
    for sample, x in enumerate(inputs.x):
        different = background != x
        if different.ndim == 3:
            different = different.any(axis=2)
        counts[sample] = ((different[:, played] @ member) > 0).sum(axis=1)
    return counts


def coalition_values(
    request: Request, played: Iterable[tuple[Game, Sequence[np.ndarray] | np.ndarray]]
) -> np.ndarray:
    """Predictions for all coalitions of all games, in batches of a bounded size.

    Parameters
    ----------
    request : Request
        The model and the samples.
    played : iterable of (Game, bool array (c, d))
        Each game with its coalitions: which of its players come with the sample's alleles.

    Returns
    -------
    float64 array (sum of c, outputs)
    """
    x = request.inputs.x
    collected: list[np.ndarray] = []
    rows = np.empty((request.batch_size, *x.shape[1:]), dtype=x.dtype)
    samples = np.empty(request.batch_size, dtype=np.int64)
    filled = 0
    for game, coalitions in played:
        taken = 0
        while taken < len(coalitions):
            room = min(request.batch_size - filled, len(coalitions) - taken)
            present = np.asarray(coalitions[taken : taken + room])[:, game.player]
            here = slice(filled, filled + room)
            rows[here] = game.start
            own, others = x[game.sample, game.places], game.start[game.places]
            if x.ndim == 3:
                present = present[:, :, np.newaxis]
            rows[here, game.places] = np.where(present, own, others)
            samples[here] = game.sample
            filled, taken = filled + room, taken + room
            if filled == request.batch_size:
                collected.append(request.predict(rows, samples))
                filled = 0
    if filled:
        collected.append(request.predict(rows[:filled], samples[:filled]))
    if not collected:
        return np.empty((0, len(request.outputs)))
    return np.concatenate(collected)
