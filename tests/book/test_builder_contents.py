"""What the table of contents lists, and the key of an executed chapter."""

import pytest
from builder import BuildError
from builder.contents import absent, is_notebook, pages
from builder.fingerprint import chapter_key, environment_key, hash_tree


def test_pages_in_reading_order_without_the_report(toy):
    toy.chapter("02_second", "1")
    toy.chapter("01_first", "1")
    toy.contents("01_first", "02_second", "build_report")
    assert [page.stem for page in pages(toy.book)] == ["index", "01_first", "02_second"]
    assert [page.is_notebook for page in pages(toy.book)] == [False, True, True]


def test_parts_are_read_too(toy):
    toy.chapter("01_first", "1")
    (toy.book / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n- caption: One\n  chapters:\n  - file: 01_first\n",
        encoding="utf-8",
    )
    assert [page.stem for page in pages(toy.book)] == ["index", "01_first"]


def test_missing_files_are_all_named(toy):
    toy.contents("03_gone", "04_gone_too", "build_report")
    with pytest.raises(BuildError, match=r"03_gone\.md, 04_gone_too\.md"):
        pages(toy.book)
    assert absent(toy.book) == ["03_gone", "04_gone_too"]
    assert [page.stem for page in pages(toy.book, missing="skip")] == ["index"]


def test_no_table_of_contents(toy):
    (toy.book / "_toc.yml").unlink()
    with pytest.raises(BuildError, match="no _toc.yml"):
        pages(toy.book)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "chapters: []\n"])
def test_table_of_contents_without_a_root(toy, text):
    (toy.book / "_toc.yml").write_text(text, encoding="utf-8")
    with pytest.raises(BuildError, match="root"):
        pages(toy.book)


def test_a_page_is_a_notebook_by_its_header_alone(toy):
    path = toy.page("plain", "---\ntitle: x\n---\n\nkernelspec:\n")
    assert not is_notebook(path)


def test_title_is_the_first_heading(toy):
    toy.chapter("01_first", "1", title="From genotype to trait")
    toy.contents("01_first")
    assert pages(toy.book)[1].title == "From genotype to trait"


# ---- The key -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    ["geneml/__init__.py", "data_sim/new.py", "lessons/worksheet.md", "geneml/live.js"],
)
def test_key_changes_with_the_packages(toy, change):
    chapter = toy.chapter("01_first", "1")
    before = chapter_key(chapter, environment_key(toy.repository))
    (toy.repository / change).write_text("changed = 1\n", encoding="utf-8")
    assert chapter_key(chapter, environment_key(toy.repository)) != before


def test_key_changes_with_the_lock_file(toy):
    before = environment_key(toy.repository)
    (toy.repository / "requirements.lock").write_text("numpy==2\n", encoding="utf-8")
    assert environment_key(toy.repository) != before


def test_key_changes_with_the_chapter_and_with_no_other(toy):
    environment = environment_key(toy.repository)
    first, second = toy.chapter("01_first", "1"), toy.chapter("02_second", "1")
    before = chapter_key(first, environment)
    second.write_text("other", encoding="utf-8")
    assert chapter_key(first, environment) == before
    first.write_text("other", encoding="utf-8")
    assert chapter_key(first, environment) != before


def test_key_changes_with_the_data_at_hand(toy, tmp_path, monkeypatch):
    monkeypatch.delenv("GENEML_DATA", raising=False)
    without = environment_key(toy.repository)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mice.RData").write_bytes(b"12345")
    monkeypatch.setenv("GENEML_DATA", str(tmp_path / "data"))
    assert environment_key(toy.repository) != without


def test_key_ignores_what_python_leaves_behind(toy):
    before = hash_tree(toy.repository / "geneml")
    cache = toy.repository / "geneml" / "__pycache__"
    cache.mkdir()
    (cache / "a.cpython-311.pyc").write_bytes(b"1")
    (cache / "a.py").write_text("1", encoding="utf-8")
    (toy.repository / "geneml" / ".hidden.py").write_text("1", encoding="utf-8")
    assert hash_tree(toy.repository / "geneml") == before


def test_a_file_under_another_name_is_another_tree(toy):
    before = hash_tree(toy.repository / "geneml")
    source = toy.repository / "geneml" / "__init__.py"
    source.rename(source.with_name("renamed.py"))
    assert hash_tree(toy.repository / "geneml") != before
