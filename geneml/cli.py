"""The ``geneml`` command.

Nothing heavy is imported before a command needs it, so that help and the checks of lessons
without networks answer at once. Commands that need the simulators or the lessons are found
through the entry points ``geneml.commands``: each names a function ``register(app)``.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geneml.workflow import Trained

_OWN = ("train", "predict", "doctor")
_GROUP = "geneml.commands"

_Genotypes = Annotated[
    Path,
    typer.Argument(
        help="PLINK (.bed or its prefix), .vcf, .vcf.gz, or .csv of dosages or sequences.",
        metavar="GENOTYPES",
    ),
]


def main() -> None:
    """Run the command line; errors in the input end it with a message and status 2."""
    try:
        build_app(sys.argv[1:])()
    except (ValueError, TypeError, OSError) as error:
        if os.environ.get("GENEML_DEBUG"):
            raise
        from rich.console import Console

        Console(stderr=True).print(f"[bold red]Error:[/] {_plain(error)}", highlight=False)
        raise SystemExit(2) from None


def build_app(arguments: list[str] | None = None) -> typer.Typer:
    """Make the application.

    Parameters
    ----------
    arguments : list of str, optional
        The command line. If it starts with one of this module's own commands, the others
        are not looked for.

    Returns
    -------
    typer.Typer
    """
    app = typer.Typer(
        name="geneml",
        help="Predict traits from genotypes with neural networks, and do the course's lessons.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for command in (train, predict, doctor):
        app.command()(command)
    if not (arguments and arguments[0] in _OWN):
        _register_others(app)
    return app


def _register_others(app: typer.Typer) -> None:
    for entry in importlib.metadata.entry_points(group=_GROUP):
        try:
            entry.load()(app)
        except Exception as error:  # one broken plug-in must not take the others along
            typer.echo(f"Commands of {entry.name!r} are not available: {error}", err=True)


def _version(wanted: bool) -> None:
    if wanted:
        from geneml import __version__

        typer.echo(f"geneml {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def train(
    genotypes: _Genotypes,
    trait: Annotated[
        str, typer.Option(help="Column of the trait to learn; that of a .fam is `phenotype`.")
    ],
    phenotypes: Annotated[
        Path | None,
        typer.Option(
            help="Table with a column `sample` and one column a trait. Not needed for PLINK "
            "files whose .fam holds the trait."
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="dense, cnn or ridge.")] = "dense",
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("model.geneml"),
    encoding: Annotated[
        str, typer.Option(help="How a network sees genotypes: dosage or one_hot.")
    ] = "dosage",
    covariates: Annotated[
        Path | None, typer.Option(help="Table with a column `sample`, for --groups.")
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(help="Covariate, such as a family, whose members must stay together."),
    ] = None,
    intersection: Annotated[
        bool, typer.Option(help="Use the samples that all files have, instead of refusing.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Most passes over the training part.")] = 200,
    patience: Annotated[
        int, typer.Option(min=1, help="Epochs without improvement before stopping.")
    ] = 20,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 0,
) -> None:
    """Train a model on your own data, beside the baselines it has to beat."""
    from geneml._files import check_writable
    from geneml.readers import read
    from geneml.workflow import MODELS
    from geneml.workflow import train as train_on

    if model not in MODELS:  # before anything is read
        raise ValueError(f"--model: expected one of {', '.join(MODELS)}, received {model!r}")
    check_writable(out)
    samples = "intersection" if intersection else "error"
    cohort = read(genotypes, phenotypes, covariates, samples=samples)
    settings = {} if model == "ridge" else {"epochs": epochs, "patience": patience}
    if model != "ridge":
        from geneml._quiet import import_keras_quietly

        import_keras_quietly()
    trained = train_on(
        cohort,
        trait,
        model=model,
        encoding=encoding,
        groups=groups,
        seed=seed,
        progress=sys.stderr.isatty(),
        **settings,
    )
    trained.predictor.save(out)
    _print_training(trained, trait)
    typer.echo(
        f"Saved to {out}. Predict with: geneml predict {out} GENOTYPES --out predictions.csv"
    )


def predict(
    model: Annotated[Path, typer.Argument(help="File that `geneml train` wrote.")],
    genotypes: _Genotypes,
    out: Annotated[Path | None, typer.Option(help="CSV to write; else it is printed.")] = None,
    tolerance: Annotated[
        float,
        typer.Option(min=0, max=1, help="Largest share of the variants that may be absent."),
    ] = 0.05,
) -> None:
    """Predict a trait for the samples of a file."""
    from geneml._archive import holds_network
    from geneml._files import check_writable, write_files
    from geneml.predictor import load_predictor
    from geneml.readers import read

    if out is not None:
        check_writable(out)
    cohort = read(genotypes)
    if holds_network(model):
        from geneml._quiet import import_keras_quietly

        import_keras_quietly()
    values, alignment = load_predictor(model).predict_cohort(cohort, tolerance=tolerance)
    text = values.to_csv(lineterminator="\n")
    if alignment is not None:
        typer.echo(f"{alignment}.", err=True)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_files({out: lambda stream: stream.write(text.encode())})
    typer.echo(f"Predicted {values.name} for {len(values)} samples: {out}", err=True)


def doctor(
    network: Annotated[
        bool, typer.Option("--network", help="Also train a small network (some seconds).")
    ] = False,
) -> None:
    """Check the installation: versions, backend, memory, data, folders."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from geneml.doctor import examine

    findings = examine(run_network=network)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    words = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "problem": "[bold red]problem[/]"}
    for finding in findings:
        advice = f" ({finding.advice})" if finding.advice else ""
        table.add_row(words[finding.state], finding.name, escape(finding.value + advice))
    console = Console()
    console.print(table)
    problems = sum(finding.state == "problem" for finding in findings)
    console.print("Everything needed is here." if not problems else f"{problems} problem(s) found.")
    raise typer.Exit(1 if problems else 0)


def _print_training(trained: Trained, trait: str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for reason, count in trained.left_out.items():
        console.print(f"Left out: {count} {reason}.")
    table = Table(title=f"{trait}: {trained.split}", title_justify="left")
    for heading in ("model", "part", "R2", "r", "MSE"):
        table.add_column(heading, justify="left" if heading in ("model", "part") else "right")
    for model, parts in trained.scores.items():
        for part in ("validation", "test"):
            values = parts[part]
            cells = [f"{values['r2']:.3f}", f"{values['r']:.3f}", f"{values['mse']:.4g}"]
            table.add_row(model, part, *[cell.replace("nan", "-") for cell in cells])
    console.print(table)
    console.print(trained.statement, highlight=False, style="bold")


def _plain(error: BaseException) -> str:
    from rich.markup import escape

    if isinstance(error, OSError) and error.strerror and error.filename:
        return escape(f"{error.filename}: {error.strerror}")
    return escape(str(error))
