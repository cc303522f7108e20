"""Checks that what the written pages name is there: modules, files, commands, options, keys.

`python -m docs.make --check` runs them on README.md and on every page that is written by hand. The
links between pages are checked by the strict build of the site.
"""

import importlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from autotrick.cli import main as command_line
from autotrick.space import json_schema

ROOT = Path(__file__).parents[1]
FOLDERS = ("autotrick", "benchmarks", "dashboards", "docs", "search_spaces", "tests")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def faults(page: str, folder: Path = ROOT) -> Iterator[str]:
    """Yield a phrase for everything that a page names and that is not there.

    Args:
        page: Its Markdown.
        folder: Where its relative links start.
    """
    spans = _SPAN.findall(_BLOCK.sub("", page))
    lines = [line for _, text in blocks(page, "sh") for line in text.splitlines()]
    for text in (*spans, *lines):
        words = text.split("#")[0].split()
        if re.fullmatch(r"autotrick(\.\w+)+", text) and not _resolves(text):
            yield f"no Python name {text}"
        if re.match(rf"({'|'.join(FOLDERS)})/[\w./-]*$", text) and not (ROOT / text).exists():
            yield f"no file {text}"
        if words[:1] == ["autotrick"] and len(words) > 1:
            yield from _command_faults(words[1:])
        if words[:2] == ["python", "-m"] and words[2].split(".")[0] in FOLDERS:
            yield from [] if find_spec(words[2]) else [f"no module {words[2]}"]
    for link in _LINK.findall(page):
        path = link.partition("#")[0]
        if path and "://" not in path and not (folder / path).exists():
            yield f"no page {path}"


def blocks(page: str, *languages: str) -> list[tuple[str, str]]:
    """Return the language and the text of a page's fenced blocks in these languages."""
    return [(name, text) for name, text in _BLOCK.findall(page) if name in languages]


def _resolves(name: str) -> bool:
    """Return whether a dotted name leads to a module or to something in one."""
    module, rest = name, list[str]()
    while True:
        try:
            found: Any = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
    for attribute in rest:
        if not hasattr(found, attribute):
            return attribute in getattr(found, "model_fields", {})
        found = getattr(found, attribute)
    return True


def _command_faults(words: list[str]) -> Iterator[str]:
    """Yield what is wrong with the words after `autotrick`: an unknown command or option."""
    command: click.Command = command_line
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            if words[0].isupper() or words[0] in ("...", "*"):
                return
            yield f"no command autotrick {words[0]}"
            return
        command = command.commands[words.pop(0)]
    known = {option for entry in command.params for option in entry.opts} | {"--help", "--version"}
    for word in words:
        option = word.partition("=")[0]
        if option.startswith("--") and option not in known:
            yield f"no option {option} of autotrick {command.name}"


def examples(page: str) -> list[dict[str, Any]]:
    """Return the tables of a page's examples in TOML."""
    return [tomllib.loads(text) for _, text in blocks(page, "toml")]


def missing_keys(page: str) -> list[str]:
    """Return the keys of a space that no example of a page shows, by their dotted names.

    The settings of a trick or of an architecture stand on pages of their own.
    """
    shown = {name for example in examples(page) for name in _dotted(example)}
    # Nobody has to write it, so an example would mislead: the list explains it.
    shown |= {"data.fingerprint"} if "`fingerprint`:" in page else set()
    return [name for name in keys() if name not in shown]


def keys() -> list[str]:
    """Return the dotted names of all keys of a space, and those of a range, a choice and a policy."""
    tables = json_schema()["properties"]
    own = {"tricks", "architectures"}
    found = {name for table in tables.keys() - own for name in _of(table, tables[table])}
    found |= {f"tricks.{key}" for key in ("always", "prior", "confidence")}
    policy = tables["tricks"]["properties"]["searched_policy"]["properties"]["policy"]
    return sorted(found | set(_of("tricks.searched_policy.policy", policy)))


def _of(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield a key and those below it, in tables, lists of tables, and each of several forms."""
    yield name
    for kind in (schema, schema.get("items", {}), *schema.get("anyOf", [])):
        for key, value in kind.get("properties", {}).items():
            yield from _of(_general(name, key), value)


def _general(name: str, key: str) -> str:
    """Return the dotted name of a key; those of a range or a choice are the same in every field."""
    return f"search.*.{key}" if re.fullmatch(r"search\.\w+", name) else f"{name}.{key}"


def _dotted(table: Mapping[str, Any], name: str = "") -> Iterator[str]:
    """Yield the keys of an example's tables, named as `keys` names them."""
    for key, value in table.items():
        inner = _general(name, key) if name else key
        yield inner
        if name == "tricks":
            yield from (f"tricks.{setting}" for setting in value)
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                yield from _dotted(entry, inner)
