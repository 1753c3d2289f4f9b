"""A lesson as it lies on disk: worksheet, checks, solution, wrong answers, syllabus entry."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from lessons.grader.exercises import Exercise, WrongAnswer

LESSONS_FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Parameters
    ----------
    name : str
        Name of its folder.
    folder : Path
        The folder.
    title : str
        From the syllabus.
    chapter : str
        File stem of the chapter that it belongs to.
    points : int
        Points that the syllabus promises.
    minutes : int
        About how long it takes.
    order : int
        Place in the course.
    """

    name: str
    folder: Path
    title: str = ""
    chapter: str = ""
    points: int = 0
    minutes: int = 0
    order: int = 0

    @property
    def worksheet(self) -> Path:
        """The worksheet, a MyST notebook."""
        return self.folder / "worksheet.md"

    @property
    def solution(self) -> Path:
        """The reference answers."""
        return self.folder / "solution.py"

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises in the order of the check file."""
        return _exercises(self.folder)

    @property
    def wrong_answers(self) -> tuple[WrongAnswer, ...]:
        """The misconceptions that the checks must explain."""
        module = _load_module(self.folder / "wrong_answers.py")
        return tuple(module.WRONG_ANSWERS)

    @property
    def needs_keras(self) -> bool:
        """Whether any exercise runs Keras in the learner's process."""
        return any(exercise.keras for exercise in self.exercises)

    def exercise(self, name: str) -> Exercise:
        """Return one exercise by name.

        Raises
        ------
        ValueError
            If there is no such exercise.
        """
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = ", ".join(exercise.name for exercise in self.exercises)
        raise ValueError(f"exercise must be one of {known}; received {name!r}")


def load_lesson(name: str, root: Path = LESSONS_FOLDER) -> Lesson:
    """Find a lesson by name.

    Parameters
    ----------
    name : str
        Name of the lesson.
    root : Path
        Folder that holds the lessons and ``syllabus.toml``.

    Returns
    -------
    Lesson
        Its check file is read when first asked for.

    Raises
    ------
    ValueError
        If there is no such lesson.
    """
    known = lesson_names(root)
    if name not in known:
        raise ValueError(f"lesson must be one of {', '.join(known)}; received {name!r}")
    entry = read_syllabus(root).get(name, {})
    return Lesson(
        name=name,
        folder=root / name,
        title=entry.get("title", name),
        chapter=entry.get("chapter", ""),
        points=entry.get("points", 0),
        minutes=entry.get("minutes", 0),
        order=entry.get("order", 0),
    )


def lesson_names(root: Path = LESSONS_FOLDER) -> list[str]:
    """Return the names of the lessons that have a check file, in the order of the course.

    Parameters
    ----------
    root : Path
        Folder that holds the lessons.

    Returns
    -------
    list of str
        Those named in the syllabus first.
    """
    there = {path.parent.name for path in root.glob("*/checks.py")}
    syllabus = read_syllabus(root)
    return sorted(there, key=lambda name: (syllabus.get(name, {}).get("order", 1000), name))


def following_lesson(lesson: Lesson, root: Path = LESSONS_FOLDER) -> str:
    """Return the name of the lesson after this one; empty after the last."""
    names = lesson_names(root)
    place = names.index(lesson.name) + 1
    return names[place] if place < len(names) else ""


def read_syllabus(root: Path = LESSONS_FOLDER) -> dict[str, dict[str, Any]]:
    """Read ``syllabus.toml``.

    Parameters
    ----------
    root : Path
        Folder that holds it.

    Returns
    -------
    dict
        Entry by lesson name; empty if there is no syllabus.
    """
    path = root / "syllabus.toml"
    if not path.is_file():
        return {}
    return {entry["name"]: entry for entry in tomllib.loads(path.read_text("utf-8"))["lesson"]}


@lru_cache(maxsize=64)
def _exercises(folder: Path) -> tuple[Exercise, ...]:
    module = _load_module(folder / "checks.py")
    found = [
        value.__exercise__
        for value in vars(module).values()
        if callable(value) and hasattr(value, "__exercise__")
    ]
    names = [exercise.name for exercise in found]
    if not found or len(set(names)) != len(names):
        raise ValueError(f"{folder.name}/checks.py must hold exercises, each name once: {names}")
    return tuple(found)


def _load_module(path: Path) -> ModuleType:
    """Import a lesson's file by path, so that a lesson may live in any folder."""
    if path.parent.parent == LESSONS_FOLDER:
        return importlib.import_module(f"lessons.{path.parent.name}.{path.stem}")
    name = f"lesson_{path.parent.name}_{abs(hash(path)):x}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
