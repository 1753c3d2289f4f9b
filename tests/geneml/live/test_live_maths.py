"""The statistics inside the figures against SciPy, NumPy, scikit-learn and closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special, stats


def test_normal_distribution_function_matches_scipy_into_both_tails(javascript):
    x = [-30, -9, -6.001, -3.2, -0.5, 0, 1e-3, 1.96, 5.5, 8]
    found = javascript("shift", "v.x.map((x) => kit.normalCdf(x))", x=x)
    assert_allclose(found, stats.norm.cdf(x), rtol=1e-10, atol=0)


def test_student_t_matches_scipy(javascript):
    t, degrees = [-8.0, -1.3, 0.0, 0.2, 2.7, 30.0], [1, 2, 4, 9, 49, 500]
    found = javascript(
        "shift", "v.t.map((t) => v.d.map((d) => kit.studentTCdf(t, d)))", t=t, d=degrees
    )
    assert_allclose(found, stats.t.cdf(np.array(t)[:, None], degrees), rtol=1e-9, atol=1e-15)
    quantile = javascript("shift", "v.d.map((d) => kit.studentTQuantile(0.975, d))", d=degrees)
    assert_allclose(quantile, stats.t.ppf(0.975, degrees), rtol=1e-9)


def test_log_gamma_and_incomplete_beta_match_scipy(javascript):
    x = [0.1, 0.5, 1, 3.7, 8, 120.5]
    assert_allclose(
        javascript("shift", "v.x.map(kit.logGamma)", x=x), special.gammaln(x), atol=1e-12
    )
    cases = [[0.1, 0.5, 0.5], [0.9, 2, 7], [0.5, 40, 0.5], [0.999, 3, 3]]
    found = javascript("shift", "v.c.map((c) => kit.incompleteBeta(...c))", c=cases)
    assert_allclose(found, [special.betainc(a, b, x) for x, a, b in cases], rtol=1e-10)


def test_kolmogorov_smirnov_statistic_matches_scipy_also_with_ties(javascript):
    rng = np.random.default_rng(3)
    for first, second in [
        (rng.normal(size=37), rng.normal(0.6, 1.4, size=80)),
        (rng.integers(0, 6, 50), rng.integers(1, 7, 41)),
    ]:
        found = javascript(
            "shift", "kit.kolmogorovSmirnov(v.a, v.b)", a=first.tolist(), b=second.tolist()
        )
        expected = stats.ks_2samp(first, second)
        assert_allclose(found["d"], expected.statistic, rtol=1e-12)
        assert_allclose(found["at"], expected.statistic_location)


def test_asymptotic_p_value_is_kolmogorovs_distribution(javascript):
    x = [0.05, 0.2, 0.5, 1.0, 1.179, 1.181, 1.5, 3, 6]
    found = javascript("shift", "v.x.map((x) => kit.kolmogorovTail(x))", x=x)
    assert_allclose(found, special.kolmogorov(x), rtol=1e-10)
    p = javascript("shift", "m.asymptoticP(0.2, 100, 300, kit)")
    assert_allclose(p, special.kolmogorov(np.sqrt(75) * 0.2), rtol=1e-12)
    # Close to the exact two-sample p value where samples are large.
    exact = stats.ks_2samp(np.arange(400) / 400, np.arange(400) / 400 + 0.1, method="exact")
    near = javascript("shift", "m.asymptoticP(v.d, 400, 400, kit)", d=exact.statistic)
    assert near == pytest.approx(exact.pvalue, rel=0.1)


def test_random_numbers_have_the_distributions_they_are_named_after(javascript):
    draws = javascript(
        "shift",
        "(() => { const r = kit.generator(7); const n = 20000; const many = (f) =>"
        " Array.from({ length: n }, f); return { normal: many(r.normal), uniform:"
        " many(r.uniform), chi: many(() => r.chiSquare(5)), small: many(() => r.chiSquare(1)) };"
        " })()",
    )
    laws = {
        "normal": stats.norm,
        "uniform": stats.uniform,
        "chi": stats.chi2(5),
        "small": stats.chi2(1),
    }
    for name, law in laws.items():
        assert stats.kstest(draws[name], law.cdf).pvalue > 1e-3, name


def test_random_numbers_repeat_with_the_seed_and_differ_between_seeds(javascript):
    expression = "v.seeds.map((s) => Array.from(kit.generator(s).normals(5)))"
    one, again, other = javascript("shift", expression, seeds=[4, 4, 5])
    assert one == again
    assert one != other
    order = javascript("shift", "kit.generator(1).permutation(50)")
    assert sorted(order) == list(range(50))
    assert order != list(range(50))


def test_cholesky_solves_and_inner_products_match_numpy(javascript):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(12, 5))
    table = z @ z.T + np.eye(12)
    b = rng.normal(size=12)
    assert_allclose(
        javascript("shift", "kit.innerProducts(v.z, 12, 5)", z=z.ravel().tolist()),
        (z @ z.T).ravel(),
        atol=1e-12,
    )
    found = javascript(
        "shift", "kit.solvePositive(v.a, v.b, 12)", a=table.ravel().tolist(), b=b.tolist()
    )
    assert_allclose(found, np.linalg.solve(table, b), rtol=1e-9)


def test_quantile_and_correlation_match_numpy(javascript):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 31))
    assert_allclose(
        javascript("shift", "kit.quantile(v.x, 0.3)", x=x.tolist()), np.quantile(x, 0.3)
    )
    found = javascript("shift", "kit.correlation(v.x, v.y)", x=x.tolist(), y=y.tolist())
    assert_allclose(found, np.corrcoef(x, y)[0, 1])


@pytest.mark.parametrize("h2", [0.0, 0.37, 1.0])
def test_heritability_figure_realises_exactly_the_share_asked_for(javascript, h2):
    people = javascript("heritability", "m.simulate(v.h2, 300, 1, kit)", h2=h2)
    genetic, phenotype = np.array(people["genetic"]), np.array(people["phenotype"])
    assert_allclose(phenotype.var(), 1, rtol=1e-9)
    assert_allclose(genetic.var(), h2, atol=1e-9)
    if h2 > 0:
        assert_allclose(np.corrcoef(genetic, phenotype)[0, 1], np.sqrt(h2), rtol=1e-9)


@pytest.mark.parametrize("r", [-1, -0.4, 0, 0.75])
def test_selection_index_figure_realises_exactly_the_correlation_asked_for(javascript, r):
    people = javascript("selection_index", "m.values(v.r, 300, 1, kit)", r=r)
    source, target = (np.array(people[name]) for name in ("source", "target"))
    assert np.corrcoef(source, target)[0, 1] == pytest.approx(r, abs=1e-6)
    assert target.var() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("own", [0, 0.2, 0.95])
@pytest.mark.parametrize("other", [0.1, 0.6])
@pytest.mark.parametrize("r", [-0.9, 0, 0.5, 1])
def test_selection_index_is_the_best_linear_prediction(javascript, own, other, r):
    # Two predictions with independent errors: the reliability of their regression on g.
    with_target = np.array([own, r * other])
    between = np.array([[own, r * own * other], [r * own * other, other]])
    best = with_target @ np.linalg.pinv(between) @ with_target
    found = javascript("selection_index", "m.reliability(v.a, v.b, v.r)", a=own, b=other, r=r)
    assert found == pytest.approx(best, abs=1e-9)


def test_expected_accuracy_rises_from_zero_to_the_heritability(javascript):
    # Daetwyler et al. (2008): reliability is one half when N h2 = M.
    assert javascript("heritability", "m.expectedR2(0.5, 600, 300)") == pytest.approx(0.25)
    assert javascript("heritability", "m.expectedR2(0.5, 1e9, 300)") == pytest.approx(0.5, abs=1e-5)
    assert javascript("heritability", "m.expectedR2(0, 100, 300)") == 0


@pytest.mark.parametrize(("p", "a", "d"), [(0.4, 1.0, 0.75), (0.1, 0.5, -1.0), (0.75, 0.5, 1.0)])
def test_dominance_variances_equal_those_of_a_weighted_regression(javascript, p, a, d):
    model = javascript("dominance", "m.decompose(v.p, v.a, v.d)", p=p, a=a, d=d)
    shares = stats.binom.pmf([0, 1, 2], 2, p)
    values = np.array([-a, d, a])
    slope, intercept = np.polyfit([0, 1, 2], values, 1, w=np.sqrt(shares))
    fitted = intercept + slope * np.arange(3)
    mean = shares @ values
    assert_allclose(model["shares"], shares)
    assert_allclose([model["slope"], model["intercept"]], [slope, intercept], atol=1e-9)
    assert_allclose(model["additive"], shares @ (fitted - mean) ** 2, atol=1e-9)
    assert_allclose(model["dominance"], shares @ (values - fitted) ** 2, atol=1e-9)


def test_linkage_decays_as_one_minus_c_to_the_generations(javascript):
    r2 = javascript("linkage", "m.expectedR2(v.x, v.t)", x=5.0, t=10)
    c = 0.5 * (1 - np.exp(-2 * 0.05))
    assert r2 == pytest.approx((1 - c) ** 20)
    half = javascript("linkage", "m.recombinationAtHalf(10)")
    assert javascript("linkage", "m.expectedR2(v.x, 10)", x=half) == pytest.approx(0.5)


def test_simulated_chromosomes_show_the_expected_disequilibrium(javascript):
    sample = np.array(
        javascript(
            "linkage",
            "m.haplotypes({ count: 20000, generations: 15, centimorgans: 40, share: 0.5,"
            " seed: 2 }, kit).map((one) => [one[0], one[5], one[20]])",
        )
    )
    r = np.corrcoef(sample.T)
    for marker, distance in ((1, 5.0), (2, 20.0)):
        # Markov steps of 1 cM: the expectation is (1 - c(1 cM))^(15 distance).
        c = 0.5 * (1 - np.exp(-0.02))
        assert r[0, marker] == pytest.approx((1 - c) ** (15 * distance), abs=0.03)
        # which is close to the two-point formula of the drawn curve
        expected = javascript("linkage", "m.expectedR2(v.x, 15)", x=distance)
        assert r[0, marker] ** 2 == pytest.approx(expected, abs=0.03)


def test_one_hot_puts_all_bases_equally_far_apart_and_integers_do_not(javascript):
    gaps = javascript(
        "one_hot",
        "Object.fromEntries(Object.entries(m.CODES).map(([key, one]) => [key,"
        ' ["AC", "AG", "AT", "CG", "CT", "GT"].map((p) =>'
        " m.distance(one.code(p[0]), one.code(p[1])))]))",
    )
    assert_allclose(gaps["one_hot"], np.sqrt(2))
    assert gaps["integer"] == [1, 2, 3, 1, 2, 1]
    assert_allclose(gaps["chemistry"], [np.sqrt(2), 1, 1, 1, 1, np.sqrt(2)])
    assert javascript("one_hot", 'm.CODES.one_hot.code("N")') == [0, 0, 0, 0]


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolution_matches_numpys_correlation(javascript, padding):
    sequence, motif = "GCGATATAAGGCATCC", "TATAA"
    found = javascript(
        "convolution",
        "m.convolve(Array.from(v.s), m.motifFilter(v.m), -2, v.p)",
        s=sequence,
        m=motif,
        p=padding,
    )
    code = np.array([[base == letter for letter in "ACGT"] for base in sequence], float)
    kernel = 2 * np.array([[base == letter for letter in "ACGT"] for base in motif], float) - 1
    expected = sum(np.correlate(code[:, c], kernel[:, c], mode=padding) for c in range(4)) - 2
    assert_allclose(found, expected)


def test_early_stopping_on_a_curve_worked_by_hand(javascript):
    curve = [1.0, 0.8, 0.7, 0.71, 0.69, 0.75, 0.74, 0.72, 0.5]
    stop = "m.stopping(v.curve, v.patience, v.least)"
    run = lambda patience, least: javascript(  # noqa: E731
        "early_stopping", stop, curve=curve, patience=patience, least=least
    )
    assert run(1, 0) == {"stop": 3, "best": 2, "early": True}
    assert run(3, 0) == {"stop": 7, "best": 4, "early": True}
    assert run(3, 0.05) == {"stop": 5, "best": 2, "early": True}
    assert run(9, 0) == {"stop": 8, "best": 8, "early": False}


@pytest.mark.parametrize("surface", ["valley", "network", "banana"])
def test_slopes_of_the_loss_surfaces_match_finite_differences(javascript, surface):
    points = np.random.default_rng(0).uniform(-1.5, 1.5, size=(6, 2)).tolist()
    found = javascript(
        "descent",
        "v.points.map(([x, y]) => { const s = m.SURFACES[v.s]; const h = 1e-6; return"
        " [s.slope(x, y), [(s.loss(x + h, y) - s.loss(x - h, y)) / (2 * h),"
        " (s.loss(x, y + h) - s.loss(x, y - h)) / (2 * h)]]; })",
        points=points,
        s=surface,
    )
    for slope, difference in found:
        assert_allclose(slope, difference, atol=1e-6)
    flat = javascript(
        "descent", "m.SURFACES[v.s].lowest.map(([x, y]) => m.SURFACES[v.s].slope(x, y))", s=surface
    )
    assert_allclose(flat, 0, atol=1e-12)


def test_gradient_descent_on_a_parabola_has_its_closed_form(javascript):
    path = javascript("descent", 'm.walk(m.SURFACES.valley, "descent", 0.05, 30)')
    start = np.array([-2.5, 1.4])
    powers = np.arange(31)[:, None]
    assert_allclose(path, start * (1 - 0.05 * np.array([1.0, 20.0])) ** powers, atol=1e-12)
    # Steps longer than 2 / curvature diverge.
    wild = javascript("descent", 'm.walk(m.SURFACES.valley, "descent", 0.11, 60)')
    assert abs(wild[-1][1]) > 1e3


def test_overfit_gradient_matches_finite_differences(javascript):
    found = javascript(
        "overfit",
        "(() => { const data = m.population(40, 0.5, 3, kit); const theta = m.initialise(6, 4,"
        " kit); const gradient = new Float64Array(theta.length); m.loss(theta, 6, data, null, 0,"
        " 40, gradient); const numeric = theta.map((_, i) => { const up = theta.slice();"
        " up[i] += 1e-6; const down = theta.slice(); down[i] -= 1e-6; return (m.loss(up, 6, data,"
        " null, 0, 40) - m.loss(down, 6, data, null, 0, 40)) / 2e-6; }); return [gradient,"
        " numeric]; })()",
    )
    assert_allclose(found[0], found[1], atol=1e-6)


def test_overfit_population_has_the_variance_shares_it_claims(javascript):
    both = javascript("overfit", "[0, 0.6].map((noise) => m.population(40000, noise, 5, kit).y)")
    genetic, noisy = map(np.array, both)
    assert genetic.var() == pytest.approx(1, abs=0.03)
    assert noisy.var() == pytest.approx(1, abs=0.03)


def test_overfit_curves_part_with_few_and_stay_together_with_many(javascript):
    def gap(size, hidden):
        curves = javascript(
            "overfit",
            "(() => { const run = m.trainer({ noise: 0.5, size: v.size, hidden: v.hidden,"
            " seed: 1 }, kit); while (!run.epoch()); return run.curves; })()",
            size=size,
            hidden=hidden,
        )
        assert len(curves["training"]) == len(curves["validation"]) == 201
        return curves["validation"][-1] - curves["training"][-1]

    assert gap(40, 32) > 0.7
    assert gap(640, 4) < 0.3


def test_choosing_among_models_gives_the_optimism_of_plain_simulation(javascript):
    n, rho, models, studies = 40, 0.3, 20, 3000
    found = javascript(
        "quiet_test",
        "(() => { const r = kit.generator(1); return Array.from({ length: v.studies }, () => {"
        " const one = m.compete({ models: v.models, n: v.n, rho: v.rho }, r); return"
        " [one.running[0], one.running[v.models - 1], one.fresh]; }); })()",
        n=n,
        rho=rho,
        models=models,
        studies=studies,
    )
    rng = np.random.default_rng(0)
    y = rng.normal(size=(studies, 1, n))
    prediction = rho * y + np.sqrt(1 - rho**2) * rng.normal(size=(studies, models, n))
    y = y - y.mean(-1, keepdims=True)
    prediction -= prediction.mean(-1, keepdims=True)
    r = (y * prediction).sum(-1) / np.sqrt((y**2).sum(-1) * (prediction**2).sum(-1))
    first, winner, fresh = np.array(found).T
    assert stats.ks_2samp(first, r[:, 0]).pvalue > 1e-3
    assert stats.ks_2samp(winner, r.max(1)).pvalue > 1e-3
    assert stats.ks_2samp(fresh, r[:, 1]).pvalue > 1e-3


def test_full_sibs_are_related_by_one_half(javascript):
    table = np.array(
        javascript(
            "relatives",
            "(() => { const f = m.families({ size: 4, h2: 0.3, shared: 0.2 }, kit.generator(1),"
            " kit); return kit.innerProducts(f.dosages, 240, 300).map((x) => x / 300); })()",
        )
    ).reshape(240, 240)
    family = np.arange(240) // 4
    same = (family[:, None] == family) & ~np.eye(240, dtype=bool)
    assert np.diag(table).mean() == pytest.approx(1, abs=0.02)
    assert table[same].mean() == pytest.approx(0.5, abs=0.02)
    assert table[family[:, None] != family].mean() == pytest.approx(0, abs=0.02)


def test_family_folds_never_divide_a_family(javascript):
    groups = np.repeat(np.arange(40), 6)
    folds = javascript("relatives", "m.dealFolds(v.g, kit.generator(2))", g=groups.tolist())
    assert all(len(set(np.array(folds)[groups == g])) == 1 for g in range(40))
    assert np.bincount(folds).tolist() == [48] * 5


def test_genomic_prediction_matches_numpy(javascript):
    rng = np.random.default_rng(4)
    z = rng.normal(size=(60, 30))
    table, y, folds = z @ z.T / 30, rng.normal(size=60) + z[:, 0], np.arange(60) % 5
    found = javascript(
        "relatives",
        "m.accuracy(v.k, v.y, v.f, 1.5, kit)",
        k=table.ravel().tolist(),
        y=y.tolist(),
        f=folds.tolist(),
    )
    scores = []
    for fold in range(5):
        train, test = folds != fold, folds == fold
        weights = np.linalg.solve(
            table[np.ix_(train, train)] + 1.5 * np.eye(train.sum()), y[train] - y[train].mean()
        )
        scores.append(np.corrcoef(table[np.ix_(test, train)] @ weights, y[test])[0, 1])
    assert_allclose(found, np.mean(scores), rtol=1e-9)


def test_relatives_leak_only_when_there_are_relatives(javascript):
    def means(size):
        studies = javascript(
            "relatives",
            "(() => { const r = kit.generator(1); return Array.from({ length: 12 }, () =>"
            " m.study({ size: v.size, shared: 0.4, h2: 0.2 }, r, kit)); })()",
            size=size,
        )
        return [np.mean([one[name] for one in studies]) for name in ("apparent", "honest")]

    apparent, honest = means(8)
    assert apparent - honest > 0.3
    apparent, honest = means(1)
    assert abs(apparent - honest) < 0.1


def test_weighted_logistic_regression_matches_scikit_learn(javascript):
    from sklearn.linear_model import LogisticRegression

    found = javascript(
        "imbalance",
        "(() => { const people = m.training({ prevalence: 0.05, separation: 1.5, seed: 1 }, kit)"
        ".map((one) => ({ ...one, weight: one.y ? 7 : 1 })); return { people, line:"
        " m.logistic(people) }; })()",
    )
    x = np.array([[one["x"]] for one in found["people"]])
    y = np.array([one["y"] for one in found["people"]])
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    model.fit(x, y, sample_weight=np.where(y == 1, 7, 1))
    assert y.sum() == 100
    assert_allclose(found["line"], [model.intercept_[0], model.coef_[0, 0]], rtol=1e-5)


def test_consequences_of_a_threshold_match_a_large_simulation(javascript):
    setting = {"prevalence": 0.1, "separation": 1.2}
    line = [-2.5, 1.1]
    found = javascript("imbalance", "m.consequences(v.s, v.l, 0.2, kit)", s=setting, l=line)
    rng = np.random.default_rng(0)
    y = rng.random(400_000) < 0.1
    x = rng.normal(size=y.size) + 1.2 * y
    chance = special.expit(line[0] + line[1] * x)
    called = chance > 0.2
    assert found["recall"] == pytest.approx(called[y].mean(), abs=0.01)
    assert found["precision"] == pytest.approx(y[called].mean(), abs=0.01)
    assert found["flagged"] == pytest.approx(called.mean(), abs=0.005)
    assert found["expected"] == pytest.approx(chance.mean(), abs=0.003)


def test_true_chance_is_bayes_rule(javascript):
    x = np.linspace(-3, 4, 8)
    found = javascript(
        "imbalance",
        "v.x.map((x) => m.truth(x, { prevalence: 0.05, separation: 1.5 }))",
        x=x.tolist(),
    )
    rare = 0.05 * stats.norm.pdf(x, 1.5)
    assert_allclose(found, rare / (rare + 0.95 * stats.norm.pdf(x)), rtol=1e-9)


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_study_intervals_match_scipy_and_cover_as_often_as_they_say(javascript, confidence):
    rng = np.random.default_rng(8)
    values = rng.normal(0.3, 0.1, size=10)
    found = javascript("replicates", "m.study(v.x, v.c, kit)", x=values.tolist(), c=confidence)
    low, high = stats.t.interval(confidence, 9, values.mean(), stats.sem(values))
    assert_allclose([found["low"], found["high"]], [low, high], rtol=1e-9)
    hits = javascript(
        "replicates",
        "(() => { const r = kit.generator(2); return Array.from({ length: 2000 }, () => {"
        " const s = m.study(r.normals(8), v.c, kit); return s.low <= 0 && 0 <= s.high; })"
        ".filter(Boolean).length; })()",
        c=confidence,
    )
    assert stats.binomtest(hits, 2000, confidence).pvalue > 1e-3
