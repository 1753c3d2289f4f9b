"""What a worksheet shows beside its exercises runs, and says what its text promises."""

import pytest

from lessons.grader.lesson import load_lesson
from lessons.grader.source import exercise_text, read_cells


def run_with_solutions(lesson):
    """Run a whole worksheet, demonstrations included, with the reference answers filled in."""
    found = load_lesson(lesson)
    solution = read_cells(found.solution)
    variables = {"__name__": "__main__"}
    for cell in read_cells(found.worksheet):
        code = exercise_text(solution, cell.exercise) if cell.exercise else cell.text
        exec(compile(code, f"{lesson}, {cell.label}", "exec"), variables)
    return variables


@pytest.mark.parametrize(
    "lesson",
    [
        "traits",
        "encoding",
        "mutagenesis",
        "expectiles",
        "expectile_networks",
        "relatives",
        "breeders",
    ],
)
def test_every_cell_of_the_worksheet_runs(lesson, monkeypatch, capsys):
    monkeypatch.setenv("GENEML_PLAIN", "1")
    run_with_solutions(lesson)
    assert capsys.readouterr().out


def test_the_x_chromosome_of_the_worksheet_lacks_heterozygotes(monkeypatch, capsys):
    monkeypatch.setenv("GENEML_PLAIN", "1")
    variables = run_with_solutions("traits")
    everyone = variables["everyone"]
    expected = variables["hardy_weinberg_expected"](everyone)
    assert (everyone == 1).sum() < 0.75 * expected[1]


def test_a_straight_line_reports_neither_effect(monkeypatch, capsys):
    monkeypatch.setenv("GENEML_PLAIN", "1")
    variables = run_with_solutions("encoding")
    snp, length = variables["snp"], variables["length"]
    a, d = variables["additive_and_dominance"](snp, length)
    slope = variables["np"].polyfit(snp, length, 1)[0]
    assert abs(slope - a) > 0.1
    assert abs(slope - d) > 0.1


def test_the_breeders_worksheet_shows_the_numbers_that_it_promises():
    """Its four demonstrations, each small enough for a head."""
    lesson = load_lesson("breeders")
    solution, shown = read_cells(lesson.solution), []
    variables = {}
    for cell in read_cells(lesson.worksheet):
        if cell.exercise:
            exec(exercise_text(solution, cell.exercise), variables)
        elif "check(" not in cell.text:
            *lines, last = cell.text.strip().splitlines()
            whole = last.startswith(("import", "print"))
            exec("\n".join([*lines, last] if whole else lines), variables)
            if not whole:
                shown.append(eval(last, variables))
    assert list(shown[0]) == [12, 11, 10]
    assert shown[1] == 2
    assert shown[2] == (1, 0.25)
    apart = variables["r_hat"](variables["together"] + [[0.0], [3.0]])
    assert variables["r_hat"](variables["together"]) < 1.02 < 1.5 < apart
