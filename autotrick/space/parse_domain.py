"""Parse one value of a space file: a constant, a choice, a range, a policy, or the trick's own domain."""

import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import UnionType
from typing import Any

from autotrick.domain import (
    Choice,
    Chooser,
    Confidence,
    Domain,
    Float,
    Integer,
    PolicyDomain,
    Prior,
    Scalar,
    Value,
)
from autotrick.errors import SpaceError, unknown
from autotrick.limits import beyond, most
from autotrick.tricks.rules import Rule

PRIOR = ("prior", "confidence")
"""What a table may say beside a domain: the most likely value, and how sure that is."""

_SMALLEST = 1e-300
"""Numbers nearer to 0 have fewer digits: rounding makes them others."""

Kind = type | UnionType

FLAG_OR_TEXT = bool | str
"""The kind of a setting that is switched on, or names what to use."""

KINDS: dict[Kind, str] = {
    FLAG_OR_TEXT: "true, false or a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    list: "a list",
}


@dataclass(frozen=True, slots=True)
class Fixed(Domain):
    """A constant: the chooser is not asked."""

    value: Value

    def draw(self, name: str, choose: Chooser) -> Value:
        return self.value

    def answers(self, name: str, value: Value) -> dict[str, Scalar]:
        return {}

    def ends(self) -> tuple[Value, ...]:
        return (self.value,)

    def __contains__(self, value: object) -> bool:
        return type(value) is type(self.value) and value == self.value

    def __str__(self) -> str:
        return str(self.value)


def read(written: object, kind: Kind, own: Domain | None = None) -> Domain:
    """Return what a space file says about one value.

    Args:
        written: As TOML or JSON gives it.
        kind: Type of the value: bool, int, float, str, list or FLAG_OR_TEXT.
        own: What `"search"` stands for.

    Raises:
        SpaceError: The rule that is broken, without saying where.
    """
    if written == "search":
        if own is None:
            raise SpaceError("'search' needs a domain of the setting's own, and it has none")
        return own
    if isinstance(written, Mapping):
        if isinstance(own, PolicyDomain):
            return _policy(written, own)
        table = {key: value for key, value in written.items() if key not in PRIOR}
        return _believed(_domain(table, kind, own, believed=len(table) < len(written)), written)
    if isinstance(written, list) and kind is not list:
        return _choice(written, kind)
    return Fixed(typed(written, kind))


def write(domain: Domain) -> Any:
    """Return the domain as a space file writes it; `read` gives it back."""
    match domain:
        case Fixed(value):
            return value
        case Choice(options, prior):
            return {"options": list(options)} | written_prior(prior) if prior else list(options)
        case Float(low, high, log, prior):
            return {"low": low, "high": high} | _true(log=log) | written_prior(prior)
        case Integer(low, high, log, step, prior):
            stepped = {"step": step} if step != 1 else {}
            return {"low": low, "high": high} | _true(log=log) | stepped | written_prior(prior)
        case PolicyDomain(names, sub_policies, length):
            return {"sub_policies": sub_policies, "operations": length, "names": list(names)}
    raise AssertionError(f"no way to write {domain!r}")


def written_prior(prior: Prior | None) -> dict[str, Any]:
    """Return a prior as a space file writes it."""
    return {"prior": prior.value, "confidence": prior.confidence} if prior else {}


def _true(**flags: bool) -> dict[str, bool]:
    return {name: flag for name, flag in flags.items() if flag}


def check(domain: Domain, rule: Rule, name: str) -> None:
    """Raise SpaceError unless every extreme of the domain keeps the rule of the named value."""
    for value in domain.ends():
        if not rule.accepts(value):
            raise SpaceError(f"`{rule.sentence(name)}` must hold, but got {value!r}")


def typed(value: object, kind: Kind) -> Any:
    """Return the value as `kind`; only a whole number is accepted for a float."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise SpaceError("must be a number of at most 64 bits, as TOML has them")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    fits = isinstance(value, kind) and (kind in (bool, FLAG_OR_TEXT) or not isinstance(value, bool))
    if not fits or (isinstance(value, float) and not math.isfinite(value)):
        raise SpaceError(f"must be {KINDS[kind]}, but got {value!r}")
    if isinstance(value, str):
        check_limit("text", len(value))
    if isinstance(value, float) and 0 < abs(value) < _SMALLEST:
        raise SpaceError(f"must be 0 or {_SMALLEST:g} at least, but got {value!r}")
    return value


def _choice(written: list[object], kind: Kind) -> Choice:
    if not written:
        raise SpaceError("a choice needs at least one option, but the list is empty")
    check_limit("options", len(written))
    options = tuple(typed(option, kind) for option in written)
    known: set[Scalar] = set()
    for option in options:
        if option in known:
            raise SpaceError(f"the option {option!r} stands twice. Keep it once")
        known.add(option)
    return Choice(options)


def check_limit(limit: str, value: int) -> None:
    """Raise SpaceError if a number exceeds a limit.

    Args:
        limit: Name of the limit in `autotrick.limits`.

    Raises:
        SpaceError: The number exceeds the limit.
    """
    if value > most(limit):
        raise SpaceError(beyond(limit, value))


def _domain(
    table: Mapping[str, object], kind: Kind, own: Domain | None, *, believed: bool
) -> Domain:
    """Return the domain in a table, or the setting's own if the table has only a prior."""
    if believed and not table and own is not None:
        return own
    if "options" in table:
        _keys(table, ("options",), ())
        options = table["options"]
        if not isinstance(options, list):
            raise SpaceError(f"`options` must be a list, but got {options!r}")
        return _choice(options, kind)
    return _range(table, kind)


def _believed(domain: Domain, written: Mapping[str, object]) -> Domain:
    prior = prior_of(written, kind_of(domain))
    if prior is None:
        return domain
    if prior.value not in domain:
        raise SpaceError(f"prior: {prior.value!r} is not in {domain}")
    assert isinstance(domain, Float | Integer | Choice)
    return replace(domain, prior=prior)


def kind_of(domain: Domain) -> type | None:
    """Return the type of a number of the domain; None where it has options of another type."""
    match domain:
        case Float() | Choice((float(), *_)):
            return float
        case Integer():
            return int
    return None


def meant(value: Any, domain: Domain) -> Any:
    """Return a value as the domain would hold it: a whole number serves as a float."""
    whole = type(value) is int and -(2**63) <= value < 2**63
    return float(value) if whole and kind_of(domain) is float else value


def prior_of(written: Mapping[str, object], kind: type | None) -> Prior | None:
    """Return the prior of a table; None if it has none.

    Args:
        kind: Type of the value; None for an option, whatever its type.

    Raises:
        SpaceError: The rule that is broken, without saying where.
    """
    if "prior" not in written:
        if "confidence" in written:
            raise SpaceError("`confidence` goes with a `prior`. Write one, or leave both out")
        return None
    value, confidence = written["prior"], written.get("confidence", "medium")
    if confidence not in typing.get_args(Confidence):
        raise SpaceError(f"confidence must be low, medium or high, but got {confidence!r}")
    try:
        checked = typed(value, kind) if kind else value
    except SpaceError as error:
        raise SpaceError(f"prior: {error}") from None
    return Prior(checked, typing.cast("Confidence", confidence))  # type: ignore[arg-type]


def _keys(
    written: Mapping[Any, object], required: tuple[str, ...], further: tuple[str, ...]
) -> None:
    for key in written:
        if key not in required + further:
            raise SpaceError(unknown("key", str(key), required + further).rstrip("."))
    for key in required:
        if key not in written:
            raise SpaceError(f"a table here needs `{key}`")


def _range(written: Mapping[Any, object], kind: Kind) -> Domain:
    if kind not in (int, float):
        raise SpaceError(f"must be {KINDS[kind]} or a list of options, but got a range")
    _keys(written, ("low", "high"), ("log", "step"))
    low, high = (_bound(written, end, kind) for end in ("low", "high"))
    log = typed(written.get("log", False), bool)
    if low >= high:
        raise SpaceError(f"`low < high` must hold, but got low={low!r}, high={high!r}")
    if log and low <= 0:
        raise SpaceError(f"`low > 0` must hold on a log scale, but got low={low!r}")
    if kind is float:
        if "step" in written:
            raise SpaceError("`step` is for whole numbers. Write a list of options instead")
        if not math.isfinite(high / low if log else high - low):
            raise SpaceError(f"is too wide to compute with, from {low!r} to {high!r}. Narrow it")
        return Float(low, high, log)
    step = typed(written.get("step", 1), int)
    if step < 1 or (log and step != 1) or (high - low) % step:
        raise SpaceError(
            f"`step` must be at least 1, divide high - low, and be 1 on a log scale, but got {step}"
        )
    return Integer(low, high, log, step)


def _bound(written: Mapping[Any, object], end: str, kind: Kind) -> Any:
    try:
        return typed(written[end], kind)
    except SpaceError as error:
        raise SpaceError(f"{end} {error}") from None


def _policy(written: Mapping[Any, object], own: PolicyDomain) -> PolicyDomain:
    _keys(written, (), ("sub_policies", "operations", "names"))
    sub_policies = typed(written.get("sub_policies", own.sub_policies), int)
    length = typed(written.get("operations", own.length), int)
    names = typed(written.get("names", list(own.operations)), list)
    if sub_policies < 1 or length < 1:
        raise SpaceError(
            "`sub_policies >= 1` and `operations >= 1` must hold, but got "
            f"sub_policies={sub_policies}, operations={length}"
        )
    for name in names:
        if name not in own.operations:
            raise SpaceError(unknown("operation", str(name), own.operations).rstrip("."))
    if not names or len(set(names)) != len(names):
        raise SpaceError("`names` must list operations, each once")
    check_limit("sub_policies", sub_policies)
    check_limit("operations", length)
    return PolicyDomain(tuple(names), sub_policies, length)
