"""Ways to damage text, bytes and tables."""

import copy
import math
from collections.abc import Iterator
from random import Random
from typing import Any

Path = tuple[Any, ...]

NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 2, 3, 7, 255, 256, 1000, 2**31 - 1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63)),
    *(10**6, 10**9, 10**10, 10**12, 10**18, 2**64, 10**30, 10**400, -(10**10)),
    *(0.0, -0.0, 0.5, 1.0, 1.5, -0.5, 1e-12, 1e-320, 5e-324, 1e300, -1e300, 1.7e308),
    *(math.nan, math.inf, -math.inf),
)
TEXTS = (
    *("", " ", "search", "always", "off", "on", "true", "null", "nan", "1", "0.5", "low"),
    *("file:", "file:x.json", "file:/dev/null", "file:../../etc/passwd", "folder:x", "parquet:/"),
    *("timm/hf-hub:timm/resnet18.a1_in1k", "timm/", "torchvision/", "torchvision/resnet18", "/"),
    *(
        "folder:~nobody/x",
        "a" * 300,
        "a" * 20000,
        "\n",
        "a\nb",
        "\x1b[31mred\x1b[0m",
        "\x00",
        "\x7f",
    ),
    *("\u202etxt", "\u2028", "\ud800", "\u00e9", "\U0001f600", "..", "%s", "{}", "'; drop table"),
    *("lenet5", "digits", "mixup", "tpe", "grid", "pbt", "2 GiB", "1e3", "-", "[", "\\"),
)


def junk(rng: Random, depth: int = 0) -> Any:
    """Return a value that nobody asked for."""
    roll = rng.random()
    if roll < 0.45:
        return rng.choice(NUMBERS)
    if roll < 0.75:
        return rng.choice(TEXTS)
    if roll < 0.85 or depth > 3:
        return rng.choice((True, False, None, [], {}))
    if roll < 0.93:
        return [junk(rng, depth + 1) for _ in range(rng.choice((1, 1, 2, 3, 5)))]
    return {str(rng.choice(TEXTS))[:50]: junk(rng, depth + 1) for _ in range(rng.choice((1, 2, 3)))}


def nested(depth: int, *, as_list: bool = True) -> Any:
    """Return a list in a list, so many deep."""
    found: Any = 1
    for _ in range(depth):
        found = [found] if as_list else {"a": found}
    return found


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Return the path to every value inside tables and lists."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*at, key))


def at(value: Any, path: Path) -> Any:
    """Return what is at a path."""
    for key in path:
        value = value[key]
    return value


def changed(rng: Random, value: Any, times: int | None = None) -> Any:
    """Return a copy of tables and lists with something in it changed, gone, doubled or added."""
    found = copy.deepcopy(value)
    for _ in range(times or rng.choice((1, 1, 1, 2, 3))):
        known = list(places(found))
        if not known:
            break
        path = rng.choice(known)
        _change(rng, at(found, path[:-1]), path[-1], [at(found, other) for other in known])
    return found


def _change(rng: Random, table: Any, key: Any, others: list[Any]) -> None:
    roll = rng.random()
    if roll < 0.5:
        table[key] = junk(rng)
    elif roll < 0.6:
        table[key] = nudged(rng, table[key])
    elif roll < 0.7:
        del table[key]
    elif roll < 0.8:
        table[key] = copy.deepcopy(rng.choice(others))
    elif isinstance(table, dict):
        name = str(key)
        table[rng.choice((name + "x", name[:-1], name.upper(), rng.choice(TEXTS)[:40]))] = junk(rng)
    else:
        table.insert(
            rng.randrange(len(table) + 1), copy.deepcopy(rng.choice((junk(rng), table[key])))
        )


def nudged(rng: Random, value: Any) -> Any:
    """Return a value near to one."""
    if isinstance(value, bool) or value is None:
        return rng.choice((1, 0, "true", not value))
    if isinstance(value, int | float):
        return rng.choice(
            (
                -value,
                value + 1,
                value * 1000,
                str(value),
                value * 0.3 if abs(value) < 1e300 else 0,
                [value],
                0,
            )
        )
    if isinstance(value, str):
        return rng.choice((value + "x", value[:-1], value.upper(), value * 40, [value], ""))
    if isinstance(value, list):
        return rng.choice(
            (value * 2, value[:1], value[::-1], [value], dict(enumerate(map(str, value))))
        )
    return rng.choice(([value], list(value), list(value.items()) or [], {"a": value}))


def scrambled(rng: Random, text: bytes) -> bytes:
    """Return bytes with a few of them changed, gone, doubled or added."""
    found = bytearray(text)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        if not found:
            break
        i = rng.randrange(len(found))
        j = min(len(found), i + rng.choice((1, 1, 2, 8, 64)))
        roll = rng.random()
        if roll < 0.3:
            found[i] = rng.randrange(256)
        elif roll < 0.5:
            del found[i:j]
        elif roll < 0.65:
            found[i:i] = found[i:j]
        elif roll < 0.8:
            found[i:i] = rng.choice(_PIECES)
        elif roll < 0.9:
            del found[i:]
        else:
            found[i] ^= 1 << rng.randrange(8)
    return bytes(found)


_PIECES = (
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b"'",
        b"\n",
        b"=",
        b",",
        b".",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(b"1e999", b"nan", b"inf", b"-", b"9" * 400, b"[" * 200, b"{" * 200, b"[[", b"]]", b"#"),
    *(
        b"\\u0000",
        b"\\ud800",
        b"\\x1b",
        b"\r",
        b"\t",
        b'"""',
        b"'''",
        b"true",
        b"null",
        b"1979-05-27",
    ),
    *(
        "\u2028".encode(),
        "\u202e".encode(),
        b"a.b.c.d.e",
        b"0x",
        b"1_0",
        b"and ",
        b"not ",
        b"(" * 60,
    ),
)
