"""`autotrick catalogue`."""

import click

from autotrick.cli.options import json_option


@click.command()
@click.argument("name", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of search spaces, for editors.")
@json_option
def catalogue(name: str | None, schema: bool, as_json: bool) -> None:
    """Show all tricks, architectures, data sets and policies, or one.

    \b
    Example:
        autotrick catalogue mixup
    """
    from autotrick.cli.catalogue_entries import show_all, show_one, show_schema

    if schema:
        show_schema()
    elif name:
        show_one(name, as_json=as_json)
    else:
        show_all(as_json=as_json)
