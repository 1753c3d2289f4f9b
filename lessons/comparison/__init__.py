"""Lesson of chapter 16: an interval over folds, an honest pipeline, a nested choice, bounds."""
