"""The catalogue: tricks, architectures, data sets and policies."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import click

from autotrick.augment import policies
from autotrick.cli.output import console, headed, print_json
from autotrick.cli.tables import print_rows
from autotrick.data import DATASETS, Source
from autotrick.errors import NotFoundError, unknown
from autotrick.models import ARCHITECTURES, Architecture
from autotrick.models import find as find_architecture
from autotrick.models import own as own_models
from autotrick.own_code import registry
from autotrick.own_code.references import GROUPS, Installed, installed
from autotrick.tricks import TRICKS, Setting, Trick
from autotrick.tricks import own as own_tricks
from autotrick.tricks.base import Paper
from autotrick.views.table import Column

_LIBRARIES = ("torchvision/", "timm/")


def show_all(*, as_json: bool) -> None:
    """Print every entry of the catalogue on a line."""
    if as_json:
        print_json(
            [*map(_trick_json, TRICKS.values()), *map(_architecture_json, ARCHITECTURES.values())]
        )
        print_json(map(_source_json, DATASETS.values()))
        print_json({"kind": "policy", "name": name} for name in policies.AUTO_AUGMENT)
        print_json(map(_installed_json, _installed()))
        return
    print_rows(f"Tricks ({len(TRICKS)})", _TRICKS, TRICKS.values())
    print_rows(
        "Architectures; any other classifier as torchvision/NAME or timm/NAME",
        _ARCHITECTURES,
        ARCHITECTURES.values(),
    )
    print_rows("Data sets; your own as folder:PATH or parquet:PREFIX", _SOURCES, DATASETS.values())
    print_rows("Policies (of auto_augment)", _POLICIES, policies.AUTO_AUGMENT)
    if own := _installed():
        print_rows("Your own, from installed packages", _INSTALLED, own)
    click.echo("Details of one entry: autotrick catalogue NAME")


def show_one(name: str, *, as_json: bool) -> None:
    """Print the entries of that name with their settings, ranges and papers.

    Raises:
        NotFoundError: There is no entry of that name.
    """
    found: list[dict[str, Any]] = []
    if name in TRICKS:
        found.append(_trick_json(TRICKS[name]))
    if name in ARCHITECTURES or name.startswith(_LIBRARIES):
        found.append(_architecture_json(find_architecture(name)))
    if name in DATASETS:
        found.append(_source_json(DATASETS[name]))
    if name in policies.AUTO_AUGMENT:
        steps = policies.AUTO_AUGMENT[name]
        found.append({"kind": "policy", "name": name, "sub_policies": steps})
    own = [entry for entry in _installed() if entry.name == name]
    found += [_own_json(entry) for entry in own]
    if not found:
        known = {*TRICKS, *ARCHITECTURES, *DATASETS, *policies.AUTO_AUGMENT}
        known |= {entry.name for entry in _installed()}
        raise NotFoundError(unknown("entry", name, known, plural="entries"))
    if as_json:
        print_json(found)
    for entry in () if as_json else found:
        _print_entry(entry)


def show_schema() -> None:
    """Print the JSON Schema of search spaces."""
    from autotrick.space.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


def _print_entry(found: dict[str, Any]) -> None:
    out = console()
    out.print(headed(found["name"], f" ({found['kind']}) {found.get('summary', '')}"))
    for settings in found.get("settings", []):
        about = f" = {settings['default']}: {settings['about']}"
        out.print(headed(f"  {settings['name']}", about))
        out.print(f"      rule {settings['rule']}; searched {settings['search'] or '-'}")
    for key in (
        "origin",
        "source",
        "slot",
        "rules",
        "excludes",
        "replaces",
        "needs",
        "cost",
        "link",
    ):
        if value := found.get(key):
            out.print(f"  {key}: {f'x{value:g} the time of an epoch' if key == 'cost' else value}")
    for paper in found.get("papers", []):
        out.print(f"  {Paper(**paper)}")
    for claim in found.get("claims", []):
        out.print(
            f"  published: {claim['architecture']} on {claim['data']} "
            f"{claim['before']:g} % -> {claim['after']:g} % {claim['note']}"
        )
    for sub_policy in found.get("sub_policies", []):
        out.print("  " + ", ".join(f"{op} p={p:g} strength={m:.3g}" for op, p, m in sub_policy))


def _settings_text(settings: Sequence[Setting]) -> str:
    return ", ".join(f"{spec.name} ({spec.default})" for spec in settings) or "-"


_TRICKS = (
    Column[type[Trick]]("Trick", lambda trick: trick.name),
    Column[type[Trick]]("Slot", lambda trick: trick.slot or "-"),
    Column[type[Trick]]("Settings (default)", lambda trick: trick.settings(), _settings_text),
    Column[type[Trick]]("What it does", lambda trick: trick.summary()),
)
_ARCHITECTURES = (
    Column[Architecture]("Architecture", lambda found: found.name),
    Column[Architecture]("Settings (default)", lambda found: found.settings, _settings_text),
    Column[Architecture]("What it is", lambda found: found.summary),
)
_SOURCES = (
    Column[Source]("Data set", lambda source: source.name),
    Column[Source]("What it is", lambda source: source.summary),
)
_INSTALLED = (
    Column[Installed]("Name", lambda entry: entry.name),
    Column[Installed]("Kind", lambda entry: entry.kind),
    Column[Installed]("From", lambda entry: entry.origin),
    Column[Installed]("Defined as", lambda entry: entry.reference.text),
)
_POLICIES = (Column[str]("Policy", lambda name: name),)


def _installed() -> list[Installed]:
    """Return the entry points of installed packages; nothing is imported."""
    return [entry for kind in GROUPS for entry in installed(kind).values()]


def _installed_json(entry: Installed) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "name": entry.name,
        "origin": entry.origin,
        "source": entry.reference.text,
    }


def _own_json(entry: Installed) -> dict[str, Any]:
    """Return an entry point with its settings, which imports it."""
    made = registry.bring(entry.reference, None)
    found: dict[str, Any] = {}
    if entry.group == "tricks":
        own_tricks.check(made, entry.reference.text)
        found = _trick_json(made)
    elif entry.group == "architectures":
        found = _architecture_json(own_models.declare(entry.name, made, entry.reference.text))
    return found | _installed_json(entry)


def _setting_json(spec: Setting) -> dict[str, Any]:
    return {
        "name": spec.name,
        "about": spec.about,
        "default": spec.default,
        "neutral": spec.neutral,
        "rule": spec.sentence,
        "search": str(spec.domain) if spec.domain else None,
    }


def _trick_json(trick: type[Trick]) -> dict[str, Any]:
    return {
        "kind": "trick",
        "name": trick.name,
        "summary": trick.summary(),
        "slot": trick.slot,
        "settings": [_setting_json(spec) for spec in trick.settings()],
        "rules": [rule.sentence for rule in trick.rules],
        "excludes": dict(trick.excludes),
        "replaces": sorted(trick.replaces),
        "needs": sorted(trick.needs),
        "cost": trick.cost,
        "papers": [dataclasses.asdict(paper) for paper in trick.papers],
        "claims": [
            {
                "data": c.data,
                "architecture": c.architecture,
                "before": c.before,
                "after": c.after,
                "note": c.note,
            }
            for c in trick.claims
        ],
    }


def _architecture_json(found: Architecture) -> dict[str, Any]:
    return {
        "kind": "architecture",
        "name": found.name,
        "summary": found.summary,
        "settings": [_setting_json(spec) for spec in found.settings],
        "papers": [dataclasses.asdict(paper) for paper in found.papers],
    }


def _source_json(source: Source) -> dict[str, Any]:
    return {
        "kind": "data set",
        "name": source.name,
        "summary": source.summary,
        "classes": source.classes,
        "link": source.link,
    }
