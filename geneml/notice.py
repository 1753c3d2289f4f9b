"""A notice that says whether a cohort is real or a simulated stand-in.

A reader must not take simulated results for real ones, so every chapter that uses a named
cohort shows this notice above them.
"""

from __future__ import annotations

from html import escape

from IPython.display import HTML

from geneml.cohort import Cohort


def origin_notice(cohort: Cohort, name: str = "cohort") -> HTML:
    """Return a box for a notebook that says what the cohort is.

    Parameters
    ----------
    cohort : Cohort
        Its ``is_real`` and ``origin`` are what is shown.
    name : str
        What the reader calls it, such as "mice".

    Returns
    -------
    IPython.display.HTML
        Shows itself as the last value of a cell.

    Raises
    ------
    TypeError
        When `cohort` is no Cohort.
    """
    if not isinstance(cohort, Cohort):
        raise TypeError(f"cohort: expected a Cohort, received {type(cohort).__name__}")
    if cohort.is_real:
        title = f"Real data: {name}"
        meaning = "The results below come from the real cohort."
    else:
        title = f"Simulated stand-in: {name}"
        meaning = (
            "The real data could not be had where this page was made. The results below come "
            "from a simulated cohort of the same shape. Recorded results of the last run on "
            "the real data are shown beside them."
        )
    size = f"{cohort.n_samples:,} individuals"
    if cohort.genotypes is not None:
        size += f", {cohort.n_variants:,} variants"
    origin = f'<p style="overflow-wrap: anywhere">Origin: {escape(cohort.origin)}</p>'
    return HTML(
        '<div class="admonition real-data">'
        f'<p class="admonition-title">{escape(title)}</p>'
        f"<p>{meaning} It holds {size}.</p>"
        f"{origin if cohort.origin else ''}"
        "</div>"
    )
