"""Lesson of chapter 14: GBLUP by hand, a penalty, one Gibbs update, and chains that agree."""
