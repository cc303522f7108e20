"""`autotrick reproduce`."""

from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autotrick.cli.options import (
    MOST,
    add_observe_options,
    code_option,
    data_dir_option,
    database_option,
    json_option,
)
from autotrick.cli.output import announce, console, print_json

if TYPE_CHECKING:
    from autotrick.recipe import EpochReport
    from autotrick.records import StudyRow
    from autotrick.reproduce import Reproduction
    from autotrick.train import Observer


class Tolerance(click.ParamType[tuple[str, float]]):
    """`0.01` for the study's metric, or `loss=0.05` for another one; the name is empty for the first."""

    name = "tolerance"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        name, _, number = str(value).rpartition("=")
        try:
            most = float(number)
        except ValueError:
            most = -1.0
        if not (isfinite(most) and most >= 0):
            self.fail(f"{value!r} is not a number from 0 on, alone or as NAME=0.01.", param, ctx)
        return name.strip(), most


@click.command()
@click.argument("study", metavar="STUDY_OR_FILE")
@click.argument("trial", required=False, type=click.IntRange(0, MOST))
@click.option(
    "--tolerance",
    "tolerances",
    type=Tolerance(),
    multiple=True,
    metavar="[NAME=]NUMBER",
    help="Accept a value that differs by at most this, where another machine or other library "
    "versions explain it; NAME is another metric than the study's, or `loss`.  [default for a FILE: what "
    "chance alone does]",
)
@json_option
@add_observe_options
@click.option(
    "--storage",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=Path("autotrick-files"),
    show_default=True,
    help="Folder for what --observe writes, as STUDY/reproduced-TRIAL.",
)
@data_dir_option
@code_option
@database_option
@click.pass_context
def reproduce(  # noqa: PLR0913 -- click passes options one by one
    ctx: click.Context,
    /,
    study: str,
    trial: int | None,
    tolerances: tuple[tuple[str, float], ...],
    data_dir: Path | None,
    observe: tuple[str, ...],
    observe_every: int,
    storage: Path,
    code: Path | None,
    as_json: bool,
    url: str,
) -> None:
    """Train TRIAL of STUDY again here, or that of a bundle FILE, and compare the weights.

    A bundle is what `autotrick bundle` wrote on another machine; it needs no database here.

    The exit status is 0 if the weights are identical, or if a change of machine or libraries explains
    the difference and every value with a tolerance is within it.

    \b
    Example:
        autotrick reproduce fashion_mnist_tricks 7
        autotrick reproduce winner.zip --data-dir data
    """
    from autotrick.cli.expected_database import expect_database

    asked = dict(tolerances)
    given: dict[str, Any] = {"data_dir": data_dir, "code": code, "on_epoch": _print_epoch}
    if trial is None:
        _expect_file(Path(study))
        announce("Loading PyTorch")
        from autotrick.reproduce import reproduce_bundle

        if observe:
            given["observer"] = _observer(storage / Path(study).stem, None, observe, observe_every)
        found = reproduce_bundle(study, **given)
    else:
        expect_database(url, "PyTorch")
        from autotrick import records
        from autotrick.reproduce import reproduce as train_again

        with records.open_database(url, create=False) as database:
            if observe:
                folder = storage / _study_folder(records.study(database, study))
                given["observer"] = _observer(folder, trial, observe, observe_every)
            found = train_again(database, study, trial, **given)
    _expect_known(asked, found)
    bounds = _bounds(asked, found, of_file=trial is None)
    if as_json:
        print_json([{"study": study, **asdict(found), "tolerances": bounds}])
    else:
        _print(found, bounds)
    if not (found.identical or (found.explained and bounds and _within(found, bounds))):
        ctx.exit(1)


def _expect_file(path: Path) -> None:
    if not path.exists():
        raise click.UsageError(
            f"Give the number of a trial of study {str(path)!r}, or a bundle: there is no file "
            f"{str(path.absolute())!r}."
        )
    console(stderr=True).print(f"reading {path}", style="dim")


def _expect_known(asked: dict[str, float], found: "Reproduction") -> None:
    known = [row.name for row in found.comparisons]
    for name in asked:
        if name and name not in known:
            raise click.UsageError(f"no metric {name!r}. Known: {', '.join(known)}.")


def _bounds(asked: dict[str, float], found: "Reproduction", *, of_file: bool) -> dict[str, float]:
    """Return the tolerances that count, by metric: those that were asked for over those of a file."""
    usual = {row.name: row.tolerance for row in found.comparisons} if of_file else {}
    return usual | {name or found.metric: most for name, most in asked.items()}


def _within(found: "Reproduction", bounds: dict[str, float]) -> bool:
    return all(
        abs(row.value - row.recorded) <= bounds[row.name]
        for row in found.comparisons
        if row.name in bounds
    )


def _study_folder(row: "StudyRow") -> str:
    from autotrick.records import check_study_name
    from autotrick.tune.session import study_folder

    check_study_name(row.name)  # it names a folder, and others may have written it
    return study_folder(row)


def _observer(folder: Path, trial: int | None, kinds: tuple[str, ...], every: int) -> "Observer":
    """Return what observes the training.

    Args:
        trial: Its number; None for that of a bundle.
    """
    from autotrick.train import Observer

    name = "reproduced" if trial is None else f"reproduced-{trial}"
    return Observer(folder / name, kinds, every=every)


def _print_epoch(recorded: "EpochReport", found: "EpochReport") -> None:
    from autotrick.views.text import measure

    metrics = ", ".join(measure(name, value) for name, value in found.metrics.items())
    same = "identical" if recorded.weights == found.weights else "DIFFERENT"
    console(stderr=True).print(
        f"epoch {found.epoch}: {metrics}, weights {found.weights} {same}",
        style="dim",
    )


def _print(found: "Reproduction", bounds: dict[str, float]) -> None:
    from autotrick.tasks import metric_of
    from autotrick.views.text import measure

    click.echo(f"trial {found.trial}: {_verdict(found, bounds)}")
    click.echo(f"  weights  {found.weights}, recorded {found.recorded_weights}")
    for row in found.comparisons:
        metric = metric_of(row.name)
        if row.name == "loss":
            value, old, most = (
                f"{v:.4g}" for v in (row.value, row.recorded, bounds.get("loss", 0))
            )
        else:
            value, old = (measure(row.name, v) for v in (row.value, row.recorded))
            most = metric.shown_difference(bounds.get(row.name, 0)).lstrip("+")
        bound = "" if found.identical or row.name not in bounds else f", tolerance {most}"
        click.echo(f"  {metric.title} {value}, recorded {old}{bound}")
    if found.recorded_value_here is not None:
        here = measure(found.metric, found.recorded_value_here)
        click.echo(f"  the recorded weights give {here} here")
    for sentence in (*found.differences, *found.explanations):
        click.echo(f"  {sentence}")


def _verdict(found: "Reproduction", bounds: dict[str, float]) -> str:
    if found.identical:
        return "bit-identical"
    if not bounds:
        return "NOT identical"
    if not _within(found, bounds):
        return "NOT identical, and beyond the tolerance"
    why = "and a change explains it" if found.explained else "but nothing explains the difference"
    return f"NOT identical, within the tolerance {why}"
