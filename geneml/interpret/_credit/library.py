"""The ``shap`` library, imported only when it is used."""

from __future__ import annotations

import warnings
from typing import Any


def import_shap() -> Any:
    """Import ``shap``, which takes some seconds and says that matplotlib's functions are old.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        If it is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        import shap
    return shap
