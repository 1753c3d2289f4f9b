"""Solving the games between samples and backgrounds: by enumeration, or along orderings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np

from geneml.interpret._credit.players import Game, Players, coalition_values, count_differing, games
from geneml.interpret._network.bar import counting_bar
from geneml.interpret._network.request import Request

MOST_PLAYERS = 16
# Games wait for each other, so that batches are full; so much memory may they take meanwhile.
_ROWS_WAITING, _CELLS_WAITING = 1 << 19, 1 << 25


@dataclass(frozen=True)
class Solution:
    """Credits of the players.

    Attributes
    ----------
    credits : float64 array (n, players, outputs)
    base : float64 array (n, outputs)
        Mean prediction when none of the players has joined.
    variance : float64 array (n, players, outputs) or None
        Of the Monte Carlo estimate, where there is one.
    """

    credits: np.ndarray
    base: np.ndarray
    variance: np.ndarray | None


@dataclass(frozen=True)
class Plan:
    """Which coalitions of a game to ask for, and how to make credits of their values.

    Attributes
    ----------
    coalitions : bool array (c, d)
        Neither the empty nor the full one, whose values are known.
    finish : callable
        ``finish(values (c, t), empty (t,), full (t,)) -> credits (d, t), variance or None``.
    """

    coalitions: np.ndarray
    finish: Callable[..., tuple[np.ndarray, np.ndarray | None]]


def enumeration(
    request: Request, background: np.ndarray, players: Players
) -> Callable[[Game], Plan]:
    """The plan that asks for all coalitions: exact.

    Raises
    ------
    ValueError
        If more players than 16 differ between a sample and a background row.
    """
    counts = count_differing(request.inputs, background, players)
    most = int(counts.max())
    if most > MOST_PLAYERS:
        cost = float((2.0**counts).sum())
        raise ValueError(
            f"exact Shapley values ask for all coalitions of the players that differ between a "
            f"sample and a background row: up to {most} here, so {cost:.2g} predictions for "
            f"{len(request.inputs)} sample(s) and {len(background)} background row(s). At most "
            f"{MOST_PLAYERS} may differ. Choose fewer players (players=[3, 8, 40]), join "
            "positions into groups (players=[[0, 1], [2, 3]]), or use permutation_shapley."
        )
    tables: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def plan(game: Game) -> Plan:
        d = len(game.players)
        if d not in tables:
            tables[d] = _enumeration_table(d)
        coalitions, weights = tables[d]

        def finish(values: np.ndarray, empty: np.ndarray, full: np.ndarray) -> tuple:
            worth = np.concatenate([empty[None], values, full[None]])
            # The coalition's number holds a bit for each player: differences along one bit
            # are what that player changes, and exactly zero where it changes nothing.
            bits = [worth.reshape(-1, 2, 2**player, len(full)) for player in range(d)]
            joined = [(one[:, 1] - one[:, 0]).reshape(-1, len(full)) for one in bits]
            return np.stack([weights @ changes for changes in joined]), None

        return Plan(coalitions[1:-1], finish)

    return plan


def _enumeration_table(d: int) -> tuple[np.ndarray, np.ndarray]:
    """All coalitions of d players (2^d, d), and the weights (2^(d-1),) of joining each."""
    coalitions = (np.arange(2**d)[:, np.newaxis] >> np.arange(d)) % 2 == 1
    # A player who joins s others first shares the weight s! (d - s - 1)! / d! of that size.
    joining = np.array([factorial(s) * factorial(d - s - 1) / factorial(d) for s in range(d)])
    return coalitions, joining[coalitions[: 2 ** (d - 1)].sum(axis=1)]


def orderings(n_permutations: int, random: np.random.Generator) -> Callable[[Game], Plan]:
    """The plan that walks along random orderings of the players, and back.

    In the reversed ordering each player meets exactly those who were missing before, so
    that interactions of two players cancel out of the error whatever the ordering.
    """

    def plan(game: Game) -> Plan:
        d, m = len(game.players), n_permutations
        rank = random.permuted(np.tile(np.arange(d), (m, 1)), axis=1)
        rank = np.concatenate([rank, d - 1 - rank])
        coalitions = rank[:, np.newaxis, :] < np.arange(1, d)[:, np.newaxis]

        def finish(values: np.ndarray, empty: np.ndarray, full: np.ndarray) -> tuple:
            t = len(full)
            path = np.empty((2 * m, d + 1, t))
            path[:, 0], path[:, -1] = empty, full
            path[:, 1:-1] = values.reshape(2 * m, d - 1, t)
            gained = np.take_along_axis(np.diff(path, axis=1), rank[:, :, np.newaxis], axis=1)
            both_ways = (gained[:m] + gained[m:]) / 2
            variance = both_ways.var(axis=0, ddof=1) / m if m > 1 else None
            return both_ways.mean(axis=0), variance

        return Plan(coalitions.reshape(-1, d), finish)

    return plan


def solve(
    request: Request,
    background: np.ndarray,
    players: Players,
    plan: Callable[[Game], Plan],
    *,
    progress: bool = False,
) -> Solution:
    """Play every sample against every background row and average.

    Parameters
    ----------
    request : Request
        The model and the samples.
    background : array (b, ...)
        Of the type of the explained input.
    players : Players
    plan : callable
        From :func:`enumeration` or :func:`orderings`.
    progress : bool
        Whether to show a bar.
    """
    n, b, t = len(request.inputs), len(background), len(request.outputs)
    empty = _without_players(request, background, players)
    credits_ = np.zeros((n, players.n_players, t))
    variance: np.ndarray | None = np.zeros_like(credits_)
    waiting: list[tuple[Game, Plan, int]] = []

    def play() -> None:
        nonlocal variance
        values = coalition_values(request, ((game, made.coalitions) for game, made, _ in waiting))
        start = 0
        for game, made, row in waiting:
            stop = start + len(made.coalitions)
            full = request.predictions[game.sample]
            found, spread = made.finish(values[start:stop], empty[game.sample, row], full)
            credits_[game.sample, game.players] += found
            if spread is None:
                variance = None
            elif variance is not None:
                variance[game.sample, game.players] += spread
            start = stop
        waiting.clear()

    rows = cells = 0
    with counting_bar(n * b, "games", shown=progress) as advance:
        for number, game in enumerate(games(request.inputs, background, players)):
            if len(game.players):
                made = plan(game)
                waiting.append((game, made, number % b))
                rows, cells = rows + len(made.coalitions), cells + made.coalitions.size
            if rows >= _ROWS_WAITING or cells >= _CELLS_WAITING or number == n * b - 1:
                play()
                rows = cells = 0
            advance(1)
    return Solution(credits_ / b, empty.mean(axis=1), None if variance is None else variance / b**2)


def _without_players(request: Request, background: np.ndarray, players: Players) -> np.ndarray:
    """Predictions (n, b, outputs) when none of the players has joined."""
    n, b = len(request.inputs), len(background)
    if request.inputs.single and players.everyone:
        found = request.predict(background, None)
        return np.broadcast_to(found, (n, *found.shape))
    nobody = (
        (game, np.zeros((1, len(game.players)), dtype=bool))
        for game in games(request.inputs, background, players)
    )
    return coalition_values(request, nobody).reshape(n, b, -1)
