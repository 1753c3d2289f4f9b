"""Functions of the causal genotypes: centred copies, heterozygotes, products of loci."""

from __future__ import annotations

import numpy as np

from data_sim.truth import GenotypeFunction


class Basis:
    """Columns from which components are built, and how to express them in allele copies.

    Columns, in this order: a constant; centred copies z (k); heterozygosity h (k), zero where a
    locus shows fewer than three genotypes, since there h and z cannot be told apart; products
    z_i z_j of the given pairs and of every two loci of a triple; products z_i z_j z_k.

    Parameters
    ----------
    copies : numpy.ndarray, shape (n, k)
        Genotypes at the causal loci.
    pairs, triples : numpy.ndarray of int, shapes (m, 2) and (q, 3)
        Places among the k loci.
    full : bool
        Whether anything beyond the additive columns is needed.
    """

    def __init__(
        self, copies: np.ndarray, pairs: np.ndarray, triples: np.ndarray, *, full: bool
    ) -> None:
        copies = copies.astype(np.float64)
        n, k = copies.shape
        self.k, self.triples = k, triples
        self.mean = copies.mean(axis=0)
        centred = copies - self.mean
        inner = np.concatenate([triples[:, [0, 1]], triples[:, [0, 2]], triples[:, [1, 2]]])
        self.pairs = np.unique(np.concatenate([pairs, inner]), axis=0)
        place = {tuple(pair): index for index, pair in enumerate(self.pairs.tolist())}
        self._own_pairs = np.array([place[tuple(pair)] for pair in pairs.tolist()], dtype=int)
        parts = [np.ones((n, 1)), centred]
        if full:
            three = np.array([np.unique(column).size == 3 for column in copies.T])
            het = np.where(three, copies == 1, 0.0)
            self.het_mean = het.mean(axis=0)
            parts += [
                het - self.het_mean,
                centred[:, self.pairs].prod(axis=2),
                centred[:, triples].prod(axis=2),
            ]
        else:
            self.het_mean = np.zeros(k)
        self.columns = np.concatenate(parts, axis=1)
        starts = np.cumsum([0, 1, k, k, len(self.pairs), len(triples)])
        names = ("constant", "additive", "dominance", "products", "three_way")
        self._range = {
            name: slice(int(starts[i]), int(starts[i + 1])) for i, name in enumerate(names)
        }

    def size(self, component: str) -> int:
        """Number of effects that a component has."""
        return self._places(component).size

    def terms(self, component: str, coefficients: np.ndarray) -> np.ndarray:
        """The effects of a component among all its coefficients."""
        return coefficients[self._places(component)]

    def evaluate(self, coefficients: np.ndarray) -> np.ndarray:
        """Values (n, t) of coefficients (columns, t)."""
        return self.columns @ coefficients

    def component(self, name: str, effects: np.ndarray) -> np.ndarray:
        """Coefficients of a component orthogonal to the constant and all lower components.

        Raises
        ------
        ValueError
            If nothing is left of it, for example dominance without heterozygotes.
        """
        coefficients = np.zeros((self.columns.shape[1], effects.shape[1]))
        coefficients[self._places(name)] = effects
        coefficients[~self.columns.any(axis=0)] = 0  # a locus that cannot show dominance has none
        lower = {"additive": "constant", "dominance": "additive", "pairwise": "dominance"}
        stop = self._range[lower.get(name, "products")].stop
        below = self.columns[:, :stop]
        values = self.evaluate(coefficients)
        before = (values**2).sum(axis=0)
        for _ in range(2):  # the second pass removes what rounding left
            fitted = np.linalg.lstsq(below, self.evaluate(coefficients), rcond=None)[0]
            coefficients[:stop] -= fitted
        after = (self.evaluate(coefficients) ** 2).sum(axis=0)
        if np.any(after <= 1e-9 * before) or np.any(before == 0):
            raise ValueError(
                f"the {name} component cannot be told from the simpler ones in this cohort: "
                "it needs more individuals, or causal loci with all three genotypes, not in "
                "complete linkage disequilibrium. Lower its share to 0 or change the loci."
            )
        return coefficients

    def function(self, loci: np.ndarray, coefficients: np.ndarray) -> GenotypeFunction:
        """Multiply the centred products out into a polynomial of allele copies."""
        mean = self.mean
        linear = coefficients[self._range["additive"]].copy()
        intercept = coefficients[0] - linear @ mean
        if len(coefficients) == 1 + self.k:
            return GenotypeFunction(loci, float(intercept), linear, np.zeros(self.k))
        heterozygote = coefficients[self._range["dominance"]].copy()
        intercept -= heterozygote @ self.het_mean
        products = coefficients[self._range["products"]].copy()
        cubes = coefficients[self._range["three_way"]]
        place = {tuple(pair): index for index, pair in enumerate(self.pairs.tolist())}
        for (i, j, k), effect in zip(self.triples.tolist(), cubes, strict=True):
            # (x_i - m_i)(x_j - m_j)(x_k - m_k), one power of x after another
            for one, two, left in ((i, j, k), (i, k, j), (j, k, i)):
                products[place[one, two]] -= effect * mean[left]
                linear[left] += effect * mean[one] * mean[two]
            intercept -= effect * mean[i] * mean[j] * mean[k]
        # Only what came from centred pairs is multiplied out here, not what was added above.
        for (i, j), effect in zip(
            self.pairs.tolist(), coefficients[self._range["products"]], strict=True
        ):
            linear[i] -= effect * mean[j]
            linear[j] -= effect * mean[i]
            intercept += effect * mean[i] * mean[j]
        return GenotypeFunction(
            loci,
            float(intercept),
            linear,
            heterozygote,
            loci[self.pairs],
            products,
            loci[self.triples],
            cubes.copy(),
        )

    def _places(self, component: str) -> np.ndarray:
        """Columns that carry the effects of a component."""
        if component == "pairwise":
            return self._range["products"].start + self._own_pairs
        part = self._range[component]
        return np.arange(part.start, part.stop)
