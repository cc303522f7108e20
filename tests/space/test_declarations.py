"""One declaration of a setting gives its check, its sentence, its schema and bounds its search."""

import math
import random
import re
import sys
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest

from autotrick.domain import Choice, Domain, Float
from autotrick.errors import AutotrickError, SpaceError
from autotrick.models import ARCHITECTURES
from autotrick.models.catalogue import complete
from autotrick.models.libraries import declare
from autotrick.space import json_schema
from autotrick.space.fields import FIELDS, SEARCHABLE
from autotrick.space.parse_domain import check, typed
from autotrick.tricks import TRICKS, build
from autotrick.tricks.base import Setting, setting
from autotrick.tricks.rules import (
    Each,
    FirstDigits,
    Flag,
    OneForEach,
    Options,
    Ordered,
    Range,
    Rising,
    Rule,
    Stepped,
    SumAtMost,
    Text,
    Together,
    ZeroOr,
    ZeroWith,
)

SCHEMA = json_schema()["properties"]
JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
SMALLEST = 1e-300
WHOLE = range(-(2**63), 2**63)
NUMBERS = (
    *(0, 1, -1, 0.5, 1e-300, -1e-300, 1e300, sys.float_info.max, -sys.float_info.max),
    *(math.inf, -math.inf, math.nan, 2**31, 2**53 + 1, 2**62, 2**63, -(2**63), 2**64, 10**30),
)
OTHERS: tuple[Any, ...] = (
    True,
    False,
    None,
    "",
    "x",
    "search",
    [],
    [0.5],
    [0, 0.5],
    [0.5, 0.25],
    [0.5] * 5000,
    {},
)
NAMES = sorted({option for spec in FIELDS.values() for option in map(str, spec.options)})


@dataclass(frozen=True, slots=True)
class Declared:
    """A setting or a field, and all that follows from its declaration.

    Attributes:
        takes: Whether a recipe with a value can be made.
        schema: Of one value in a space file.
    """

    place: str
    name: str
    kind: type
    rule: Rule
    takes: Callable[[Any], bool]
    schema: dict[str, Any]


def made(make: Callable[..., object], name: str, key: str) -> Callable[[Any], bool]:
    further = [rule.names for rule in TRICKS[name].rules] if name in TRICKS else []

    def takes(value: Any) -> bool:
        try:
            make(name, {key: value})
        except AutotrickError as error:
            # Rules between settings are another matter.
            return any(
                re.search(rf"{a}=.* and {b}=|`{a}` needs a number for each", str(error))
                for a, b in further
            )
        return True

    return takes


def fits(name: str) -> Callable[[Any], bool]:
    def takes(value: Any) -> bool:
        try:
            return FIELDS[name].rule.accepts(typed(value, FIELDS[name].kind))
        except SpaceError:
            return False

    return takes


def declarations() -> list[Declared]:
    found = []
    for trick, kind in TRICKS.items():
        hints = typing.get_type_hints(kind)
        for spec in kind.settings():
            plain = typing.get_origin(hints[spec.name]) or hints[spec.name]
            schema = SCHEMA["tricks"]["properties"][trick]["properties"][spec.name]["anyOf"][0]
            plain = plain if plain in JSON_TYPES else type(spec.default)
            takes = made(build, trick, spec.name)
            found.append(Declared(trick, spec.name, plain, spec.rule, takes, schema))
    for network, architecture in ARCHITECTURES.items():
        for spec in architecture.settings:
            tables = SCHEMA["architectures"]["properties"][network]["properties"]
            schema = tables[spec.name]["anyOf"][0]
            takes = made(complete, network, spec.name)
            found.append(Declared(network, spec.name, type(spec.default), spec.rule, takes, schema))
    for name, field in FIELDS.items():
        schema = SCHEMA["fixed"]["properties"][name]
        found.append(Declared("recipe", name, field.kind, field.rule, fits(name), schema))
    return found


DECLARED = declarations()


def ends(rule: Rule) -> list[float]:
    """Return the numbers where a rule may change its mind."""
    match rule:
        case Range(low, high):
            return [end for end in (low, high) if end is not None]
        case ZeroOr(others) | Each(others):
            return [0, *ends(others)]
        case Stepped(low, high, step):
            return [low, low + step, high, high - step]
        case Rising():
            return [0, 1]
    return []


def candidates(declared: Declared) -> list[Any]:
    """Return values of every kind: near where the rule ends, extreme, and of the wrong type."""
    chance = random.Random(f"{declared.place}.{declared.name}")
    numbers = [*NUMBERS, *(chance.uniform(-2, 2) for _ in range(3)), chance.randrange(-9, 2000)]
    for end in ends(declared.rule):
        numbers += [end, int(end), float(end), end - 1, end + 1, end / 2]
        numbers += [math.nextafter(end, -math.inf), math.nextafter(end, math.inf)]
    lists = [[number] for number in numbers] + [[0, number] for number in numbers]
    options = declared.rule.options if isinstance(declared.rule, Options) else ()
    texts = [*options, *(f"{option}x" for option in options), *NAMES, "a" * 8, "0" * 65, "0" * 7]
    if declared.place == "recipe":  # files round numbers that are nearer to 0
        numbers = [number for number in numbers if not 0 < abs(number) < SMALLEST]
    return [*numbers, *texts, *OTHERS, *(lists if declared.kind is list else [])]


def in_json(declared: Declared, value: Any) -> bool:
    """Return whether JSON has the value and tells it from others: 3.0 and 3 are one number there."""
    if isinstance(value, list):
        return all(in_json(declared, entry) for entry in value)
    if isinstance(value, float):
        return not math.isnan(value) and not (declared.kind is int and value.is_integer())
    return declared.kind is int or not isinstance(value, int) or value in WHOLE


def evaluated(rule: Rule, name: str, value: Any) -> bool | None:
    """Return what a reader makes of the sentence; None where it is not an expression or a list."""
    sentence = rule.sentence(name)
    match rule:
        case Range() | ZeroOr() | Stepped():
            return bool(eval(sentence, {"inf": math.inf, name: value}))
        case Options():
            listed = sentence.removeprefix(f"{name} is one of ").removesuffix(rule.note)
            return value in listed.split(", ")
        case Flag():
            assert sentence == f"{name} is true or false"
            return value is True or value is False
        case Text():
            return isinstance(value, str)
        case FirstDigits():
            low, high = map(int, re.findall(r"\d+", sentence.removeprefix(name)))
            return not value or (
                low <= len(value) <= high and not set(value) - set("0123456789abcdef")
            )
        case Each(each, most):
            assert sentence == f"{each.sentence(f'each of {name}')}, at most {most} of them"
            kept = all(evaluated(each, name, entry) for entry in value if is_number(entry))
            return kept and all(map(is_number, value)) and len(value) <= most
    return None


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def of_kind(kind: type, value: Any) -> bool:
    """Return whether a space file may have the value where one of this kind is asked for."""
    if isinstance(value, bool) or kind is bool:
        return kind is bool and isinstance(value, bool)
    if isinstance(value, int):
        return kind in (int, float) and value in WHOLE
    return isinstance(value, kind)


@pytest.mark.parametrize("place", dict.fromkeys(declared.place for declared in DECLARED))
def test_check_sentence_and_schema_agree(place: str) -> None:
    for declared in (each for each in DECLARED if each.place == place):
        validator = jsonschema.Draft202012Validator(declared.schema)
        at = f"{place}.{declared.name}"
        for value in candidates(declared):
            taken = declared.takes(value)
            fits_kind = of_kind(declared.kind, value)
            assert taken == (fits_kind and declared.rule.accepts(value)), (at, value)
            said = evaluated(declared.rule, declared.name, value) if fits_kind else None
            assert said in (None, taken), (at, declared.rule.sentence(declared.name), value)
            if in_json(declared, value) and at != "recipe.architecture":
                assert validator.is_valid(value) == taken or rises_wrongly(declared, value), (
                    at,
                    value,
                )
        assert not any(declared.takes(value) for value in (math.inf, -math.inf, math.nan))


def rises_wrongly(declared: Declared, value: Any) -> bool:
    """Return whether a list is wrong by its order alone, which JSON Schema cannot say."""
    return isinstance(declared.rule, Rising) and value != sorted(value)


def test_what_is_tried_meets_every_end_from_both_sides() -> None:
    """The test above would be vacuous if its values were all allowed, or all refused."""
    numeric = [each for each in DECLARED if each.kind in (int, float)]

    for declared in numeric:
        answers = {declared.takes(value) for value in candidates(declared) if is_number(value)}
        assert answers == {True, False}, declared.name
    assert len(numeric) > 200 and sum(len(candidates(each)) for each in DECLARED) > 10_000


@pytest.mark.parametrize(
    ("together", "kept", "broken", "said"),
    [
        (Ordered("a", "b"), (0.5, 0.5), (0.6, 0.5), "`a <= b` must hold, but got a=0.6 and b=0.5."),
        (SumAtMost("a", "b", total=1), (0.5, 0.5), (0.6, 0.5), "`a + b <= 1` must hold, but got"),
        (ZeroWith("a", leader="b"), (0.0, 0.0), (0.1, 0.0), "`a = 0 if b = 0` must hold, but got"),
        (
            OneForEach("a", "b", part="stage"),
            ([0], [[]]),
            ([0], [[], []]),
            "`a` needs a number for each of 2 stages, but has 1.",
        ),
    ],
)
def test_rules_between_settings(
    together: Together, kept: tuple[Any, ...], broken: tuple[Any, ...], said: str
) -> None:
    assert together.accepts(*kept) and together.fault(*kept) is None
    assert not together.accepts(*broken) and (together.fault(*broken) or "").startswith(said)


@pytest.mark.parametrize("kind", TRICKS.values(), ids=TRICKS)
def test_rules_between_settings_name_settings_and_hold_by_default(kind: Any) -> None:
    trick = build(kind.name, {})

    for rule in kind.rules:
        assert rule.accepts(*(trick.values()[name] for name in rule.names))


@pytest.mark.parametrize(
    ("default", "search", "neutral"),
    [
        (2.0, None, None),
        (math.inf, None, None),
        (0.5, None, -1.0),
        (0.5, Float(0.1, 1.5), None),
        (0.5, Choice((0.5, 3.0)), None),
    ],
)
def test_a_declaration_that_breaks_its_own_rule_is_an_error(
    default: float, search: Domain | None, neutral: float | None
) -> None:
    with pytest.raises(ValueError, match=r"breaks its own rule: `0 <= the value <= 1` must hold"):
        setting(default, "A share.", rule=Range(0, 1), search=search, neutral=neutral)


def test_a_setting_that_is_not_a_flag_needs_a_rule() -> None:
    with pytest.raises(ValueError, match="`the value is true or false` must hold, but got"):
        setting(0.5, "A share.")


@pytest.mark.parametrize("name", SEARCHABLE)
def test_a_search_of_a_field_keeps_the_fields_rule(name: str) -> None:
    rule = FIELDS[name].rule
    for end in ends(rule):
        outside = [value for value in (end - 1, end + 1, end) if not rule.accepts(value)]
        assert outside
        for value in outside:
            with pytest.raises(SpaceError, match=re.escape(rule.sentence(name))):
                check(Choice((value,)), rule, name)


def test_networks_of_libraries_declare_alike() -> None:
    spec, pretrained, freeze = declare("timm/resnet18").settings

    assert isinstance(spec, Setting) and spec.sentence == "small_stem is one of auto, yes, no"
    assert pretrained.sentence.startswith(
        "pretrained is true, false, or a name of published weights"
    )
    assert (pretrained.kinds, freeze.needs) == ((bool, str), "pretrained")
    assert pretrained.omitted and freeze.omitted and not spec.omitted
