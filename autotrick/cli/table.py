"""`autotrick table`."""

from typing import TYPE_CHECKING, Any

import click

from autotrick.cli.options import database_option, json_option, where_option

if TYPE_CHECKING:
    from autotrick.analysis.pivot import Pivot, PivotCell
    from autotrick.tasks import Metric
    from autotrick.views.table import Column


@click.command()
@click.argument("studies", nargs=-1, required=True)
@click.option(
    "--rows",
    metavar="NAMES",
    required=True,
    help="Settings in rows, with commas: architecture, batch_size, a trick, mixup.alpha, data.image_size.",
)
@click.option("--columns", metavar="NAMES", required=True, help="Settings in columns.")
@click.option(
    "--error", is_flag=True, help="Show the error as papers do: 100 % minus the accuracy."
)
@where_option
@json_option
@database_option
def table(  # noqa: PLR0913 -- click passes options one by one
    studies: tuple[str, ...],
    rows: str,
    columns: str,
    error: bool,
    where: str | None,
    as_json: bool,
    url: str,
) -> None:
    """Show the mean of the complete trials of STUDIES by two settings, on the validation split.

    Cells have 95 % intervals where they hold several trials. Several studies make one table; they must look
    for the same metric.

    \b
    Example:
        autotrick table cifar10_augmentation --rows architecture --columns flip,pad_crop --error
    """
    from autotrick import records
    from autotrick.analysis.pivot import pivot
    from autotrick.cli.open_for_reading import open_for_reading
    from autotrick.cli.output import print_json
    from autotrick.cli.tables import print_rows
    from autotrick.errors import RecordsError

    with open_for_reading(url, studies[0]) as database:
        metrics = [records.study(database, study).value_metric for study in studies]
        trials = [row for study in studies for row in records.trials(database, study, where=where)]
    if len({metric.name for metric in metrics}) > 1:
        named = ", ".join(dict.fromkeys(metric.name for metric in metrics))
        raise RecordsError(f"a table has one metric, but these studies look for {named}.")
    down, across = ([name.strip() for name in text.split(",")] for text in (rows, columns))
    found = pivot(trials, metrics[0], rows=down, columns=across, error=error)
    if as_json:
        print_json(_to_json(found))
        return
    what = f"error ({metrics[0].unit})" if error else metrics[0].axis.removeprefix("validation ")
    title = f"Validation {what} of {', '.join(studies)}"
    print_rows(title, _columns(found, rows, metrics[0]), found.rows)


def _columns(found: "Pivot", head: str, metric: "Metric") -> "tuple[Column[str], ...]":
    from functools import partial

    from autotrick.views.table import Column

    def cell(column: str, row: str) -> "PivotCell | None":
        return found.cells.get((row, column))

    def shown(value: "PivotCell | None") -> str:
        if value is None:
            return "-"
        middle, high = value.estimate.value, value.estimate.high
        reach = "" if high is None else f" +/- {high - middle:.{metric.digits}f}"
        return f"{middle:.{metric.digits}f}{reach}"

    columns = [
        Column(column, partial(cell, column), shown, numeric=True) for column in found.columns
    ]
    return (Column(head, lambda row: row), *columns)


def _to_json(found: "Pivot") -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "column": column,
            "value": cell.estimate.value,
            "low": cell.estimate.low,
            "high": cell.estimate.high,
            "num": cell.num,
        }
        for (row, column), cell in found.cells.items()
    ]
