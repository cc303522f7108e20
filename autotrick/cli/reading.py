"""Commands that ask the database; they import neither torch nor ray."""

import click

from autotrick.cli.options import database_option, json_option, trial_argument, where_option
from autotrick.cli.output import (
    counts_text,
    print_json,
    trial_cells,
    trial_columns,
    trial_json,
)
from autotrick.cli.tables import print_table

TABLE_ROWS = 100


@click.command()
@click.option("--all", "every", is_flag=True, help="Archived ones too.")
@json_option
@database_option
def studies(url: str, every: bool, as_json: bool) -> None:
    """List the studies of a database.

    \b
    Example:
        autotrick studies
    """
    from autotrick.cli.versions import reading
    from autotrick.records import studies as all_studies

    with reading(url) as database:
        known = all_studies(database)
    rows = [row for row in known if every or not row.archived]
    if as_json:
        print_json(
            {
                "study": row.name,
                "state": row.state,
                "question": row.question,
                "best": row.best,
                "created": row.created.isoformat(),
                "trials": row.counts,
                "archived": row.archived,
                "objective": row.metric,
                "ended": row.ended,
            }
            for row in rows
        )
        return
    if not rows:
        click.echo("No studies." if not known else "All are archived: autotrick studies --all")
        return
    cells = (
        (
            row.name,
            row.state,
            counts_text(row),
            row.metric,
            row.value_metric.shown(row.best),
            f"{row.created:%Y-%m-%d %H:%M}",
        )
        for row in rows
    )
    titles = {row.value_metric.best for row in rows}
    best = titles.pop() if len(titles) == 1 else "best"
    columns = ("study", "state", "trials", "objective", f">{best}", "created (UTC)")
    print_table("Studies", columns, cells)


@click.command()
@click.argument("study")
@click.option(
    "--top", type=click.IntRange(min=1), help="At most so many.  [default: 10, of a Pareto set all]"
)
@where_option
@json_option
@database_option
def best(study: str, top: int | None, where: str | None, as_json: bool, url: str) -> None:
    """Show the best trials of STUDY by its objective: of several objectives the Pareto set.

    \b
    Example:
        autotrick best fashion_mnist_tricks --top 3 --where "architecture = 'lenet5'"
    """
    from autotrick.cli.ranking import print_best
    from autotrick.cli.versions import reading
    from autotrick.records import best as best_trials
    from autotrick.records import pareto
    from autotrick.records import study as one_study

    with reading(url, study) as database:
        objective = one_study(database, study).objective
        if objective.several:
            rows = pareto(database, study, where=where)[:top]
        else:
            rows = best_trials(database, study, limit=top or 10, where=where)
    if as_json:
        print_json(trial_json(row) for row in rows)
    else:
        print_best(study, objective, rows)


@click.command()
@click.argument("study")
@where_option
@click.option(
    "--after", type=click.IntRange(-1, 2**31 - 1), default=-1, help="From the next one on."
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="At most so many.  [default: 100 in a table, all with --json]",
)
@json_option
@database_option
def trials(
    study: str, where: str | None, after: int, limit: int | None, as_json: bool, url: str
) -> None:
    """Show the trials of STUDY in order of their number, whatever their state.

    \b
    Example:
        autotrick trials fashion_mnist_tricks --where "state = 'failed' or not cosine_decay"
    """
    from autotrick.cli.pages import pages
    from autotrick.cli.versions import reading
    from autotrick.records import study as record_of

    shown = limit if limit or as_json else TABLE_ROWS
    with reading(url, study) as database:
        rows = pages(database, study, where=where, after=after, limit=shown)
        metric = record_of(database, study).value_metric
        if as_json:
            print_json(map(trial_json, rows))
            return
        found = list(rows)
    print_table(f"Trials of {study}", trial_columns(metric), map(trial_cells, found))
    if len(found) == shown:
        click.echo(f"Further ones: --after {found[-1].number}")


@click.command()
@click.argument("study")
@click.option("--combinations", is_flag=True, help="The best combinations of tricks instead.")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--all", "every", is_flag=True, help="Compare all trials, not 1,000 of them.")
@json_option
@database_option
def tricks(study: str, combinations: bool, top: int, every: bool, as_json: bool, url: str) -> None:
    """Show what each trick of STUDY changed, with its doubt and its cost.

    \b
    Example:
        autotrick tricks fashion_mnist_tricks --combinations
    """
    from autotrick.cli.effects import show_combinations, show_effects
    from autotrick.cli.pages import compared
    from autotrick.cli.versions import reading
    from autotrick.records import study as record_of
    from autotrick.records import trick_sets

    with reading(url, study) as database:
        if combinations:
            show_combinations(
                record_of(database, study), trick_sets(database, study), top=top, as_json=as_json
            )
            return
        rows, curves, part = compared(database, study, every=every)
        searched = record_of(database, study)
    show_effects(searched, rows, curves, as_json=as_json)
    if part and not as_json:
        click.echo(part)


@click.command()
@click.argument("study")
@trial_argument
@json_option
@database_option
def show(study: str, trial: int, as_json: bool, url: str) -> None:
    """Show one TRIAL of STUDY: recipe, curve, attempts, environment.

    \b
    Example:
        autotrick show fashion_mnist_tricks 7
    """
    from autotrick.cli.detail import detail_json, print_detail
    from autotrick.cli.versions import reading
    from autotrick.records import attempts, reports
    from autotrick.records import trial as one_trial

    with reading(url, study) as database:
        row = one_trial(database, study, trial)
        curve = reports(database, study, numbers=[trial]).get(trial, [])
        tries = attempts(database, study, trial)
    if as_json:
        print_json([detail_json(row, curve, tries)])
    else:
        print_detail(row, curve, tries)
