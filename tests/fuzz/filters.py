"""Expressions of `--where`, well-formed ones damaged, on a recorded study."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

from autotrick.records import open_database, trials
from autotrick.records.filter_names import names
from tests.fuzz.harness import Outcome, called, scratch
from tests.fuzz.mutations import NUMBERS, TEXTS, scrambled
from tests.synthetic import fill

_OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "==", "in", "=>", "~", "<>", "is")
_FITTING = {"number": _OPERATORS[:6], "text": ("=", "!="), "switch": ("=", "!=")}
_CONSTANTS = {
    "number": ("0", "0.3", "1e-5", "+3", ".5", "5.", "-1e300", "9223372036854775807", "1" * 40),
    "text": ("'complete'", '"failed"', "'running'"),
    "switch": ("on", "off", "true", "FALSE"),
}
_WORDS = ("and", "or", "not", "on", "off", "AND", "Or", "in", "(", ")", "[", "]", ",", "true")


def inputs(rng: Random) -> Iterator[str]:
    """Give expressions."""
    known: list[tuple[str, str]] = [(name.text, name.kind) for _, name in sorted(names().items())]
    while True:
        text = _expression(rng, known, rng.choice((0, 1, 2, 4)))
        roll = rng.random()
        if roll < 0.5:
            text = scrambled(rng, text.encode("utf-8", "surrogatepass")).decode(errors="ignore")
        elif roll < 0.55:
            text = (
                rng.choice(("(", "not ", "[", "and ")) * rng.choice((10, 49, 60, 900, 5000)) + text
            )
        elif roll < 0.6:
            text = f" {rng.choice(_WORDS)} ".join([text] * rng.choice((2, 8, 40)))
        yield text


def tried(given: str, folder: Path) -> Outcome:
    """Ask for the trials for which it holds."""

    def ask() -> None:
        with open_database(_filled(), create=False) as database:
            trials(database, "digits", where=given, limit=5)

    return called(ask)


@cache
def _filled() -> str:
    """Return a database for all inputs; the process's end removes it."""
    url = f"sqlite:///{scratch('study')}/a.db"
    fill(url, 12)
    return url


def _expression(rng: Random, known: list[tuple[str, str]], depth: int) -> str:
    roll = rng.random()
    if depth and roll < 0.3:
        return f"not {_expression(rng, known, depth - 1)}"
    if depth and roll < 0.5:
        return f"({_expression(rng, known, depth - 1)})"
    if depth and roll < 0.9:
        word = rng.choice((" and ", " or ", " AND ", " xor ", " "))
        return word.join(_expression(rng, known, depth - 1) for _ in range(rng.choice((2, 3))))
    name, kind = rng.choice(known) if rng.random() < 0.97 else (str(rng.choice(TEXTS)), "text")
    if roll < 0.15 or (kind == "switch" and roll < 0.7):
        return name
    if roll < 0.3:
        count = rng.choice((0, 1, 3, 60))
        return f"{name} in [{', '.join(_constant(rng, kind) for _ in range(count))}]"
    operator = rng.choice(_OPERATORS if rng.random() < 0.2 else _FITTING[kind])
    return f"{name} {operator} {_constant(rng, kind)}"


def _constant(rng: Random, kind: str) -> str:
    roll = rng.random()
    if roll < 0.8:
        return rng.choice(_CONSTANTS[kind])
    roll = rng.random()
    if roll < 0.5:
        return str(rng.choice(NUMBERS))
    if roll < 0.8:
        quote = rng.choice("\"'")
        return f"{quote}{rng.choice(TEXTS)}{quote}"
    return rng.choice(("on", "off", "true", '"complete"', '"lenet5"', "1e-5", "+3", ".5", "5."))
