"""Chapters in kernels: outputs, failures, time and memory, the cache."""

import json

import nbformat
import pytest
from builder import BuildError
from builder.execution import CellFailed, execute
from builder.schedule import Cache, execute_all


def run(toy, *cells, stem="01_first", **options):
    toy.chapter(stem, *cells)
    toy.contents(stem)
    return execute(toy.notebooks()[0], toy.repository, **options)


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_outputs_stay_and_standard_error_goes(toy):
    notebook, _ = run(toy, "import sys\nprint('shown')\nprint('noise', file=sys.stderr)\n40 + 2")
    texts = json.dumps(outputs(notebook))
    assert "shown" in texts
    assert "42" in texts
    assert "noise" not in texts


def test_what_compiled_libraries_write_stays_off_the_terminal(toy, capfd):
    run(toy, "import os\nos.write(2, b'noise past Python')\nos.write(1, b'more')")
    assert capfd.readouterr() == ("", "")


def test_own_packages_in_an_empty_folder(toy):
    (toy.repository / "geneml" / "__init__.py").write_text("NAME = 'this one'\n", encoding="utf-8")
    notebook, _ = run(toy, "import geneml, os\nprint(geneml.NAME, os.listdir())")
    assert outputs(notebook)[0].text.strip() == "this one []"


def test_the_same_chapter_twice_is_the_same_file(toy):
    cell = "print({'b', 'a', 'c', 'd'})"
    first, _ = run(toy, cell)
    second, _ = run(toy, cell)
    for notebook in (first, second):
        for number, one in enumerate(notebook.cells):
            one["id"] = str(number)
    assert nbformat.writes(first) == nbformat.writes(second)


def test_failing_cell_is_named_with_chapter_line_source_and_error(toy):
    with pytest.raises(CellFailed) as caught:
        run(toy, "x = 1", "y = x + 1\nraise RuntimeError('the lid is off')", "z = 3")
    message = str(caught.value)
    text = (toy.book / "01_first.md").read_text(encoding="utf-8").splitlines()
    line = text.index("y = x + 1") + 1
    assert message.startswith(f"01_first.md, line {line}: code cell 2 failed.")
    assert "    raise RuntimeError('the lid is off')" in message
    assert "RuntimeError: the lid is off" in message
    assert "\x1b" not in message
    # The notebook shows how far it got.
    assert caught.value.notebook.cells[1].execution_count == 1
    assert caught.value.notebook.cells[3].execution_count is None


def test_hanging_cell_is_stopped(toy):
    with pytest.raises(CellFailed, match=r"code cell 1 failed(.|\n)*longer than 1 s"):
        run(toy, "import time\ntime.sleep(60)", cell_timeout=1)


def test_killed_kernel_is_reported(toy):
    last = "import os\nos.write(2, b'out of luck')\nos._exit(9)"
    with pytest.raises(CellFailed, match=r"code cell 2 failed(.|\n)*kernel died(.|\n)*of luck"):
        run(toy, "1", last)


def test_time_and_memory_are_measured(toy):
    _, quiet = run(toy, "1")
    block = "# a comment\nblock = bytearray(b'1') * 200_000_000"
    _, busy = run(
        toy,
        "1",
        block,
        "import time\nstart = time.process_time()\nwhile time.process_time() - start < 0.6: pass",
    )
    assert busy.peak_bytes - quiet.peak_bytes > 150e6
    assert busy.cpu_seconds - quiet.cpu_seconds > 0.4
    assert busy.wall_seconds >= busy.slowest_seconds >= 0.6
    assert (busy.cells, busy.slowest_cell) == (3, 3)
    assert busy.slowest_source == "start = time.process_time()"


# ---- All chapters --------------------------------------------------------------------------


def build(toy, **options):
    return execute_all(toy.notebooks(), toy.layout, workers=2, **options)


def test_unchanged_chapter_is_taken_from_the_cache(toy):
    toy.chapter("01_first", "import random\nrandom.random()")
    toy.contents("01_first")
    (first,), (second,) = build(toy), build(toy)
    assert not first.measurement.from_cache
    assert second.measurement.from_cache
    assert outputs(first.notebook) == outputs(second.notebook)
    assert first.measurement.peak_bytes == second.measurement.peak_bytes


def test_change_in_a_package_executes_again_and_keeps_one_copy(toy):
    toy.chapter("01_first", "import geneml\ngeneml.NAME")
    toy.contents("01_first")
    build(toy)
    (toy.repository / "geneml" / "__init__.py").write_text("NAME = 'new'\n", encoding="utf-8")
    (again,) = build(toy)
    assert not again.measurement.from_cache
    assert "new" in outputs(again.notebook)[0].data["text/plain"]
    assert len(list(toy.layout.executed.glob("01_first-*.ipynb"))) == 1


def test_fresh_ignores_the_cache(toy):
    toy.chapter("01_first", "1")
    toy.contents("01_first")
    build(toy)
    assert not build(toy, fresh=True)[0].measurement.from_cache


def test_every_failure_is_told_and_none_is_cached(toy):
    toy.chapter("01_first", "raise ValueError('first fault')")
    toy.chapter("02_second", "1")
    toy.chapter("03_third", "raise ValueError('third fault')")
    toy.contents("01_first", "02_second", "03_third")
    with pytest.raises(BuildError) as caught:
        build(toy)
    message = str(caught.value)
    assert message.index("first fault") < message.index("third fault")
    kept = {path.name.split("-")[0] for path in toy.layout.executed.iterdir()}
    assert kept == {"02_second"}
    assert (toy.layout.failed / "01_first.ipynb").is_file()


def test_chapters_run_side_by_side(toy, tmp_path, monkeypatch):
    """Each chapter waits for the other: one after the other, both would fail."""
    monkeypatch.setenv("MEETING", str(tmp_path))
    meet = """
        import os, pathlib, time
        place = pathlib.Path(os.environ["MEETING"])
        (place / "{own}").touch()
        end = time.monotonic() + 20
        while not (place / "{other}").exists():
            assert time.monotonic() < end, "left alone"
            time.sleep(0.05)
    """
    toy.chapter("01_first", meet.format(own="a", other="b"))
    toy.chapter("02_second", meet.format(own="b", other="a"))
    toy.contents("01_first", "02_second")
    assert len(build(toy)) == 2


def test_half_written_entry_does_not_count(toy):
    toy.chapter("01_first", "1")
    toy.contents("01_first")
    build(toy)
    (numbers,) = toy.layout.executed.glob("*.json")
    numbers.unlink()
    assert not build(toy)[0].measurement.from_cache


def test_newest_gives_the_last_result_whatever_has_changed(toy):
    toy.chapter("01_first", "1")
    toy.contents("01_first")
    build(toy)
    toy.chapter("01_first", "2")
    cache = Cache(toy.layout.executed)
    assert cache.newest(toy.notebooks()[0]).measurement.stem == "01_first"
