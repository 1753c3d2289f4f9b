"""Plots: what they draw, what they tell a reader who cannot see, how they are shown."""

import base64
import html
import io
import re
from types import SimpleNamespace

import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import scipy.stats
from matplotlib.figure import Figure
from scipy.stats import ks_2samp

from geneml import plots
from geneml.interpret import Attribution
from geneml.intervals import mean_interval
from geneml.plots._figure import COLOURS

random = np.random.default_rng(0)
GENOTYPES = random.integers(0, 3, (50, 8)).astype("int8")
GENOTYPES[4, 2] = -1
TRAIT = random.normal(size=50)
HISTORY = pd.DataFrame(
    {
        "epoch": range(6),
        "training_loss": [1.0, 0.8, 0.6, 0.5, 0.4, 0.3],
        "validation_loss": [1.1, 0.9, 0.7, 0.75, 0.8, 0.9],
    }
)
IMPORTANCE = random.random(40)
CAUSAL = [3, 17, 31]
LETTERS = np.eye(4)[random.integers(0, 4, 20)]
CHANGES = np.where(LETTERS > 0, 0.0, random.normal(size=(20, 4)))
LEVELS = [0.1, 0.5, 0.9]
EXPECTILES = random.normal(size=(50, 3)) + np.array([-2.0, 0.0, 3.0])
SCORES = (lambda table: table + table.T)(random.normal(size=(6, 6)))
EXAMPLES = {
    "learning_curve": lambda: plots.learning_curve(HISTORY, references={"ridge": 0.65}, log=True),
    "predicted_vs_observed": lambda: plots.predicted_vs_observed(TRAIT, TRAIT * 0.5 + 0.1),
    "comparison": lambda: plots.comparison(
        {"ridge": mean_interval([0.3, 0.32, 0.35]), "network": (0.4, 0.35, 0.45)},
        xlabel="test R²",
        reference=0.5,
        reference_label="heritability",
    ),
    "distributions": lambda: plots.distributions({"a": TRAIT, "b": TRAIT + 1}),
    "expectile_balance": lambda: plots.expectile_balance(TRAIT[:12], 0.8),
    "ordered_expectiles": lambda: plots.ordered_expectiles(EXPECTILES, LEVELS, observed=TRAIT),
    "one_hot_map": lambda: plots.one_hot_map(np.eye(4)[[0, 1, 2, 3]]),
    "encoding": lambda: plots.encoding(GENOTYPES[:6, :5]),
    "genotype_trait": lambda: plots.genotype_trait(GENOTYPES[:, 2], TRAIT),
    "allele_frequency_spectrum": lambda: plots.allele_frequency_spectrum(random.random(100)),
    "linkage_disequilibrium": lambda: plots.linkage_disequilibrium(
        GENOTYPES, positions=np.arange(8) * 1000
    ),
    "loadings_map": lambda: plots.loadings_map(CHANGES),
    "logo": lambda: plots.logo(CHANGES),
    "attribution_map": lambda: plots.attribution_map(CHANGES, observed=LETTERS, causal_loci=[4, 9]),
    "locus_track": lambda: plots.locus_track(
        IMPORTANCE, CAUSAL, controls={"variant frequency": IMPORTANCE[::-1]}
    ),
    "genotype_curves": lambda: plots.genotype_curves([[0, 1], [1, 3], [2, 3]], names=["a", "b"]),
    "ordered_weights": lambda: plots.ordered_weights({"softmax": [3, 0.5, 0.5], "s": [3, 0, 0]}),
    "interaction_map": lambda: plots.interaction_map(SCORES, pairs=[[0, 3]]),
    "pedigree": lambda: plots.pedigree(list("abcd"), list("00aa"), list("00bc")),
    "relationship_map": lambda: plots.relationship_map(np.eye(20) / 2 + 0.5),
    "likelihood_curve": lambda: plots.likelihood_curve([0.1, 0.5, 0.9], [-9.0, -7.0, -9.5]),
    "shrinkage": plots.shrinkage,
    "traces": lambda: plots.traces(SCORES[:2], name="variance"),
    "method_scores": lambda: plots.method_scores(
        {"GBLUP": (0.3, 0.05), "network": (0.31, 0.04)}, published={"network": 0.7}
    ),
    "who_wins_where": lambda: plots.who_wins_where(pd.DataFrame(SCORES[:2], list("ab"))),
    "gain_and_time": lambda: plots.gain_and_time(
        {"network": mean_interval([0.01, 0.02])}, {"GBLUP": 2.0, "network": 60.0}
    ),
    "scree": lambda: plots.scree([3.0, 2.0, 0.5, 0.5], ranks={"chord": 2}),
}


def test_every_plot_has_an_example():
    others = {"CourseFigure", "new_figure", "show", "to_html"}
    functions = {name for name in plots.__all__ if callable(getattr(plots, name))}
    assert set(EXAMPLES) == functions - others


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_plot_is_a_figure_that_says_what_it_shows(name):
    figure = EXAMPLES[name]()
    assert isinstance(figure, Figure)
    assert len(figure.alt_text) > 60
    assert re.search(r"\d", figure.alt_text)  # numbers, not only the name of the plot
    page = figure._repr_html_()
    assert page.startswith('<img class="geneml-figure"')
    assert f'alt="{html.escape(figure.alt_text)}"' in page
    data = re.search(r"base64,([^\"]+)", page).group(1)
    image = matplotlib.image.imread(io.BytesIO(base64.b64decode(data)))
    assert min(image.shape[:2]) > 200
    assert image[..., :3].std() > 0.02  # not blank
    for axes in figure.axes:
        for text in (axes.xaxis.label, axes.yaxis.label):
            assert text.get_fontsize() >= 10


def test_no_figure_stays_behind_in_pyplot():
    before = plt.get_fignums()
    EXAMPLES["learning_curve"]()
    assert plt.get_fignums() == before


def test_colours_differ_in_lightness_or_marker_and_are_dark_enough():
    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    # WCAG 2.2 asks 3:1 of graphics; the two colours that carry most figures must have it.
    for colour in COLOURS[:3]:
        assert 1.05 / (luminance(colour) + 0.05) >= 3


def test_a_learning_curve_marks_the_lowest_validation_loss():
    figure = plots.learning_curve(HISTORY)
    marked = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [tuple(float(v[0]) for v in line.get_data()) for line in marked] == [(2.0, 0.7)]
    assert "epoch 2" in figure.alt_text


def test_a_fits_learning_curve_shows_ridge():
    fit = SimpleNamespace(
        history=HISTORY,
        baseline_predictions={"ridge": np.array([1.0, 2.0, 3.0])},
        observed=np.array([1.0, 4.0, 3.0]),
        parts={"validation": np.array([1, 2])},
        scaler=SimpleNamespace(standard_deviation=np.array([2.0])),
    )
    figure = plots.learning_curve(fit)
    assert "ridge, validation 0.50" in figure.alt_text  # mean of (2/2)^2 and 0


def test_two_samples_show_the_kolmogorov_smirnov_distance():
    first, second = random.normal(size=80), random.normal(0.7, 1, 60)
    test = ks_2samp(first, second)
    figure = plots.distributions({"training": first, "test": second})
    assert f"D = {test.statistic:.2f}" in figure.alt_text
    upright = [line for line in figure.axes[1].lines if len(set(line.get_xdata())) == 1]
    heights = upright[0].get_ydata()
    assert abs(heights[1] - heights[0]) == pytest.approx(test.statistic)


def test_each_level_is_sorted_by_itself():
    figure = plots.ordered_expectiles(EXPECTILES, LEVELS, observed=TRAIT[:20], unit="cm")
    curves = {line.get_label(): line for line in figure.axes[0].lines}
    assert set(curves) == {"observed", "τ = 0.1", "τ = 0.5", "τ = 0.9"}
    for number, level in enumerate(LEVELS):
        drawn = curves[f"τ = {level}"].get_ydata()
        np.testing.assert_array_equal(drawn, sorted(EXPECTILES[:, number]))
    np.testing.assert_array_equal(curves["observed"].get_ydata(), sorted(TRAIT[:20]))
    assert "(cm)" in figure.axes[0].get_ylabel()
    highest = EXPECTILES[:, 2]
    assert f"tau 0.9 from {highest.min():.3g} to {highest.max():.3g}" in figure.alt_text
    assert "Grey dots" not in plots.ordered_expectiles(EXPECTILES, LEVELS).alt_text


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.8])
def test_the_bars_of_a_balance_have_equal_areas(tau):
    y = [0.0, 1.0, 1.0, 4.0, 9.0]
    figure = plots.expectile_balance(y, tau)
    pivot = scipy.stats.expectile(y, tau)
    bars = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in figure.axes[0].patches]
    ends = sorted(x + width for x, width, _ in bars)
    np.testing.assert_allclose([x for x, _, _ in bars], pivot)
    np.testing.assert_allclose(ends, [value for value in y if value != pytest.approx(pivot)])
    left = sum(-width * height for _, width, height in bars if width < 0)
    right = sum(width * height for _, width, height in bars if width > 0)
    assert left == pytest.approx(right)
    for _, width, height in bars:
        assert height == pytest.approx(tau if width > 0 else 1 - tau)
    dots = np.concatenate([dots.get_offsets() for dots in figure.axes[0].collections])
    assert sorted(dots[:, 0]) == y
    assert f"{pivot:.3g}, the {tau:g}-expectile" in figure.alt_text


def test_a_value_on_the_pivot_pulls_to_neither_side():
    figure = plots.expectile_balance([0.0, 1.0, 2.0], 0.5)
    assert len(figure.axes[0].patches) == 2
    (dot,) = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(dot.get_xdata(), [1.0])


def test_linkage_is_the_squared_correlation():
    figure = plots.linkage_disequilibrium(GENOTYPES[10:])  # nothing missing there
    drawn = np.asarray(figure.axes[0].images[0].get_array())
    np.testing.assert_allclose(drawn, np.corrcoef(GENOTYPES[10:].T) ** 2, atol=1e-9)


def test_a_variant_that_does_not_vary_has_no_linkage():
    table = GENOTYPES.copy()
    table[:, 3] = 1
    drawn = plots.linkage_disequilibrium(table).axes[0].images[0].get_array()
    assert np.ma.getmaskarray(np.ma.masked_invalid(drawn))[3].all()


def test_the_slope_of_a_genotype_plot_is_least_squares():
    keep = GENOTYPES[:, 2] >= 0
    slope = np.polyfit(GENOTYPES[keep, 2], TRAIT[keep], 1)[0]
    assert f"{slope:+.2f} a copy" in EXAMPLES["genotype_trait"]().alt_text


def test_the_minor_allele_is_the_rarer_one():
    figure = plots.allele_frequency_spectrum(np.array([0.9, 0.8, 0.02]))
    assert "33% below 0.05" in figure.alt_text
    assert "median 0.10" in figure.alt_text


def test_show_displays_an_image_with_its_text(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    plots.show(EXAMPLES["one_hot_map"]())
    assert 'alt="One-hot encoding' in shown[0].data
    plots.show(Figure(), alt_text='an empty "figure" & <nothing>')
    assert "an empty &quot;figure&quot; &amp; &lt;nothing&gt;" in shown[1].data


def test_a_figure_without_text_is_not_shown():
    with pytest.raises(ValueError, match="alternative text"):
        plots.show(Figure())
    with pytest.raises(TypeError, match="matplotlib Figure"):
        plots.show("picture.png")


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.learning_curve(HISTORY.drop(columns="epoch")),
        lambda: plots.learning_curve(HISTORY.iloc[:0]),
        lambda: plots.learning_curve(HISTORY, best_epoch=99),
        lambda: plots.predicted_vs_observed(TRAIT, TRAIT[:-1]),
        lambda: plots.predicted_vs_observed(TRAIT, np.full(50, np.nan)),
        lambda: plots.comparison({}, xlabel="r"),
        lambda: plots.comparison({"a": (1, 2)}, xlabel="r"),
        lambda: plots.distributions({}),
        lambda: plots.distributions({"a": []}),
        lambda: plots.expectile_balance([1.0], 0.5),
        lambda: plots.expectile_balance([2.0, 2.0], 0.5),
        lambda: plots.expectile_balance(np.arange(61.0), 0.5),
        lambda: plots.expectile_balance([1.0, np.nan], 0.5),
        lambda: plots.expectile_balance([1.0, 2.0], 1.0),
        lambda: plots.expectile_balance([1.0, 2.0], [0.1, 0.9]),
        lambda: plots.ordered_expectiles(EXPECTILES, LEVELS[:2]),
        lambda: plots.ordered_expectiles(EXPECTILES, LEVELS[::-1]),
        lambda: plots.ordered_expectiles(EXPECTILES * np.nan, LEVELS),
        lambda: plots.ordered_expectiles(EXPECTILES, LEVELS, observed=[]),
        lambda: plots.ordered_expectiles(np.ones((5, 7)), np.linspace(0.1, 0.9, 7)),
        lambda: plots.one_hot_map(np.zeros((200, 4))),
        lambda: plots.one_hot_map(np.zeros((10, 3))),
        lambda: plots.encoding(GENOTYPES),
        lambda: plots.encoding(np.full((3, 3), -1)),
        lambda: plots.genotype_trait(GENOTYPES, TRAIT),
        lambda: plots.genotype_trait(np.full(50, -1), TRAIT),
        lambda: plots.allele_frequency_spectrum([0.2, 1.2]),
        lambda: plots.linkage_disequilibrium(np.zeros((5, 1_001), "int8")),
        lambda: plots.linkage_disequilibrium(GENOTYPES, positions=[1, 2]),
        lambda: plots.logo(np.zeros((5, 4))),
        lambda: plots.logo(np.ones((5, 3))),
        lambda: plots.logo(np.ones((121, 4))),
        lambda: plots.logo(np.full((5, 4), np.nan)),
        lambda: plots.logo(np.ones((5, 2)), alphabet=("ab", "c")),
        lambda: plots.attribution_map(np.ones(5)),
        lambda: plots.attribution_map(CHANGES, observed="ACGT"),
        lambda: plots.attribution_map(CHANGES, window=(5, 5)),
        lambda: plots.attribution_map(CHANGES, window=(5, 21)),
        lambda: plots.attribution_map(np.zeros((401, 4))),
        lambda: plots.attribution_map(CHANGES, alphabet="ACG"),
        lambda: plots.locus_track({}, CAUSAL),
        lambda: plots.locus_track(IMPORTANCE, [40]),
        lambda: plots.locus_track(-IMPORTANCE, CAUSAL),
        lambda: plots.locus_track(IMPORTANCE, CAUSAL, controls={"importance": IMPORTANCE}),
        lambda: plots.locus_track(IMPORTANCE, CAUSAL, controls={"short": IMPORTANCE[:35]}),
        lambda: plots.locus_track(IMPORTANCE, CAUSAL, top=41),
        lambda: plots.locus_track(IMPORTANCE, CAUSAL, positions=[1, 2]),
        lambda: plots.interaction_map(np.ones((3, 2))),
        lambda: plots.interaction_map(np.zeros((401, 401))),
        lambda: plots.interaction_map(SCORES, pairs=[[1, 1]]),
        lambda: plots.interaction_map(SCORES, [1, 2]),
    ],
)
def test_impossible_pictures_are_refused(call):
    with pytest.raises(ValueError, match="must|lacks|holds|has|is empty|is not among|expected"):
        call()


def test_a_history_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="Fit or a DataFrame"):
        plots.learning_curve([1, 2, 3])


# Explanations ----------------------------------------------------------------------------


def letters_of(axes):
    """The letters of a logo: bounding boxes and colours, in the order of drawing."""
    patches = [patch for patch in axes.patches if patch.get_path().vertices.shape[0] > 4]
    return [(patch.get_path().get_extents(), patch.get_facecolor()) for patch in patches]


def test_letters_stand_at_their_positions_as_tall_as_they_should():
    heights = np.zeros((3, 4))
    heights[0, [0, 3]] = [0.5, 1.5]  # A below, T on top of it
    heights[1, 1] = -2.0
    heights[2, 2] = 1.0
    drawn = letters_of(plots.logo(heights, start=10).axes[0])
    boxes = [
        (round((box.x0 + box.x1) / 2, 6), round(box.y0, 6), round(box.y1, 6)) for box, _ in drawn
    ]
    assert boxes == [(10, 0, 0.5), (10, 0.5, 2), (11, -2, 0), (12, 0, 1)]
    assert len({colour for _, colour in drawn}) == 4


def test_letters_below_the_line_are_not_upside_down():
    # A has its foot wide and its head narrow, above the line as below it.
    for height in (1.0, -1.0):
        figure = plots.logo([[height, 0, 0, 0]])
        (patch,) = [p for p in figure.axes[0].patches if len(p.get_path().vertices) > 4]
        vertices = patch.get_path().vertices
        low, high = vertices[:, 1].min(), vertices[:, 1].max()
        foot = vertices[vertices[:, 1] < low + 0.1 * (high - low)]
        head = vertices[vertices[:, 1] > high - 0.1 * (high - low)]
        assert np.ptp(foot[:, 0]) > 2 * np.ptp(head[:, 0])


def test_a_map_shows_the_changes_and_dots_at_the_observed_letters():
    figure = plots.attribution_map(CHANGES, observed=LETTERS, causal_loci=[4, 9, 25])
    logo_axes, map_axes = figure.axes[:2]
    np.testing.assert_allclose(map_axes.images[0].get_array(), CHANGES.T)
    low, high = map_axes.images[0].get_clim()
    assert -low == high == pytest.approx(np.abs(CHANGES).max())
    dots, triangles = map_axes.lines
    np.testing.assert_array_equal(dots.get_xdata(), np.arange(20))
    np.testing.assert_array_equal(dots.get_ydata(), LETTERS.argmax(axis=1))
    np.testing.assert_array_equal(triangles.get_xdata(), [4, 9])  # 25 is not in view
    assert map_axes.get_xlim() == logo_axes.get_xlim() == (-0.5, 19.5)
    # The letters above: how much higher the prediction is with them than with the others.
    contribution = -CHANGES.sum(axis=1) / 3
    drawn = {round((box.x0 + box.x1) / 2): box for box, _ in letters_of(logo_axes)}
    for site in range(20):
        reach = drawn[site].y1 if contribution[site] > 0 else drawn[site].y0
        assert reach == pytest.approx(contribution[site])
    site, letter = np.unravel_index(np.abs(CHANGES).argmax(), CHANGES.shape)
    before = "ACGT"[LETTERS[site].argmax()]
    assert f"{before} to {'ACGT'[letter]} at position {site}" in figure.alt_text


def test_a_window_of_one_sample_of_an_attribution():
    attribution = Attribution(
        np.stack([CHANGES * 0, CHANGES]),
        ("sample", "position", "allele"),
        "change",
        "by hand",
        np.stack([LETTERS, LETTERS]),
        np.zeros(2),
        alleles=tuple("ACGT"),
    )
    figure = plots.attribution_map(attribution, sample=1, window=(5, 12))
    np.testing.assert_allclose(figure.axes[1].images[0].get_array(), CHANGES[5:12].T)
    assert figure.axes[1].get_xlim() == (4.5, 11.5)
    assert "positions 5 to 11" in figure.alt_text
    with pytest.raises(IndexError, match="from 0 to 1"):
        plots.attribution_map(attribution, sample=2)


def test_a_map_without_letters():
    assert len(plots.attribution_map(CHANGES).axes) == 2  # the map and its colour bar
    assert len(plots.attribution_map(CHANGES, observed=LETTERS, with_logo=False).axes) == 2
    assert len(plots.attribution_map(CHANGES, observed=LETTERS).axes) == 3
    wide = plots.attribution_map(np.tile(CHANGES, (10, 1)), observed=np.tile(LETTERS, (10, 1)))
    assert len(wide.axes) == 2  # 200 letters could not be read
    text = "".join("ACGT"[letter] for letter in LETTERS.argmax(axis=1))
    named = plots.attribution_map(CHANGES, observed=text)
    assert named.alt_text == plots.attribution_map(CHANGES, observed=LETTERS).alt_text


def test_genotypes_have_a_map_of_their_states():
    genotypes = GENOTYPES[:5]
    attribution = Attribution(
        random.normal(size=(5, 8, 3)),
        ("sample", "position", "allele"),
        "change",
        "by hand",
        genotypes,
        np.zeros(5),
        alleles=tuple("012"),
    )
    figure = plots.attribution_map(attribution, sample=4)
    labels = [text.get_text() for text in figure.axes[1].get_yticklabels()]
    assert labels == ["0", "1", "2"]
    dots = figure.axes[1].lines[0]
    np.testing.assert_array_equal(dots.get_xdata(), [0, 1, 3, 4, 5, 6, 7])  # 2 is missing


def test_a_track_says_what_is_above_its_line():
    importance = np.linspace(0.1, 0.5, 40)
    importance[CAUSAL[:2]] = [0.9, 2.0]
    figure = plots.locus_track(
        {"network": importance},
        CAUSAL,
        controls={"shuffled labels": np.ones(40), "variant frequency": np.isin(range(40), CAUSAL)},
    )
    assert len(figure.axes) == 3
    assert "network: 2 of 3 in the top 3" in figure.alt_text
    assert "control, shuffled labels: 0.225 of 3 in the top 3" in figure.alt_text  # 3 * 3 / 40
    assert "control, variant frequency: 3 of 3 in the top 3" in figure.alt_text
    assert "No control" not in figure.alt_text
    for axes, values in zip(
        figure.axes[::2], (importance, np.isin(range(40), CAUSAL)), strict=True
    ):
        others, causal, line = axes.lines
        np.testing.assert_array_equal(causal.get_xdata(), CAUSAL)
        np.testing.assert_allclose(causal.get_ydata(), values[CAUSAL] / values.max())
        assert others.get_xdata().size == 37
        assert ((values / values.max()) > line.get_ydata()[0]).sum() == 3
    assert "(control)" in figure.axes[1].get_title(loc="left")
    assert "No control is drawn" in plots.locus_track(importance, CAUSAL).alt_text


def test_a_track_can_have_a_map_and_a_longer_list():
    figure = plots.locus_track(IMPORTANCE, CAUSAL, top=10, positions=np.arange(40) * 500)
    others, causal, line = figure.axes[0].lines
    np.testing.assert_array_equal(causal.get_xdata(), np.array(CAUSAL) * 500)
    share = IMPORTANCE / IMPORTANCE.max()
    assert (share > line.get_ydata()[0]).sum() == 10
    nothing = plots.locus_track(np.zeros(40), CAUSAL)
    assert "0.225 of 3" in nothing.alt_text


def test_rings_mark_the_true_pairs_on_both_sides():
    scores = np.zeros((5, 5))
    scores[1, 3] = scores[3, 1] = -2.0
    figure = plots.interaction_map(scores, [10, 20, 30, 40, 50], pairs=[[40, 20], [10, 99]])
    assert [patch.center for patch in figure.axes[0].patches] == [(1, 3), (3, 1)]
    drawn = np.ma.masked_invalid(figure.axes[0].images[0].get_array())
    np.testing.assert_array_equal(np.ma.getmaskarray(drawn), np.eye(5, dtype=bool))
    assert figure.axes[0].images[0].get_clim() == (-2, 2)
    assert "-2, between positions 20 and 40" in figure.alt_text
    assert "1 of 2 are among the 2 largest" in figure.alt_text
    assert "Not among these loci: 10 and 99." in figure.alt_text
    plain = plots.interaction_map(scores)
    assert not plain.axes[0].patches
    assert "Rings" not in plain.alt_text
