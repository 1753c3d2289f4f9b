"""Lesson for chapter 5: keeping the test honest, seeing shifts, and handling rare cases."""
