"""The builder from end to end on a toy book, and the server that shows the result."""

import shutil
import threading
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import nbformat
import pytest
from builder import BuildError
from builder.cli import main
from builder.serving import make_server

BOOK = Path(__file__).resolve().parents[2] / "book"


@pytest.fixture
def dressed(toy):
    """A toy book with the theme, the settings and the extension of the real one."""
    for folder in ("_assets", "_ext", "_templates"):
        shutil.copytree(BOOK / folder, toy.book / folder)
    for name in ("_config.yml", "references.bib"):
        shutil.copy(BOOK / name, toy.book / name)
    toy.chapter("01_first", "print('hello')", title="First", text="See {doc}`index`.")
    toy.contents("01_first", "build_report")
    return toy


def build(toy, *options):
    return main(["--book", str(toy.book), *options])


def test_whole_build_and_what_stops_it(dressed, capsys, monkeypatch):
    monkeypatch.setenv("GENEML_REPOSITORY", "someone/course")
    assert build(dressed) == 0
    told = capsys.readouterr().out
    site = dressed.layout.site()
    assert str(site) in told
    assert "make serve" in told

    page = (site / "01_first.html").read_text(encoding="utf-8")
    assert "hello" in page
    assert 'href="notebooks/01_first.ipynb"' in page
    assert "colab.research.google.com/github/someone/course" in page
    assert "mybinder.org/v2/gh/someone/course" in page
    nbformat.validate(nbformat.read(site / "notebooks" / "01_first.ipynb", as_version=4))
    report = (site / "build_report.html").read_text(encoding="utf-8")
    assert "First" in report
    assert "Peak memory" in report

    # A reference that leads nowhere stops the build, the second time too; the site stays.
    dressed.chapter("01_first", "print('hello')", title="First", text="See {doc}`nowhere`.")
    for _ in range(2):
        assert build(dressed) == 1
        assert "01_first.ipynb" in capsys.readouterr().err
    assert (site / "01_first.html").read_text(encoding="utf-8") == page

    # So does a picture without alternative text.
    picture = "from IPython.display import HTML\nHTML('<img src=\"data:,\">')"
    dressed.chapter("01_first", picture, title="First")
    assert build(dressed) == 1
    assert "01_first: a picture has no alternative text" in capsys.readouterr().err

    # And so does a cell that fails.
    dressed.chapter("01_first", "1 / 0", title="First")
    assert build(dressed) == 1
    assert "01_first.md, line 17: code cell 1 failed." in capsys.readouterr().err
    assert (site / "01_first.html").read_text(encoding="utf-8") == page


def test_one_chapter_while_another_is_missing(dressed, capsys):
    dressed.chapter("01_first", "1", title="First", text="See {doc}`02_second`.")
    dressed.contents("01_first", "02_second")
    assert build(dressed, "--only", "book/01_first.md") == 0
    assert (dressed.layout.site("01_first") / "01_first.html").is_file()
    assert not dressed.layout.site().exists()
    # The whole book cannot be built yet, and the message says why.
    assert build(dressed) == 1
    assert "02_second.md" in capsys.readouterr().err


def test_unknown_chapter(toy, capsys):
    assert build(toy, "--only", "07_gone") == 1
    assert "There are: index" in capsys.readouterr().err


def test_notebooks_alone(toy, tmp_path, capsys):
    toy.chapter("01_first", "1")
    toy.contents("01_first")
    assert build(toy, "--notebooks", str(tmp_path / "out")) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["01_first.ipynb"]
    assert "01_first.ipynb" in capsys.readouterr().out


# ---- Serving -------------------------------------------------------------------------------


def test_server_gives_pages_to_this_machine_alone(tmp_path):
    (tmp_path / "index.html").write_text("<h1>Home</h1>", encoding="utf-8")
    (tmp_path / "a.js").write_text("1", encoding="utf-8")
    server = make_server(tmp_path, 0)
    assert server.server_address[0] == "127.0.0.1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        with urllib.request.urlopen(f"{address}/") as answer:
            assert answer.read() == b"<h1>Home</h1>"
        with urllib.request.urlopen(f"{address}/a.js") as answer:
            assert answer.headers["Content-Type"].startswith("text/javascript")
        with pytest.raises(HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/none.html")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_server_takes_the_next_free_port(tmp_path):
    (tmp_path / "index.html").write_text("x", encoding="utf-8")
    with make_server(tmp_path, 0) as first, make_server(tmp_path, first.server_port) as second:
        assert second.server_port > first.server_port


def test_server_without_a_site(tmp_path):
    with pytest.raises(BuildError, match="make book"):
        make_server(tmp_path)
