"""Arithmetic of the figures about explanation, against enumeration, SciPy and differences."""

import itertools
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import linalg, stats

from geneml import live
from geneml.interpret.attribution import Attribution


def shapley(worth, n):
    """Shapley values by subsets and their weights, not by orders of arrival."""
    values = np.zeros(n)
    for player in range(n):
        others = [k for k in range(n) if k != player]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for group in itertools.combinations(others, size):
                values[player] += weight * (worth({*group, player}) - worth({*group}))
    return values


GAMES = [
    {"effects": [2, 1, -1], "interaction": 1.5, "genotype": [2, 1, 1], "background": 0.0},
    {"effects": [0.5, -3, 2], "interaction": -2, "genotype": [0, 2, 1], "background": 1.5},
    {"effects": [1, 0, 0], "interaction": 0, "genotype": [1, 2, 0], "background": 0.5},
]


@pytest.mark.parametrize("game", GAMES)
def test_orders_of_arrival_give_the_shapley_values_of_all_subsets(javascript, game):
    found = javascript("shapley_game", "m.play(v.game)", game=game)

    def worth(present):
        x = [own if k in present else game["background"] for k, own in enumerate(game["genotype"])]
        return float(np.dot(game["effects"], x)) + game["interaction"] * x[0] * x[1]

    expected = shapley(worth, 3)
    assert_allclose(found["credits"], expected, atol=1e-12)
    assert_allclose(sum(found["credits"]), found["prediction"] - found["base"], atol=1e-12)
    assert sorted(row["order"] for row in found["rows"]) == sorted(
        map(list, itertools.permutations(range(3)))
    )
    for row in found["rows"]:
        assert_allclose(sum(row["added"]), found["prediction"] - found["base"], atol=1e-12)
    # Additive plus pairwise, each difference from the background halved for the pair.
    x, b = np.array(game["genotype"]), game["background"]
    closed = np.array(game["effects"]) * (x - b)
    for own, other in ((0, 1), (1, 0)):
        closed[own] += game["interaction"] * (x[own] - b) * (x[other] + b) / 2
    assert_allclose(found["credits"], closed, atol=1e-12)


@pytest.mark.parametrize("r", [0.0, 0.35, 0.9])
def test_linked_regressions_are_the_solutions_of_their_equations(javascript, r):
    s, effect = np.array([[1, r], [r, 1]]), 0.3
    moment = s @ [effect, 0]
    for penalty in (0.001, 0.5, 8):
        found = javascript("linked_credit", "m.ridge(v.r, v.b, v.p)", r=r, b=effect, p=penalty)
        assert_allclose(found, np.linalg.solve(s + penalty * np.eye(2), moment), rtol=1e-12)
    for time in (0.2, 1.0, 30.0):
        found = javascript("linked_credit", "m.stopped(v.r, v.b, v.t)", r=r, b=effect, t=time)
        assert_allclose(
            found, (np.eye(2) - linalg.expm(-s * time)) @ [effect, 0], rtol=1e-9, atol=1e-15
        )
        # Gradient flow is the limit of descent in small steps.
        b = np.zeros(2)
        for _ in range(20_000):
            b += time / 20_000 * (moment - s @ b)
        assert_allclose(found, b, atol=2e-4 * effect)


@pytest.mark.parametrize("model", [(0.3, 0.0), (0.2, 0.1), (0.1, -0.2)])
def test_linked_shapley_values_spread_as_in_a_population(javascript, model):
    r, (b1, b2) = 0.7, model
    x = np.random.default_rng(0).normal(size=(2, 200_000))
    x[1] = r * x[0] + np.sqrt(1 - r * r) * x[1]
    full = b1 * x[0] + b2 * x[1]
    alone = [(b1 + r * b2) * x[0], (b2 + r * b1) * x[1]]  # E[f | one of them]
    credits = [(alone[0] + full - alone[1]) / 2, (alone[1] + full - alone[0]) / 2]
    expression = "m.shapleySize(v.r, v.b, v.c)"
    found = javascript("linked_credit", expression, r=r, b=model, c=True)
    assert_allclose(found, [one.std() for one in credits], rtol=0.01)
    found = javascript("linked_credit", expression, r=r, b=model, c=False)
    assert_allclose(found, np.abs(model))


@pytest.mark.parametrize(("r", "effect", "n"), [(0.0, 0.1, 300), (0.9, 0.1, 500), (0.95, 0.3, 200)])
def test_chance_of_the_wrong_marker_is_that_of_two_normal_scores(javascript, r, effect, n):
    found = javascript("linked_credit", "m.innocentWins(v.r, v.b, v.n, kit)", r=r, b=effect, n=n)
    centre = np.sqrt(n) * effect / np.sqrt(1 - effect**2) * np.array([1, r])
    z = np.random.default_rng(1).multivariate_normal(centre, [[1, r], [r, 1]], 400_000)
    share = np.mean(np.abs(z[:, 1]) > np.abs(z[:, 0]))
    assert found == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 400_000) + 1e-5)


def test_interaction_scores_are_the_coefficients_of_a_saturated_regression(javascript):
    table = np.random.default_rng(2).normal(size=(2, 2))
    scores = np.array(javascript("epistasis", "m.scores(v.t)", t=table.tolist()))
    design = np.array([[1, i, j, i * j] for i in (0, 1) for j in (0, 1)], dtype=float)
    coefficients = np.linalg.solve(design, table.ravel())
    assert_allclose(scores[1, 1], coefficients[3])
    assert_allclose([scores[0], scores[:, 0]], 0, atol=1e-12)


@pytest.mark.parametrize("effects", [(1.0, 1.0), (0.5, -0.75), (2.0, 1.25)])
def test_effects_that_multiply_add_up_in_the_logarithm_and_only_there(javascript, effects):
    found = javascript(
        "epistasis",
        "(() => { const s = { base: 4, effects: v.e, interaction: m.multiplying({ base: 4,"
        " effects: v.e }) }; const t = m.genotypeValues(s, [0, 1, 2]); return { t, plain:"
        " m.scores(t), log: m.scores(t.map((row) => row.map(m.SCALES.log.of))), fixed:"
        " m.fixedByScale(t) }; })()",
        e=effects,
    )
    x = np.arange(3)
    values = 4 * np.outer(1 + effects[0] * x / 4, 1 + effects[1] * x / 4)
    assert_allclose(found["t"], values, rtol=1e-12)
    assert_allclose(found["log"], 0, atol=1e-9)
    assert np.abs(found["plain"])[1:, 1:].min() > 0.05
    assert found["fixed"] == -1


@pytest.mark.parametrize(
    ("table", "locus"),
    [
        ([[0, 1], [2, 3]], -1),
        ([[0, 1], [2, 9]], -1),
        ([[0, 1], [2, 1.5]], 1),
        ([[0, 2], [1, 1.5]], 0),
        ([[0, 2], [1, -1]], 0),
        ([[0, 1], [0, 2]], 0),
        ([[0, 0], [1, 2]], 1),
        ([[0, 1, 2], [1, 2, 3], [2, 3, 1]], 0),
    ],
)
def test_direction_of_a_step_tells_what_no_scale_removes(javascript, table, locus):
    assert javascript("epistasis", "m.fixedByScale(v.t)", t=table) == locus
    # Any increasing function gives the same answer.
    bent = np.exp(0.7 * np.array(table)).tolist()
    assert javascript("epistasis", "m.fixedByScale(v.t)", t=bent) == locus


def test_number_of_tests(javascript):
    for loci in (10, 50, 60, 1000, 10**6):
        found = javascript(
            "pair_search", "['all', 'known', 'screened'].map((t) => m.testsMade(v.p, t))", p=loci
        )
        assert found == [math.comb(loci, 2), loci - 1, math.comb(min(loci, 50), 2)]


def test_upper_quantile_matches_scipy_far_into_the_tail(javascript):
    tails = [0.4, 0.025, 1e-4, 1e-9, 1e-13, 1e-30]
    found = javascript("pair_search", "v.p.map((p) => m.upperQuantile(p, kit))", p=tails)
    assert_allclose(found, stats.norm.isf(tails), rtol=1e-6, atol=1e-9)


def test_power_is_that_of_a_noncentral_chi_square_test(javascript):
    cases = [(500, 0.01, 1e-3), (5000, 0.01, 1e-7), (2000, 0.05, 1e-9), (100, 0.0002, 0.05)]
    found = javascript("pair_search", "v.c.map((c) => m.power(...c, kit))", c=cases)
    expected = [
        stats.ncx2.sf(stats.chi2.isf(level, 1), 1, n * q / (1 - q)) for n, q, level in cases
    ]
    assert_allclose(found, expected, rtol=1e-6)


def test_people_needed_give_the_power_asked_for(javascript):
    n = javascript("pair_search", "m.peopleNeeded(0.8, 0.004, 1e-8, kit)")
    assert javascript("pair_search", "m.power(v.n, 0.004, 1e-8, kit)", n=n) == pytest.approx(0.8)


@pytest.mark.parametrize("size", [3, 8])
def test_scan_is_a_cross_correlation_with_the_one_hot_code(javascript, size):
    rng = np.random.default_rng(size)
    sequence = "".join(rng.choice(list("ACGT"), 40))
    kernel = rng.normal(size=(size, 4))
    code = np.array([[b == a for a in "ACGT"] for b in sequence], dtype=float)
    expected = [(code[i : i + size] * kernel).sum() for i in range(40 - size + 1)]
    found = javascript(
        "motif_scan", "m.scanOne(m.baseCodes(v.s), v.k)", s=sequence, k=kernel.tolist()
    )
    assert_allclose(found, expected, atol=1e-12)


def test_windows_above_the_threshold_are_collected_strongest_first(javascript):
    activations = np.random.default_rng(4).normal(size=(6, 30))
    expression = "m.collect(v.a, v.s, v.b)"
    found = javascript("motif_scan", expression, a=activations.tolist(), s=0.4, b=False)
    places = np.argwhere(activations >= 0.4 * activations.max())
    assert {tuple(one[:2]) for one in found["windows"]} == set(map(tuple, places.tolist()))
    values = [one[2] for one in found["windows"]]
    assert values == sorted(values, reverse=True)
    best = javascript("motif_scan", expression, a=activations.tolist(), s=0.4, b=True)
    rows = sorted({int(i) for i, _ in places})
    assert sorted(one[0] for one in best["windows"]) == rows
    assert all(one[2] == activations[one[0]].max() for one in best["windows"])
    none = javascript("motif_scan", expression, a=(-np.ones((2, 5))).tolist(), s=0.4, b=False)
    assert none["windows"] == []


def test_information_is_two_bits_less_the_entropy(javascript):
    windows = np.random.default_rng(5).integers(0, 4, (40, 6))
    windows[:, 2] = 1
    table = np.array(javascript("motif_scan", "m.frequencies(v.w)", w=windows.tolist()))
    expected = np.array([(windows == base).mean(axis=0) for base in range(4)]).T
    assert_allclose(table, expected)
    bits = javascript("motif_scan", "m.information(v.t)", t=table.tolist())
    assert_allclose(bits, 2 - stats.entropy(table, base=2, axis=1), atol=1e-12)
    assert bits[2] == pytest.approx(2)


@pytest.mark.parametrize(
    ("motif", "known", "matches", "reversed_"),
    [
        ("TGACGTCA", "TGACGTCA", 8, False),
        ("AATGACGT", "TGACGTCA", 6, False),
        ("GGAATC", "GATTCC", 6, True),
        ("AAAA", "CCCC", 0, False),
        ("CC", "AACCAA", 2, False),
    ],
)
def test_motifs_are_compared_over_shifts_and_strands(javascript, motif, known, matches, reversed_):
    found = javascript("motif_scan", "m.compare(v.m, v.k)", m=motif, k=known)
    assert found == {"matches": matches, "of": len(known), "reversed": reversed_}


FUNCTIONS = {
    "saturating": lambda a, b: min(1, a + b),
    "and": lambda a, b: a * b,
    "or": lambda a, b: a + b - a * b,
    "average": lambda a, b: (a + b) / 2,
    "cause": lambda a, b: a,
    "proxy": lambda a, b: b,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("point", [(1.0, 1.0), (0.3, 0.4), (0.0, 1.0), (0.85, 0.6)])
def test_explainers_answer_as_defined(javascript, name, point):
    f, (a, b), r = FUNCTIONS[name], point, 0.6
    found = javascript(
        "disagreement", "m.explain(m.FUNCTIONS[v.n], v.p, v.r)", n=name, p=point, r=r
    )
    # Slopes by differences, one step away from the bend of min(1, a + b).
    h = 1e-6
    if name != "saturating" or a + b < 1:
        slope = [(f(a + h, b) - f(a - h, b)) / (2 * h), (f(a, b + h) - f(a, b - h)) / (2 * h)]
    else:
        slope = [(f(a + h, b) - f(a, b)) / h, (f(a, b + h) - f(a, b)) / h]
    assert_allclose(found["gradient"], slope, atol=1e-6)
    assert_allclose(found["gradient × input"], np.array(slope) * point, atol=1e-6)
    assert sum(found["integrated gradients"]) == pytest.approx(f(a, b) - f(0, 0), abs=1e-3)
    assert_allclose(found["mutagenesis: set to 0"], [f(a, b) - f(0, b), f(a, b) - f(a, 0)])

    def worth_zero(present):
        return f(a if 0 in present else 0, b if 1 in present else 0)

    shares = {(x, y): (1 + (r if x == y else -r)) / 4 for x in (0, 1) for y in (0, 1)}

    def worth_people(present):
        return sum(
            share * f(a if 0 in present else x, b if 1 in present else y)
            for (x, y), share in shares.items()
        )

    assert_allclose(found["Shapley, against 0"], shapley(worth_zero, 2), atol=1e-12)
    assert_allclose(found["Shapley, against people"], shapley(worth_people, 2), atol=1e-12)
    lost = [worth_people({0, 1}) - worth_people({1}), worth_people({0, 1}) - worth_people({0})]
    assert_allclose(found["ablation: set to average"], lost, atol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_fit_in_people_is_explained_variance(javascript, name):
    r, f = 0.6, FUNCTIONS[name]
    rng = np.random.default_rng(3)
    x1 = rng.integers(0, 2, 200_000)
    x2 = np.where(rng.random(x1.size) < (1 + r) / 2, x1, 1 - x1)
    assert np.corrcoef(x1, x2)[0, 1] == pytest.approx(r, abs=0.01)
    expected = 1 - np.mean((x1 - np.vectorize(f)(x1, x2)) ** 2) / 0.25
    found = javascript("disagreement", "m.fit(m.FUNCTIONS[v.n], v.r)", n=name, r=r)
    assert found == pytest.approx(expected, abs=0.02)
    assert javascript("disagreement", "m.fit(m.FUNCTIONS[v.n], 1)", n=name) == pytest.approx(1)


def test_track_is_the_contribution_that_attributions_report(javascript):
    rng = np.random.default_rng(6)
    bases = rng.integers(0, 4, 15)
    observed = np.eye(4)[bases][None]
    changes = rng.normal(size=(1, 15, 4)) * (1 - observed)
    attribution = Attribution(
        changes, ("sample", "position", "allele"), "change", "mutagenesis", observed,
        np.zeros(1), alleles=tuple("ACGT"),
    )  # fmt: skip
    found = javascript("mutagenesis", "m.perPosition(v.c, 4)", c=changes.ravel().tolist())
    assert_allclose(found, attribution.per_position()[0], atol=1e-12)
    top = javascript("mutagenesis", "m.strongest(v.c, 5)", c=changes.ravel().tolist())
    assert top == np.argsort(-np.abs(changes.ravel()))[:5].tolist()


def test_what_moved_leaves_out_the_position_that_was_changed(javascript):
    before, after = np.zeros((5, 4)), np.zeros((5, 4))
    after[1], after[2, 3], after[4, 0] = 9, -0.4, 0.2
    found = javascript(
        "mutagenesis", "m.moved(v.b, v.a, 4, 1, 0.3)",
        b=before.ravel().tolist(), a=after.ravel().tolist(),
    )  # fmt: skip
    assert found == {"count": 1, "most": 2, "by": 0.4}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: live.shapley_game([1, 2]), ValueError, "effects: expected 3 numbers"),
        (lambda: live.shapley_game(genotype=(0, 1, 3)), ValueError, "genotype"),
        (lambda: live.shapley_game(names="AAB"), ValueError, "3 different names"),
        (lambda: live.linked_credit(1.0), ValueError, "r: expected a number from 0 to 0.99"),
        (lambda: live.linked_credit(people=10), ValueError, "people"),
        (lambda: live.disagreement("xor"), ValueError, "saturating, and, or"),
        (lambda: live.disagreement(point=(1, 2)), ValueError, r"point\[1\]"),
        (lambda: live.epistasis(loci="triploid"), ValueError, "diploid, haploid"),
        (lambda: live.epistasis((1, "2")), TypeError, r"effects\[1\]"),
        (lambda: live.pair_search(5), ValueError, "n_loci"),
        (lambda: live.pair_search(tested="none"), ValueError, "all, known, screened"),
        (lambda: live.motif_scan(["ACGT"]), ValueError, "expected one of them"),
        (lambda: live.motif_scan("ACGT", motif="AC"), TypeError, "list of str"),
        (lambda: live.motif_scan(["ACGU"], motif="AC"), ValueError, r"sequences\[0\]"),
        (lambda: live.motif_scan(["ACG"], motif="ACGT"), ValueError, "at least as long"),
        (lambda: live.motif_scan(["ACGT"], np.ones((3, 5))), ValueError, "bases 4"),
        (lambda: live.motif_scan(["ACGT"], np.ones((3, 4, 9))), ValueError, "1 to 8 filters"),
        (lambda: live.motif_scan(["ACGT"], np.full((3, 4), np.nan)), ValueError, "finite"),
        (lambda: live.motif_scan(["A" * 300] * 300, motif="AC"), ValueError, "60,000"),
        (lambda: live.motif_scan(["ACGT"], motif="AC", names=["a", "b"]), ValueError, "1 names"),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
