"""The shape of a space file as JSON Schema, from the catalogues: editors complete and check with it.

Every value carries its documentation. `load` checks what a schema cannot express, such as rules
between tricks.
"""

import re
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from autotrick.augment.policies import TRANSFORMATIONS
from autotrick.data import sources
from autotrick.domain import PolicyDomain
from autotrick.measures import COSTS, MEASURES
from autotrick.models import architectures
from autotrick.objective import Objective, Reward
from autotrick.recipe import DataRef, Recipe
from autotrick.space.augmentation_rules import Profile
from autotrick.space.fields import FIELDS, REQUIRED, SEARCHABLE
from autotrick.space.settings import Constraints, NamedRecipe, Pruning, StudySettings
from autotrick.tricks import TRICKS, Setting, Trick

Schema = dict[str, Any]

_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
_FOREIGN = "^(torchvision/|timm/|python:)."


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of space files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "autotrick search space",
        "description": "One question, what is fixed, and what may vary.",
        **_table(
            {
                "question": {
                    "type": "string",
                    "pattern": r"\S",
                    "description": "In a sentence; reports show it as their title.",
                },
                "data": _data(),
                "augmentation": _augmentation(),
                "fixed": _fixed(),
                "search": _search(),
                "architectures": _architectures(),
                "tricks": _table({name: _trick(trick) for name, trick in TRICKS.items()}),
                "slots": _slots(),
                "study": _model(StudySettings),
                "pruning": _model(Pruning),
                "objective": _objective(),
                "constraints": _model(Constraints),
                "recipes": {"type": "array", "items": _model(NamedRecipe)},
                "code": _code(),
            },
            required=("question", "data"),
        ),
        "allOf": [_in_one(name) for name in REQUIRED],
    }


def _table(
    properties: Mapping[str, Any], *, required: Iterable[str] = (), about: str = ""
) -> Schema:
    found: Schema = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
    if required:
        found["required"] = list(required)
    return found | ({"description": about} if about else {})


def _in_one(name: str) -> Schema:
    """Return the rule that a field is fixed or searched, one of the two."""
    tables = ("fixed", "search")
    return {
        "oneOf": [
            {"required": [table], "properties": {table: {"required": [name]}}} for table in tables
        ]
    }


def _model(kind: type[BaseModel]) -> Schema:
    """Return a model's schema, its fields described by the class's docstring."""
    schema = _inlined(kind)
    for name, text in _attributes(kind).items():
        schema["properties"][name]["description"] = text
    schema["description"] = (kind.__doc__ or "").strip().splitlines()[0]
    return schema


def _inlined(kind: type[BaseModel]) -> Schema:
    """Return a model's schema with those of the models in it where they are used."""
    schema = kind.model_json_schema()
    inner = schema.pop("$defs", {})

    def inline(part: Any) -> Any:
        if isinstance(part, list):
            return [inline(entry) for entry in part]
        if not isinstance(part, dict):
            return part
        found = inner.get(part.get("$ref", "").rpartition("/")[2], part)
        return {key: inline(value) for key, value in found.items()}

    inlined: Schema = inline(schema)
    return inlined


def _attributes(kind: type) -> dict[str, str]:
    """Return what the section Attributes of a docstring says, by name."""
    _, _, section = (kind.__doc__ or "").partition("Attributes:\n")
    entries = re.findall(r"^ {8}(\w+): (.*(?:\n {10,}.*)*)", section, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def _data() -> Schema:
    schema = _model(DataRef)
    properties = schema["properties"]
    known = sources()
    plain = [name for name, source in known.items() if not source.path]
    placed = [name for name, source in known.items() if source.path]
    properties["name"] |= {
        "anyOf": [{"enum": plain}, {"pattern": f"^({'|'.join(placed)}):."}],
        "description": "\n".join(f"{name}: {source.summary}" for name, source in known.items()),
    }
    properties["validation"]["anyOf"] = [
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"const": False},
    ]
    properties["validation"]["description"] += " A file says `false` for None."
    return schema


def _augmentation() -> Schema:
    schema = _model(Profile)
    names = {"type": "array", "items": {"enum": list(TRANSFORMATIONS)}}
    for entry in schema["properties"].values():
        entry.pop("anyOf", None)
        entry.pop("default", None)
        entry |= names
    return schema


def _objective() -> Schema:
    schema, reward = _model(Objective), _model(Reward)
    properties = schema["properties"]
    for name in ("objectives", "also"):
        properties[name] |= {"items": {"enum": list(MEASURES)}, "uniqueItems": True}
    reward["properties"]["measure"]["enum"] = list(COSTS)
    about = properties["reward"]["description"]
    properties["reward"] = reward | {"description": about}
    return schema


def _values() -> dict[str, Schema]:
    """Return the schema of one value of every field."""
    properties = _model(Recipe)["properties"]
    found = {
        name: {k: v for k, v in properties[name].items() if k != "title"} | field.rule.schema()
        for name, field in FIELDS.items()
    }
    found["architecture"] |= {"anyOf": [{"enum": list(architectures())}, {"pattern": _FOREIGN}]}
    return found


def _fixed() -> Schema:
    return _table(_values(), about="Fields of the recipe that stay the same in every trial.")


def _search() -> Schema:
    values = _values()
    properties = {
        name: {"description": values[name].get("description", ""), "anyOf": _varied(values[name])}
        for name in SEARCHABLE
    }
    return _table(properties, about="Fields of the recipe that vary: a list or a range.")


def _believed(value: Schema) -> Schema:
    """Return the keys that say what is expected of a value."""
    return {
        "prior": value | {"description": "The most likely best value."},
        "confidence": {
            "enum": ["low", "medium", "high"],
            "default": "medium",
            "description": "How sure the prior is.",
        },
    }


def _varied(value: Schema) -> list[Schema]:
    """Return the ways to let a value vary: a list of options, and a range where it is a number."""
    bare = {key: v for key, v in value.items() if key not in ("description", "default")}
    options: Schema = {"type": "array", "items": bare, "minItems": 1, "uniqueItems": True}
    believed = _believed(bare)
    found = [options, _table({"options": options, **believed}, required=("options", "prior"))]
    if value.get("type") in ("integer", "number"):
        further = {"step": {"type": "integer", "minimum": 1}} if value["type"] == "integer" else {}
        log = {"type": "boolean", "description": "Even on a log scale; low must be above 0."}
        keys = {"low": bare, "high": bare, "log": log, **further, **believed}
        found.append(_table(keys, required=("low", "high")))
    return found


def _architectures() -> Schema:
    properties = {
        name: _table(
            {spec.name: _setting(spec, type(spec.default)) for spec in architecture.settings},
            about=architecture.summary,
        )
        for name, architecture in architectures().items()
    }
    return _table(properties) | {"patternProperties": {_FOREIGN: {"type": "object"}}}


def _trick(trick: type[Trick]) -> Schema:
    hints = typing.get_type_hints(trick)
    always = {
        "type": "boolean",
        "default": False,
        "description": "On in every recipe; otherwise it may be on or off.",
    }
    settings = {spec.name: _setting(spec, hints[spec.name]) for spec in trick.settings()}
    about = "\n".join([trick.summary(), *map(str, trick.papers[:1])])
    switch = {"always": always, **_believed({"type": "boolean"})}
    switch["prior"]["description"] = "Whether the best recipe is expected to have it on."
    return _table(switch | settings, about=about)


def _setting(spec: Setting, hint: Any) -> Schema:
    plain = typing.get_origin(hint) or hint
    value: Schema = {"type": _TYPES.get(plain) or _TYPES[type(spec.default)]}
    value |= spec.rule.schema()
    about = [spec.about, f"Rule: {spec.sentence}.", f"Default: {spec.default}."]
    ways = [value] if value["type"] == "array" else [value, *_varied(value)]
    if spec.domain is not None:
        about.append(f'"search" tries {spec.domain}.')
        ways.append({"const": "search"})
        if not isinstance(spec.domain, PolicyDomain):
            ways.append(_table(_believed(value), required=("prior",)))
    if isinstance(spec.domain, PolicyDomain):
        ways += [_policy(spec.domain), {"type": "string", "pattern": "^file:."}]
    return {"description": " ".join(about), "anyOf": ways}


def _policy(own: PolicyDomain) -> Schema:
    count = {"type": "integer", "minimum": 1}
    names = {
        "type": "array",
        "items": {"enum": list(own.operations)},
        "minItems": 1,
        "uniqueItems": True,
        "description": "The operations to choose from; all of them when left out.",
    }
    keys = {
        "sub_policies": count | {"description": "An image gets one of them."},
        "operations": count | {"description": "In one sub-policy."},
        "names": names,
    }
    return _table(keys, about="A policy that the search composes.")


def _code() -> Schema:
    modules = {
        "type": "array",
        "items": {"type": "string"},
        "uniqueItems": True,
        "description": "Modules, or files beside the space, whose tricks `[tricks]` may name.",
    }
    return _table({"modules": modules}, about="Python code of your own.")


def _slots() -> Schema:
    slots = sorted({trick.slot for trick in TRICKS.values() if trick.slot})
    value = {"const": "always", "description": "One of the slot's listed tricks is always on."}
    return _table(dict.fromkeys(slots, value))
