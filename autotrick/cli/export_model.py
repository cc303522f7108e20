"""`autotrick export-model`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autotrick.cli.options import (
    data_dir_option,
    database_option,
    json_option,
    named_code_option,
    trial_argument,
)
from autotrick.cli.output import console, print_json

if TYPE_CHECKING:
    from autotrick.data import Split
    from autotrick.export import Exported, TrialFacts
    from autotrick.records import Database, TrialRow


@click.command("export-model")
@click.argument("study")
@trial_argument
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder to write.",
)
@click.option("--force", is_flag=True, help="Replace an exported model that is there.")
@click.option("--retrain", is_flag=True, help="Train the trial again if its checkpoint is gone.")
@json_option
@data_dir_option
@named_code_option
@database_option
def export_model(  # noqa: PLR0913 -- click passes options one by one
    study: str,
    trial: int,
    output: Path,
    force: bool,
    retrain: bool,
    data_dir: Path | None,
    as_json: bool,
    url: str,
) -> None:
    """Write the network of TRIAL of STUDY as files that need no autotrick.

    Weights (safetensors and a state dict), a torch.export program and an ONNX model, both checked on
    validation images; model.json with classes and normalisation; a model card; and train.py, which
    trains the recipe again. ONNX needs `pip install 'autotrick[export]'`.

    \b
    Example:
        autotrick export-model fashion_mnist_tricks 7 -o shirt-model
    """
    progress = console(stderr=True)
    progress.print(f"exporting trial {trial} of {study}", style="dim")
    from autotrick import records
    from autotrick.export.files import check_place
    from autotrick.export.trial_facts import TrialFacts

    check_place(output, replace=force)
    with records.open_database(url, create=False) as database:
        row = records.trial(database, study, trial)
        facts = TrialFacts.of(database, row)
        facts.expect_network()
        from autotrick.export import export_model as export
        from autotrick.trained import load_trial

        model = load_trial(database, row, data_dir=data_dir, retrain=retrain)
        found = export(
            model,
            output,
            facts=facts,
            validation=_validation(database, row, data_dir),
            replace_earlier=force,
            on_step=lambda step: progress.print(step, style="dim"),
        )
    if as_json:
        print_json([_json(found)])
    else:
        _print(found, facts)


def _validation(database: "Database", row: "TrialRow", data_dir: Path | None) -> "Split | None":
    """Return the validation split; None where the data set is not there."""
    from autotrick.errors import DataError
    from autotrick.trained import dataset_of

    try:
        return dataset_of(database, row.study, row.recipe, data_dir).validation
    except DataError as error:
        click.echo(f"Note: programs are checked on random pixels: {error}", err=True)
        return None


def _json(found: "Exported") -> dict[str, Any]:
    return {
        "folder": str(found.folder.absolute()),
        "study": found.description["study"],
        "trial": found.description["trial"],
        "files": found.files,
        "not_written": found.missing,
        "checked_on": found.description["checked_on"],
    }


def _print(found: "Exported", facts: "TrialFacts") -> None:
    from autotrick.cli.tables import print_table
    from autotrick.views import text
    from autotrick.views.table import TextTable

    row = facts.row
    value = text.measure(row.metric, row.value)
    ends = text.interval_text(*facts.interval, row.value_metric) if facts.interval else ""
    kind = found.description["architecture"]
    click.echo(f"{found.folder}: {kind['name']}, {kind['parameters']:,} weights, {value}{ends}")
    if facts.caveat:
        click.secho(facts.caveat, fg="yellow")
    print_table(
        "Files",
        TextTable(
            ("File", "Bytes", "Checked"),
            [
                (name, f"{about['bytes']:,}", about.get("sentence") or about.get("note") or "")
                for name, about in found.files.items()
            ],
        ),
    )
    checked = found.description["checked_on"]
    click.echo(f"Programs were checked on {checked['images']:,} {checked['what']}.")
    for name, why in found.missing.items():
        click.echo(f"no {name}: {why}")
