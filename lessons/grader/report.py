"""What a check found, as records; `lessons.grader.render` puts them into words and HTML."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ExerciseReport:
    """The outcome of one exercise.

    Parameters
    ----------
    name, title : str
        The exercise.
    points : int
        Points that it is worth.
    status : {"passed", "wrong", "not-started", "error", "stopped", "refused"}
        Outcome. Only "passed" earns points.
    message : str
        For the learner.
    hint : str or None
        Name of the hint that this mistake earned.
    hint_text : str
        That hint.
    expected, received : str
        Values in words; empty where there is nothing to compare.
    line : str or None
        The learner's own line where an error arose.
    """

    name: str
    title: str
    points: int
    status: str
    message: str = ""
    hint: str | None = None
    hint_text: str = ""
    expected: str = ""
    received: str = ""
    line: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the exercise earned its points."""
        return self.status == "passed"

    @property
    def earned(self) -> int:
        """Points earned: all or none."""
        return self.points if self.passed else 0


@dataclass(frozen=True)
class LessonReport:
    """The outcome of one lesson.

    Parameters
    ----------
    lesson, title : str
        The lesson.
    seed : int
        What the fresh inputs were drawn with; the same seed draws them again.
    exercises : tuple of ExerciseReport
        In the order of the lesson.
    notes : tuple of str
        Remarks about the file as a whole.
    protections : tuple of str
        Names of the protections that were active in the child; empty for a check in the
        learner's own notebook.
    """

    lesson: str
    title: str
    seed: int
    exercises: tuple[ExerciseReport, ...]
    notes: tuple[str, ...] = ()
    protections: tuple[str, ...] = field(default=())

    @property
    def earned(self) -> int:
        """Points earned."""
        return sum(exercise.earned for exercise in self.exercises)

    @property
    def points(self) -> int:
        """Points to be had."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def passed(self) -> bool:
        """Whether every exercise passed."""
        return all(exercise.passed for exercise in self.exercises)

    def __getitem__(self, name: str) -> ExerciseReport:
        """Return the report of one exercise by name."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise KeyError(name)
