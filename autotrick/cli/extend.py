"""`autotrick extend`."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import MOST, POSITIVE, database_option


@click.command()
@click.argument("study")
@click.option("--trials", type=click.IntRange(1, MOST), help="Number of trials to add.")
@click.option(
    "--trial-hours",
    type=POSITIVE,
    help="Trial-hours to add to the study's limit or, without a limit, to what is spent.",
)
@click.option(
    "--max-cost",
    type=POSITIVE,
    help="Cost to add to the study's limit or, without a limit, to what is spent.",
)
@click.option("--cost-per-hour", type=POSITIVE, help="Price of one trial-hour from now on.")
@click.option(
    "--space",
    type=click.Path(path_type=Path),
    help="Space file with more choices or tricks. It must contain every recipe tried so far.",
)
@database_option
def extend(study: str, trials: int | None, space: Path | None, url: str, **more: Any) -> None:
    """Add trials, hours, money, choices or tricks to STUDY.

    \b
    Example:
        autotrick extend fashion_mnist_tricks --trials 40
    """
    from autotrick import records
    from autotrick.records import extend_study

    given = {name: value for name, value in more.items() if value is not None}
    if not (trials or given or space):
        raise click.UsageError("Say what to add: --trials, --trial-hours, --max-cost or --space.")
    with records.open_database(url, create=False) as database:
        _check_version(records.study(database, study))
        if space:
            _widen(database, study, space)
        if trials or given:
            row = records.study(database, study)
            given = _added(database, row, given)
            row = extend_study(database, study, trials or 0, more=given)
            named = "".join(f", {key.replace('_', ' ')} {v:g}" for key, v in given.items())
            budget = f"{row.settings.trials:,} trials{named}"
            click.echo(
                f"{study} has {budget} to spend{_when(database, row)}: autotrick resume {study}"
            )


def _check_version(row: Any) -> None:
    """Raise SpaceError if this version cannot continue the study."""
    from autotrick.space.recorded import space_to_search

    space_to_search(row.name, row.space)


def _when(database: Any, row: Any) -> str:
    """Return when the study can use what was added; empty if at once."""
    from autotrick.records import is_alive
    from autotrick.tune.session import STALE_S

    if is_alive(row.owner, row.heartbeat, stale_after=STALE_S, now=database.clock()):
        return ", once the current search has ended"
    return ""


def _added(database: Any, row: Any, given: dict[str, float]) -> dict[str, float]:
    if not given:
        return {}
    from autotrick.tune.budget import Spending
    from autotrick.tune.extend import more_to_spend

    return more_to_spend(database, row, Spending(**given)).to_json()


def _widen(database: Any, study: str, file: Path) -> None:
    from autotrick import space as spaces
    from autotrick.tune.extend import widen
    from autotrick.tune.session import STALE_S

    row = widen(database, study, spaces.load(file), stale_after=STALE_S)
    version = len(row.earlier_spaces or []) + 1
    click.echo(
        f"{study} continues with space {version} ({row.space_digest}) from trial {row.trials}."
    )
