"""What `reproduce` prints."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from autotrick.cli.output import console, measure_text, print_json
from autotrick.recipe import EpochReport
from autotrick.records import open_database
from autotrick.reproduce import Reproduction, reproduce


def reproduce_and_show(study: str, trial: int, how: Mapping[str, Any]) -> bool:
    """Repeat a trial, print the comparison, and return whether it counts as reproduced."""
    progress = console(stderr=True)

    def on_epoch(recorded: EpochReport, found: EpochReport) -> None:
        same = "identical" if recorded.weights == found.weights else "DIFFERENT"
        progress.print(
            f"epoch {found.epoch}: {', '.join(measure_text(*pair) for pair in found.metrics.items())}, weights {found.weights} {same}",
            style="dim",
        )

    with open_database(how["url"], create=False) as database:
        found = reproduce(database, study, trial, data_dir=how["data_dir"], on_epoch=on_epoch)
    if how["as_json"]:
        print_json([{"study": study, **asdict(found)}])
    else:
        _print(found)
    return found.identical or _tolerable(found, how["tolerance"])


def _tolerable(found: Reproduction, tolerance: float | None) -> bool:
    near = tolerance is not None and abs(found.value - found.recorded_value) <= tolerance
    return found.explained and near


def _print(found: Reproduction) -> None:
    verdict = "bit-identical" if found.identical else "NOT identical"
    click.echo(f"trial {found.trial}: {verdict}")
    click.echo(f"  weights  {found.weights}, recorded {found.recorded_weights}")
    value, recorded = (measure_text(found.metric, v) for v in (found.value, found.recorded_value))
    click.echo(f"  {found.metric.replace('_', ' ')} {value}, recorded {recorded}")
    for difference in found.differences:
        click.echo(f"  {difference}")
