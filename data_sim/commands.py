"""The command ``geneml simulate``, found by the `geneml` command through an entry point.

This is the one module of the room that reads `geneml`, whose writers turn a study into files;
it does so only while the command runs.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import shutil
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

if TYPE_CHECKING:
    from data_sim.studies import Study


_ENDINGS = {"plink": "bed", "csv": "csv", "vcf": "vcf"}


class Format(StrEnum):
    """Formats in which a simulated cohort can be written."""

    plink = "plink"
    csv = "csv"
    vcf = "vcf"


def register(app: typer.Typer) -> None:
    """Add ``simulate`` to the `geneml` command.

    Parameters
    ----------
    app : typer.Typer
        The application.
    """

    @app.command()
    def simulate(
        study: Annotated[
            str, typer.Argument(help="Name of a study; `geneml simulate list` shows them.")
        ],
        out: Annotated[
            Path, typer.Option("--out", "-o", help="Folder to make; it must be new or empty.")
        ] = Path("simulated"),
        file_format: Annotated[
            Format, typer.Option("--format", "-f", help="Format of the genotypes.")
        ] = Format.csv,
        samples: Annotated[
            int | None, typer.Option("--samples", "-n", help="How many, where the study asks.")
        ] = None,
        seed: Annotated[int, typer.Option(help="The same seed gives the same data.")] = 0,
    ) -> None:
        """Write a simulated cohort to files, with its true genetic values and effects beside."""
        if study == "list":
            from data_sim.studies import STUDIES

            for name, function in STUDIES.items():
                typer.echo(f"{name:20}{(inspect.getdoc(function) or '').splitlines()[0]}")
            return
        try:
            written = write_study(study, out, file_format.value, samples=samples, seed=seed)
        except (TypeError, ValueError, OSError) as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(2) from None
        typer.echo(f"Wrote {', '.join(path.name for path in written)} to {out}")


def write_study(
    study: str, out: Path, file_format: str, *, samples: int | None = None, seed: int = 0
) -> list[Path]:
    """Simulate a study by name and write it as a folder that appears whole or not at all.

    Parameters
    ----------
    study : str
        A name in ``data_sim.studies.STUDIES``.
    out : pathlib.Path
        Folder to make. It must not exist yet, or be empty.
    file_format : {"plink", "csv", "vcf"}
        Sequences can only be written as CSV.
    samples : int, optional
        Number of samples, for studies that have the argument ``n``.
    seed : int
        The same seed gives the same files.

    Returns
    -------
    list of pathlib.Path
        What was written: ``cohort`` in the format asked for, with its phenotypes and covariates
        (see ``geneml.readers.write``); ``genetic_values.csv``; ``pedigree.csv`` where there is
        one; and ``truth.json``, with the description and, for each trait, the Truth.

    Raises
    ------
    ValueError
        If there is no such study, the study takes no number of samples, or sequences are asked
        for in a format of genotypes.
    FileExistsError
        If `out` is a file, or a folder with something in it.
    """
    from data_sim.studies import STUDIES

    if study not in STUDIES:
        raise ValueError(f"study must be one of {', '.join(STUDIES)}; got {study!r}.")
    out = Path(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out} exists and is not empty: choose another folder with --out.")
    options: dict[str, Any] = {"seed": seed}
    if samples is not None:
        if "n" not in inspect.signature(STUDIES[study]).parameters:
            raise ValueError(
                f"{study} is built from families, so it takes no number of samples: leave "
                "--samples out."
            )
        options["n"] = samples
    if file_format != "csv" and study in ("thesis", "regulatory"):
        raise ValueError(f"{study} holds sequences, which only --format csv can store.")
    simulated = STUDIES[study](**options)

    from geneml import readers
    from geneml.cohort import from_study

    cohort = from_study(simulated)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        readers.write(cohort, folder / f"cohort.{_ENDINGS[file_format]}")
        simulated.genetic_values.to_csv(folder / "genetic_values.csv")
        if simulated.pedigree is not None:
            simulated.pedigree.to_csv(folder / "pedigree.csv", index=False)
        text = json.dumps(_truth(simulated, options), indent=1)
        (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
        folder.chmod(0o755)  # a temporary folder is private; this one is the user's
        if out.exists():
            out.rmdir()
        os.replace(folder, out)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return sorted(out.iterdir())


def _truth(study: Study, options: dict[str, Any]) -> dict[str, Any]:
    """What made the study, in terms of JSON."""
    return {
        "study": study.name,
        "options": options,
        "description": study.description,
        "note": "Loci are columns of the genotypes or bases of the sequences, counted from 0.",
        "reference": study.reference,
        "traits": {name: _plain(dataclasses.asdict(truth)) for name, truth in study.truth.items()},
    }


def _plain(value: Any) -> Any:
    """Arrays as lists, and so on down."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value
