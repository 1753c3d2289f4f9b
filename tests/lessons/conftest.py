"""Small lessons made for the tests, so that the engine is tested apart from the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.grader.lesson import Lesson, load_lesson

CHECKS = """
import numpy as np
from lessons.grader import exercise, require, require_close, require_shape

LADDER = ["Look at the sum.", "Multiply it by seven.", "return 7 * x.sum() + 1"]

@exercise("target", title="Hit the target", points=3, ladder=LADDER,
          hints={"plus-one": "You forgot to add one.", "kind": "Return one number."}, seconds=2)
def check_target(submission, rng):
    for _ in range(3):
        x = rng.normal(size=(4, 5))
        expected = 7 * x.sum() + 1
        result = submission.call("target", x)
        require(isinstance(result, float), "not a number", hint="kind")
        require(not np.isclose(result, expected - 1), hint="plus-one")
        require_close(result, expected)

@exercise("double", title="Double an array", points=2, ladder=LADDER, hints={"same": "Unchanged."},
          seconds=2)
def check_double(submission, rng):
    x = rng.normal(size=(3, 2))
    result = submission.call("double", x)
    require_shape(result, (3, 2))
    require(not np.array_equal(result, x), hint="same")
    require_close(result, 2 * x)
"""

SOLUTION = """import numpy as np

# exercise: target
def target(x):
    return 7 * x.sum() + 1

# exercise: double
def double(x):
    return 2 * x
"""

WORKSHEET = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A small lesson

```{code-cell} ipython3
import numpy as np
```

```{code-cell} ipython3
:tags: [exercise]

# exercise: target
def target(x):
    raise NotImplementedError("Replace this line.")
```

```{code-cell} ipython3
---
tags: [exercise]
---
# exercise: double
def double(x):
    return ...
```

```{code-cell} ipython3
:tags: [explore]

raise RuntimeError("an explore cell is not run when checking")
```
"""

SYLLABUS = """
[[lesson]]
name = "small"
title = "A small lesson"
chapter = "00_small"
points = 5
minutes = 5
order = 1
"""


@pytest.fixture
def lessons_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with one lesson, named small."""
    root = tmp_path_factory.mktemp("lessons_root")
    folder = root / "small"
    folder.mkdir()
    (folder / "checks.py").write_text(CHECKS)
    (folder / "solution.py").write_text(SOLUTION)
    (folder / "worksheet.md").write_text(WORKSHEET)
    (root / "syllabus.toml").write_text(SYLLABUS)
    return root


@pytest.fixture
def small(lessons_root: Path) -> Lesson:
    """The lesson named small."""
    return load_lesson("small", lessons_root)


@pytest.fixture
def solution_text() -> str:
    """The small lesson's solution."""
    return SOLUTION
