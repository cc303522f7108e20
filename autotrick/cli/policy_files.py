"""Policies as files: exported from a trial, shown, and converted from other tools."""

import json
from os.path import isfile
from pathlib import Path
from typing import Any

import click

import autotrick
from autotrick import records
from autotrick.augment.files import PolicyFile, read, write
from autotrick.augment.library_policies import library_policy
from autotrick.augment.policies import AUTO_AUGMENT
from autotrick.augment.published_files import read_published
from autotrick.cli.output import console, headed
from autotrick.errors import TrickError
from autotrick.records import TrialRow
from autotrick.space.load import COMPOSED
from autotrick.tricks import TRICKS, build


def exported(study: str, trial: int, output: Path, url: str) -> str:
    """Write a trial's policy to a JSON file; return a sentence that says how to use it.

    Raises:
        TrickError: The trial has no policy, or the file cannot be written.
    """
    with records.open_database(url, create=False) as database:
        row = records.trial(database, study, trial)
        origins = records.study(database, study).space.get("origins", {})
    name = next(
        (name for name in row.recipe.tricks if name in TRICKS and TRICKS[name].slot == "policy"),
        None,
    )
    if name is None:
        raise TrickError(
            f"trial {trial} of {study} has no policy. To find trials that have one: autotrick trials "
            f"{study} --where searched_policy"
        )
    found = _policy_of(row, name)
    if name in origins:
        found.provenance["taken_from"] = origins[name]
    write(found, output)
    return f"{output}: {_how_to_use(found, output)}"


def _policy_of(row: TrialRow, name: str) -> PolicyFile:
    settings = dict(row.recipe.tricks[name])
    data = row.recipe.data
    provenance: dict[str, Any] = {
        "study": row.study,
        "trial": row.number,
        "recipe": row.digest,
        "data": data.name,
        "fingerprint": data.fingerprint,
        row.metric: row.value,
        "epochs": row.epochs,
        "autotrick": autotrick.__version__,
    }
    if name == "auto_augment" and settings.get("probability", 1.0) == 1:
        # Written out, so that a reader of the file need not know the name.
        provenance["made_from"] = f"auto_augment {settings['policy']}"
        named: Any = AUTO_AUGMENT[str(settings["policy"])]
        settings.pop("probability", None)
        return PolicyFile("searched_policy", settings | {"policy": named}, provenance)
    return PolicyFile(name, settings, provenance)


def show_policy(name: str, *, as_json: bool) -> None:
    """Print a policy.

    Raises:
        TrickError: There is no policy or file of that name, or it breaks a rule.
    """
    path = Path(name)
    found = read(path) if path.suffix == ".json" else library_policy(name)
    build(found.trick, found.settings)
    if as_json:
        click.echo(json.dumps(found.json()))
        return
    out = console()
    policy: Any = found.settings.get("policy")
    parts = "stages" if found.trick == "policy_schedule" else "sub-policies"
    count = f", {len(policy)} {parts}" if isinstance(policy, list) else ""
    out.print(headed(name, f": {found.trick}{count}"))
    for sub_policy in policy if isinstance(policy, list) else []:
        out.print("  " + ", ".join(f"{op} p={p:.3g} strength={m:.3g}" for op, p, m in sub_policy))
    for key, value in found.settings.items():
        if not isinstance(value, list):
            out.print(f"  {key} = {json.dumps(value)}")
    for key, value in found.provenance.items():
        lines = value if isinstance(value, list) else [value]
        out.print(f"  {key}: {'; '.join(str(line) for line in lines)}", style="dim")


def imported(name: str, output: Path, epochs: int | None = None) -> str:
    """Convert a policy of another tool to a JSON file; return a sentence that says how to use it.

    Raises:
        TrickError: There is no policy of that name, or a file cannot be read or written.
    """
    path = Path(name)
    foreign = isfile(path)  # noqa: PTH113 -- Path.is_file raises where a name is too long
    found = read_published(path, epochs) if foreign else library_policy(name)
    build(found.trick, found.settings)
    write(found, output)
    return f"{output}: {_how_to_use(found, output)}"


def _how_to_use(found: PolicyFile, path: Path) -> str:
    if found.trick in COMPOSED:
        return f'in a space: [tricks.{found.trick}] policy = "file:{path.name}"'
    settings = ", ".join(f"{key} = {json.dumps(value)}" for key, value in found.settings.items())
    return f"in a space: [tricks.{found.trick}] {settings}"
