"""Graded lessons: worksheets, the checks that mark them, and the grader."""
