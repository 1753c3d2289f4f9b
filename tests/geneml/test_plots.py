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
from matplotlib.figure import Figure
from scipy.stats import ks_2samp

from geneml import plots
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
    "one_hot_map": lambda: plots.one_hot_map(np.eye(4)[[0, 1, 2, 3]]),
    "encoding": lambda: plots.encoding(GENOTYPES[:6, :5]),
    "genotype_trait": lambda: plots.genotype_trait(GENOTYPES[:, 2], TRAIT),
    "allele_frequency_spectrum": lambda: plots.allele_frequency_spectrum(random.random(100)),
    "linkage_disequilibrium": lambda: plots.linkage_disequilibrium(
        GENOTYPES, positions=np.arange(8) * 1000
    ),
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
        lambda: plots.one_hot_map(np.zeros((200, 4))),
        lambda: plots.one_hot_map(np.zeros((10, 3))),
        lambda: plots.encoding(GENOTYPES),
        lambda: plots.encoding(np.full((3, 3), -1)),
        lambda: plots.genotype_trait(GENOTYPES, TRAIT),
        lambda: plots.genotype_trait(np.full(50, -1), TRAIT),
        lambda: plots.allele_frequency_spectrum([0.2, 1.2]),
        lambda: plots.linkage_disequilibrium(np.zeros((5, 1_001), "int8")),
        lambda: plots.linkage_disequilibrium(GENOTYPES, positions=[1, 2]),
    ],
)
def test_impossible_pictures_are_refused(call):
    with pytest.raises(ValueError, match="must|lacks|holds|has|is empty|is not among"):
        call()


def test_a_history_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="Fit or a DataFrame"):
        plots.learning_curve([1, 2, 3])
