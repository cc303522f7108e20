"""The page of all keys of a space: the JSON Schema as tables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from autotrick.space import json_schema

Schema = Mapping[str, Any]

_TABLES = ("data", "augmentation", "fixed", "search", "slots", "study", "pruning", "objective")
_LAST = ("constraints", "code")


def page() -> str:
    """Return the page."""
    schema = json_schema()
    tables: Schema = schema["properties"]
    text = "# Keys of a space\n\n"
    text += "[Search spaces](spaces.md) explains the tables, with an example for every key.\n\n"
    text += f"Beside its tables a space has `question`. {tables['question']['description']}\n"
    for name in (*_TABLES, *_LAST):
        text += f"\n## {name}\n\n{_sentence(tables[name])}" + _table(_rows(tables[name]))
    text += "\n## recipes\n\n" + _sentence(tables["recipes"]["items"])
    text += _table(_rows(tables["recipes"]["items"]))
    text += (
        "\n## tricks\n\nEvery trick takes these keys beside [its settings](tricks/README.md).\n\n"
    )
    trick = tables["tricks"]["properties"]["mixup"]["properties"]
    switch = {name: trick[name] for name in ("always", "prior", "confidence")}
    text += _table(_rows({"properties": switch}))
    text += "\n## architectures\n\nEvery architecture has [settings of its own](catalogue.md).\n"
    return text


def _sentence(schema: Schema) -> str:
    return f"{schema['description']}\n\n" if "description" in schema else ""


def _table(rows: Iterator[tuple[str, str, str, str]]) -> str:
    cells = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "| key | value | default | meaning |\n|---|---|---|---|\n" + "\n".join(cells) + "\n"


def _rows(schema: Schema, above: str = "") -> Iterator[tuple[str, str, str, str]]:
    required, abouts = schema.get("required", ()), _attributes(schema.get("description", ""))
    for key, value in schema["properties"].items():
        default = "required" if key in required else _written(value.get("default"))
        about = value.get("description", abouts.get(key, ""))
        if "\n" in about:  # every data set in a line of its own, as the catalogue has them
            about = "[Data sets](catalogue.md#data-sets)"
        yield f"`{above}{key}`", kind(value), default, about
        for form in (value, *value.get("anyOf", ())):
            if "properties" in form and not _varies(value):
                yield from _rows(form, f"{above}{key}.")


def _attributes(docstring: str) -> dict[str, str]:
    """Return what the section Attributes of a docstring says, by name."""
    _, _, section = docstring.partition("Attributes:\n")
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", section, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def _varies(schema: Schema) -> bool:
    """Return whether a value is one of [search]: a list, a choice with a prior, or a range."""
    return any("options" in form.get("properties", {}) for form in schema.get("anyOf", ()))


def _written(default: object) -> str:
    if default is None or default in ("", [], {}):
        return "-"
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"


def kind(schema: Schema) -> str:
    """Return what a value may be, in a phrase."""
    if _varies(schema):
        ranges = any("low" in form.get("properties", {}) for form in schema["anyOf"])
        return "list or range" if ranges else "list"
    if "const" in schema:
        return f"`{str(schema['const']).lower()}`"
    if "enum" in schema:
        return ", ".join(f"`{option}`" for option in schema["enum"])
    forms = [form for form in schema.get("anyOf", ()) if form.get("type") != "null"]
    if forms:
        return " or ".join(dict.fromkeys(kind(form) for form in forms))
    if "pattern" in schema and "type" not in schema:
        words, end = schema["pattern"].removeprefix("^(").removesuffix(".").split(")")
        return ", ".join(f"`{word}{end}...`" for word in words.split("|"))
    if schema.get("type") == "array":
        items = kind(schema["items"])
        return f"list of {items}"
    names = {"integer": "whole number", "number": "number", "boolean": "true or false"}
    named = names.get(schema["type"], {"string": "text", "object": "table"}.get(schema["type"], ""))
    return f"{named}{_bounds(schema)}"


def _bounds(schema: Schema) -> str:
    low = [f"{sign} {schema[key]:g}" for key, sign in _LOWER if key in schema]
    high = [f"{sign} {schema[key]:,}" for key, sign in _UPPER if key in schema]
    return f" {', '.join([*low, *high])}" if low or high else ""


_LOWER = (("minimum", ">="), ("exclusiveMinimum", ">"))
_UPPER = (("maximum", "<="), ("exclusiveMaximum", "<"))
