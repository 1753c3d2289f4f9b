"""The block of HTML around a figure, and what its Python side refuses."""

import dataclasses
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from geneml import live
from geneml.live.bundle import figure_names, plain, source

READY = [
    live.convolution,
    live.descent,
    live.disagreement,
    live.dominance,
    live.epistasis,
    live.expectile_balance,
    live.expectile_fan,
    live.gated_block,
    live.gblup,
    live.gibbs,
    live.heritability,
    live.selection_index,
    live.imbalance,
    live.linkage,
    live.linked_credit,
    lambda: live.motif_scan(["ACGTTGACGTCA", "TTGACGTGAC"], motif="TGACG"),
    live.one_hot,
    live.overfit,
    live.pair_search,
    live.pedigree,
    live.peeking,
    live.quiet_test,
    live.relatives,
    live.replicates,
    live.scree,
    live.shapley_game,
    live.shift,
    live.shrinkage,
    live.soft_selection,
]
HISTORY = {"training_loss": [3, 2, 1, 1], "validation_loss": [3, 2.5, 2.6, 2.7]}


class Outline(HTMLParser):
    """Collects tags, attributes and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts = [], []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag == "script"

    def handle_data(self, data):
        if self.inside:
            self.scripts.append(data)

    def handle_endtag(self, tag):
        self.inside = False


def test_every_module_has_its_python_function():
    need_arguments = {
        "ceiling",
        "contest",
        "early_stopping",
        "expectile_network",
        "mutagenesis",
        "mutate",
        "transfer_map",
    }
    made = {build().name for build in READY} | need_arguments
    assert made == set(figure_names())


@pytest.mark.parametrize("build", READY)
def test_html_has_data_fallback_and_one_module_script(build):
    figure = build()
    outline = Outline(figure._repr_html_())
    kinds = [attributes["type"] for tag, attributes in outline.tags if tag == "script"]
    assert kinds == ["application/json", "module"]
    assert json.loads(outline.scripts[0]) == figure.data
    assert "switch JavaScript on" in figure._repr_html_()
    assert figure.title in repr(figure)
    assert figure.description in repr(figure)


def test_the_same_figure_gives_the_same_html_and_another_start_another_key():
    first, second = live.shift()._repr_html_(), live.shift()._repr_html_()
    assert first == second
    assert live.shift(0.1)._repr_html_().split("\n")[0] != first.split("\n")[0]


def test_hostile_words_stay_words():
    text = '</script><script>alert("x")</script><!-- <img src=x onerror=alert(1)>'
    figure = live.figure("shift", {"note": text}, title=text, description=text)
    outline = Outline(figure._repr_html_())
    assert sorted({tag for tag, _ in outline.tags}) == [
        "div", "figcaption", "figure", "p", "script", "span", "strong",
    ]  # fmt: skip
    assert json.loads(outline.scripts[0])["note"] == text
    assert len([1 for tag, _ in outline.tags if tag == "script"]) == 2


def test_numpy_values_become_plain_numbers():
    figure = live.figure(
        "shift",
        {"a": np.float32(0.5), "b": np.arange(3), "c": (np.int64(1), None, True)},
        title="t",
        description="d",
    )
    assert figure.data == {"a": 0.5, "b": [0, 1, 2], "c": [1, None, True]}


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"name": "nothing"}, ValueError, "no live figure"),
        ({"title": " "}, ValueError, "title"),
        ({"description": 3}, TypeError, "description"),
        ({"data": [1]}, TypeError, "data"),
        ({"data": {"x": [1.0, float("nan")]}}, ValueError, r"data\['x'\]\[1\]"),
        ({"data": {"x": object()}}, TypeError, "cannot hold"),
    ],
)
def test_figure_names_the_argument_that_is_wrong(arguments, error, words):
    with pytest.raises(error, match=words):
        live.figure(**{"name": "shift", "title": "t", "description": "d", **arguments})


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: live.heritability(1.2), ValueError, "heritability: expected a number from 0 to 1"),
        (
            lambda: live.selection_index(1.2),
            ValueError,
            "genetic_correlation: expected a number from -1 to 1",
        ),
        (
            lambda: live.selection_index(own_reliability=1),
            ValueError,
            "own_reliability: expected a number from 0 to 0.95",
        ),
        (lambda: live.heritability("0.4"), TypeError, "heritability: expected a number, got str"),
        (lambda: live.heritability(training_size=10.5), TypeError, "whole number"),
        (lambda: live.dominance(0.0), ValueError, "allele_frequency"),
        (lambda: live.linkage(generations=-1), ValueError, "generations"),
        (lambda: live.one_hot("ACGU"), ValueError, "letters of ACGTN"),
        (lambda: live.one_hot(7), TypeError, "expected a str"),
        (lambda: live.convolution("ACGT"), ValueError, "12 to 80"),
        (lambda: live.convolution(motifs="TATAA"), ValueError, "in a list"),
        (lambda: live.convolution(motifs=["TATAX"]), ValueError, "letters of ACGT"),
        (lambda: live.descent("hill"), ValueError, "valley, network, banana"),
        (lambda: live.overfit(hidden=0), ValueError, "hidden"),
        (lambda: live.early_stopping({"loss": [1, 2, 3]}), ValueError, "val_loss"),
        (lambda: live.early_stopping(7), ValueError, "training_loss"),
        (
            lambda: live.early_stopping({"loss": [1, 2, 3], "val_loss": [1, 2]}),
            ValueError,
            "same length",
        ),
        (
            lambda: live.early_stopping({"loss": [1, 2, np.nan], "val_loss": [1, 2, 3]}),
            ValueError,
            "finite",
        ),
        (lambda: live.quiet_test(n_models=0), ValueError, "n_models"),
        (lambda: live.relatives(family_effect=0.7), ValueError, "family_effect"),
        (lambda: live.shift(sample_size=3), ValueError, "sample_size"),
        (lambda: live.imbalance(prevalence=0.6), ValueError, "prevalence"),
        (lambda: live.replicates(spread=0), ValueError, "spread"),
        (lambda: live.shift(seed=-1), ValueError, "seed"),
        (lambda: live.shift(seed=True), TypeError, "seed"),
        (lambda: live.shift(float("nan")), ValueError, "difference"),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_early_stopping_takes_tables_dicts_and_keras_histories():
    class History:
        history = {"loss": [3, 2, 1, 1], "val_loss": [3, 2.5, 2.6, 2.7]}

    table = pd.DataFrame({"epoch": [1, 2, 3, 4], **HISTORY})
    made = [live.early_stopping(one).data for one in (HISTORY, History(), table)]
    assert made[0] == made[1] == made[2]
    assert made[0]["epochs"] == [1, 2, 3, 4]


def test_save_writes_a_whole_page_and_leaves_nothing_else(tmp_path):
    path = live.shift().save(tmp_path / "shift.html")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [one.name for one in tmp_path.iterdir()] == ["shift.html"]
    with pytest.raises(FileNotFoundError):
        live.shift().save(tmp_path / "none" / "shift.html")
    with pytest.raises(ValueError, match="theme"):
        live.shift().page(theme="blue")


def test_a_figure_can_be_given_other_words():
    figure = dataclasses.replace(live.shift(), title="Wheat in another year")
    assert "Wheat in another year" in figure._repr_html_()


def test_bundling_drops_imports_and_keeps_exports():
    text = (
        'import { a } from "./x.js";\nexport const b = 1;\nexport function c() {}\nconst d = 2;\n'
    )
    assert plain(text) == ("const b = 1;\nfunction c() {}\nconst d = 2;\n", ["b", "c"])


@pytest.mark.parametrize(
    "name",
    sorted(one.name for one in files(live).iterdir() if one.name.endswith((".js", ".css", ".py"))),
)
def test_modules_are_small_and_ask_for_nothing_outside_the_page(name):
    text = source(name)
    assert len(text.splitlines()) < 300
    if name.endswith(".js"):
        assert not re.search(r"fetch\(|XMLHttpRequest|import\(|https?:(?!//www\.w3\.org)", text)
        assert "</script" not in text
        assert not re.search(r"Math\.random|Date\.now", text), "figures are seeded"
    if name.endswith(".css"):
        assert not re.search(r"@import|url\(", text)


def test_importing_the_figures_does_not_import_keras():
    program = (
        "import sys, geneml.live; geneml.live.heritability()._repr_html_();"
        "sys.exit(bool({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
