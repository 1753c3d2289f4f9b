"""The build report, the repairs on pages, and where the course is published."""

import datetime
import subprocess

import nbformat
import pytest
from builder import BuildError
from builder.contents import Page
from builder.execution import Measurement
from builder.repairs import repair
from builder.report import write_report
from builder.repository import find_publication
from builder.schedule import Executed


def executed(stem, **changes):
    numbers = {
        "stem": stem,
        "title": stem,
        "wall_seconds": 12.34,
        "cpu_seconds": 20.06,
        "peak_bytes": 987_600_000,
        "cells": 7,
        "slowest_cell": 3,
        "slowest_seconds": 4.56,
        "slowest_source": "fit(model)",
    }
    measurement = Measurement(**{**numbers, **changes})
    return Executed(Page(stem, None, True), nbformat.v4.new_notebook(), measurement)


def test_report_holds_every_number():
    second = executed("02_second", wall_seconds=1.0, slowest_seconds=9.87, cpu_seconds=5.0)
    text = write_report([executed("01_first"), second], today=datetime.date(2031, 2, 3))
    rows = [row.split("\n  - ") for row in text.split("* - ")]
    (first,) = [row for row in rows if "`01_first`" in row[0] and len(row) > 3]
    assert [cell.strip() for cell in first[1:6]] == ["12.3", "20.1", "988", "7", "4.6"]
    assert "took 25 s of processor time" in text
    assert "slowest cell of the book took 9.9 s" in text
    assert "code cell 3: `fit(model)`" in text
    assert "2031-02-03" in text
    assert "cache" not in text


def test_report_says_what_came_from_the_cache():
    text = write_report([executed("01_first", from_cache=True), executed("02_second")])
    assert "1 of 2 chapters" in text


def test_report_of_a_book_without_code():
    text = write_report([executed("01_first", cells=0, slowest_cell=0, slowest_source="")])
    assert "No chapter has code." in text


def test_back_ticks_in_code_do_not_end_it():
    assert "`` a `b` ``" in write_report([executed("01_first", slowest_source="a `b`")])


# ---- Repairs -------------------------------------------------------------------------------

TABLE = (
    "<article><h1>T</h1><table border='1' class='dataframe'><thead><tr><th></th><th>a</th></tr>"
    "</thead><tbody><tr><th>0</th><td>1</td></tr></tbody></table></article>"
)


def test_tables_scroll_and_their_headers_have_a_scope():
    html, complaints = repair(TABLE)
    assert '<div class="table-scroll"' in html
    assert '<th scope="col">a</th>' in html
    assert '<th scope="row">0</th>' in html
    assert "<td></td><th" in html
    assert "border=" not in html
    assert complaints == []


def test_repairs_twice_are_repairs_once():
    once, _ = repair(TABLE)
    assert repair(once)[0] == once


def test_tables_of_live_figures_are_left_alone():
    html, _ = repair(f"<article><figure class='geneml-live'>{TABLE}</figure></article>")
    assert "table-scroll" not in html


def test_programs_in_the_page_come_through_unchanged():
    program = "if (a < b && c > d) { s = '<b>&amp;\u00a0'; }"
    html, _ = repair(f"<article><h1>T</h1><script type='module'>{program}</script></article>")
    assert program in html


def test_boxes_of_task_lists_are_named():
    box = '<input class="task-list-item-checkbox" disabled="disabled" type="checkbox"{}>'
    html, _ = repair("<article>" + box.format("") + box.format(' checked="checked"') + "</article>")
    assert html.index('aria-label="to do"') < html.index('aria-label="done"')


def test_works_cited_have_no_deprecated_role():
    entry = "<div class='citation' id='id2' role='doc-biblioentry'>A</div>"
    html, _ = repair(f"<article><div class='citation-list' role='list'>{entry}</div></article>")
    assert "role=" not in html
    assert 'id="id2"' in html


def test_empty_headings_go():
    link = '<a class="headerlink" href="#x">#</a>'
    html, _ = repair(f"<article><h1>A{link}</h1><h2>{link}</h2><h2>B{link}</h2></article>")
    assert html.count("<h2") == 1


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<h1>A</h1><img src='x.png'>", "no alternative text: x.png"),
        ("<h1>A</h1><img src='x.png' alt='  '>", "no alternative text"),
        ("<h1>A</h1><h3>Deep</h3>", "'Deep' skips a level"),
    ],
)
def test_what_only_the_author_can_mend_is_told(body, complaint):
    _, (told,) = repair(f"<article>{body}</article>")
    assert complaint in told


# ---- Where the course is published ---------------------------------------------------------


def test_repository_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("GENEML_REPOSITORY", "someone/course")
    found = find_publication(tmp_path)
    assert found.colab("02_encoding") == (
        "https://colab.research.google.com/github/someone/course/blob/gh-pages/"
        "notebooks/02_encoding.ipynb"
    )
    assert found.binder("02_encoding") == (
        "https://mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/notebooks/02_encoding.ipynb"
    )
    assert found.install == "geneml @ git+https://github.com/someone/course@main"


@pytest.mark.parametrize("name", ["course", "https://github.com/a/b", "a/b/c", "a b/c"])
def test_repository_of_another_form(tmp_path, monkeypatch, name):
    monkeypatch.setenv("GENEML_REPOSITORY", name)
    with pytest.raises(BuildError, match="owner/name"):
        find_publication(tmp_path)


@pytest.mark.parametrize(
    ("remote", "name"),
    [
        ("https://github.com/someone/course.git", "someone/course"),
        ("https://github.com/someone/my.course", "someone/my.course"),
        ("git@github.com:someone/course.git", "someone/course"),
        ("https://gitlab.com/someone/course.git", None),
    ],
)
def test_repository_from_the_remote(tmp_path, monkeypatch, remote, name):
    monkeypatch.delenv("GENEML_REPOSITORY", raising=False)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", remote], check=True)
    found = find_publication(tmp_path)
    assert (found.name if found else None) == name


def test_repository_unknown(tmp_path, monkeypatch):
    monkeypatch.delenv("GENEML_REPOSITORY", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert find_publication(tmp_path) is None
