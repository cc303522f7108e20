"""Search spaces: valid ones with values, tables and text damaged; what is accepted must be usable."""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from autotrick.models import ARCHITECTURES
from autotrick.sample import Sampler
from autotrick.space import SearchSpace, decisions, load, published_defaults
from autotrick.space.schema import json_schema
from autotrick.tricks import TRICKS
from tests.fuzz.harness import Outcome, called
from tests.fuzz.mutations import at, changed, junk, places, scrambled

_SPACES = Path(__file__).parents[2] / "search_spaces"
_REPEATED = (b"[", b"a.", b"[[a", b'"', b"{a=", b"[a.b]\n", b"x=[", b"\n", b"#", b"a=1\n", b"'''")


def inputs(rng: Random) -> Iterator[bytes]:
    """Give files."""
    whole = [_whole(), *_shipped()]
    while True:
        roll = rng.random()
        base = rng.choice(whole)
        if roll < 0.35:
            yield written(changed(rng, base))
        elif roll < 0.6:
            yield written(_small(rng))
        elif roll < 0.7:
            yield written(changed(rng, _small(rng)))
        elif roll < 0.78:
            yield written(_large(rng, base))
        elif roll < 0.82:
            yield rng.choice(_REPEATED) * rng.choice((100, 1000, 20_000)) + written(base)
        else:
            yield scrambled(rng, written(base))


def tried(given: bytes, folder: Path) -> Outcome:
    """Load it, write it and read it as the database does, and ask for recipes."""
    path = folder / "given" / "question.toml"
    path.write_bytes(given)

    def use() -> None:
        space = load(path)
        again = SearchSpace.model_validate(space.model_dump(mode="json"))
        assert again.digest() == space.digest(), "another space after the database"
        decisions(space)
        published_defaults(space)
        sampler = Sampler(space, method=space.study.sampler, seed=1)
        sampler.ask(0)

    return called(use)


@cache
def _shipped() -> tuple[dict[str, Any], ...]:
    import tomllib

    return tuple(tomllib.loads(path.read_text()) for path in sorted(_SPACES.glob("*.toml")))


@cache
def _whole() -> dict[str, Any]:
    """Return a space with every key of the schema."""
    return {
        "question": "What does everything do?",
        "data": {
            "name": "digits",
            "image_size": 16,
            "validation": 0.2,
            "split_seed": 1,
            "resize": "pad",
        },
        "augmentation": {"forbidden": ["flip", "right_angle"]},
        "fixed": {"epochs": 6, "seed": 3, "momentum": 0.8, "weight_decay": 1e-4, "threads": 1},
        "search": {
            "architecture": ["lenet5", "resnet20", "pyramidnet"],
            "accumulation": {"low": 1, "high": 4, "log": True},
            "batch_size": {"low": 32, "high": 256, "step": 32},
            "base_lr": {"low": 0.02, "high": 0.5, "log": True, "prior": 0.1, "confidence": "high"},
            "precision": ["fp32", "bf16"],
        },
        "architectures": {"lenet5": {"width": [1.0, 2.0]}, "pyramidnet": {"depth": 20}},
        "tricks": {
            "mixup": {"alpha": {"low": 0.1, "high": 0.4}, "prior": True, "confidence": "low"},
            "cutout": {"length": "search", "holes": [1, 2]},
            "cosine_decay": {"always": True},
            "searched_policy": {
                "policy": {"sub_policies": 2, "operations": 2, "names": ["Rotate"]}
            },
            "auto_augment": {"policy": "cifar10"},
            "ema": {},
        },
        "slots": {"policy": "always"},
        "study": {
            "trials": 9,
            "sampler": "tpe",
            "priors": "published",
            "duplicates": "resample",
            "warm_start": ["old"],
            "enqueue": ["old:1"],
            "seed": 5,
            "keep_checkpoints": 2,
            "on_out_of_memory": "smaller_batch",
            "checkpoint_quota_mb": 50.0,
            "time_budget_min": 5.0,
            "trial_hours": 2.0,
            "cost_per_hour": 1.5,
            "max_cost": 9.0,
            "plateau": {"trials": 3, "delta": 0.01},
        },
        "pruning": {"method": "asha", "first": 1, "factor": 2, "fidelity": "data"},
        "objective": {
            "reward": {"measure": "parameters", "target": 1e5, "form": "hard", "exponent": -0.5},
            "also": ["latency_ms"],
        },
        "constraints": {"parameters": 1e7, "memory": "2 GiB", "latency_ms": 20.0},
        "recipes": [{"label": "mine", "answers": {"base_lr": 0.1, "mixup": True}}],
    }


@cache
def _keys() -> tuple[tuple[str, ...], ...]:
    """Return every key that the schema knows, as a path."""
    found: list[tuple[str, ...]] = []

    def walk(schema: Mapping[str, Any], at: tuple[str, ...]) -> None:
        for name, inner in schema.get("properties", {}).items():
            found.append((*at, name))
            walk(inner, (*at, name))

    walk(json_schema(), ())
    return tuple(found)


def _small(rng: Random) -> dict[str, Any]:
    """Return a small valid space in which some keys of the schema have another value."""
    space: dict[str, Any] = {
        "question": "Does it?",
        "data": {"name": "digits", "image_size": 16},
        "fixed": {"epochs": 3, "batch_size": 32, "architecture": rng.choice(tuple(ARCHITECTURES))},
        "search": {"base_lr": {"low": 0.01, "high": 0.1}},
        "tricks": {rng.choice(tuple(TRICKS)): {}},
    }
    for _ in range(rng.choice((0, 1, 1, 2))):
        path = rng.choice(_keys())
        table: Any = space
        for key in path[:-1]:
            table = table.setdefault(key, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict):
            table[path[-1]] = _value(rng)
    return space


def _value(rng: Random) -> Any:
    roll = rng.random()
    if roll < 0.5:
        return junk(rng)
    low, high = (rng.choice((0, 1, 0.5, 2, 1e-9, 1e9, 10**6, 1e-320, 64)) for _ in range(2))
    if roll < 0.7:
        return {"low": low, "high": high} | rng.choice(
            ({}, {"log": True}, {"step": 1}, {"prior": low})
        )
    if roll < 0.8:
        return [low, high]
    return rng.choice(("search", True, {"options": [low, high], "prior": low}, [True, False], {}))


def _large(rng: Random, base: dict[str, Any]) -> dict[str, Any]:
    """Return a space with very much of something."""
    space: dict[str, Any] = changed(rng, base, 1)
    tables = [at(space, path) for path in places(space)]
    table = rng.choice([t for t in tables if isinstance(t, dict)] or [space])
    many, deep = rng.choice((200, 1001, 5001)), rng.choice((30, 66, 300))
    nest: Any = 1
    for _ in range(deep):
        nest = [nest] if rng.random() < 0.5 else {"a": nest}
    kind = rng.choice(("keys", "list", "deep", "text", "recipes"))
    if kind == "keys":
        table |= {f"key{i}": i for i in range(many)}
    elif kind == "recipes":
        space["recipes"] = [{"label": f"r{i}", "answers": {"base_lr": 0.1}} for i in range(many)]
    else:
        key = rng.choice(list(table) or ["question"])
        table[key] = {"list": [*range(many)], "deep": nest, "text": "x" * many * 10}[kind]
    return space


def written(tables: Mapping[str, Any]) -> bytes:
    """Return tables as TOML; what TOML cannot say is said as near as it can."""
    lines = [f"{_key(k)} = {_toml(v)}\n" for k, v in tables.items() if not isinstance(v, dict)]
    for name, table in tables.items():
        if isinstance(table, dict):
            lines += [f"[{_key(name)}]\n"]
            lines += [f"{_key(key)} = {_toml(value)}\n" for key, value in table.items()]
    return "".join(lines).encode("utf-8", "surrogatepass")


def _key(name: object) -> str:
    return _text(str(name))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if value is None:
        return date(1979, 5, 27).isoformat()
    return str(value) if isinstance(value, int) else _text(value)


def _text(text: str) -> str:
    plain = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{plain}"'
