"""Studies that `autotrick import` takes in: files of ours, Optuna storages, folders of Ray Tune."""

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.harness import Outcome, command, scratch
from tests.fuzz.mutations import NUMBERS, TEXTS, changed, junk, nested, scrambled
from tests.synthetic import SPACES, a_space, fill

Given = tuple[str, Any]
"""What it is, and its content: bytes of a file, statements for a storage, files of a folder."""
_READ = (
    ("best",),
    ("trials", "--json"),
    ("tricks",),
    ("tricks", "--combinations"),
    ("export", "-o", "again.jsonl"),
)


def inputs(rng: Random) -> Iterator[Given]:
    """Give studies."""
    while True:
        kind = rng.choice(("jsonl", "jsonl", "parquet", "parquet", "optuna", "ray"))
        yield kind, _MADE[kind](rng)


def prepare(folder: Path) -> None:
    """Put a database there that has a study already."""
    shutil.copyfile(_sources() / "a.db", folder / "work" / "a.db")


def tried(given: Given, folder: Path) -> Outcome:
    """Import it; what comes in can be read."""
    kind, content = given
    words = [_written(kind, content, folder / "given"), "--study", "new"]
    if kind in ("optuna", "ray"):
        words += ["--space", str(SPACES / "quickstart.toml")]
    database = ("--database", "sqlite:///a.db")
    outcome = command("import", *words, *database)
    if outcome.verdict != "accepted":
        return outcome
    for name, *further in _READ:
        shown = command(name, "new", *further, *database)
        if shown.verdict == "fault":
            return Outcome("fault", f"after the import, {name} {further}: {shown.said}")
    return outcome


def _written(kind: str, content: Any, folder: Path) -> str:
    """Write the study; return what is to be imported."""
    if kind in ("jsonl", "parquet"):
        path = folder / f"study.{kind}"
        path.write_bytes(content)
        return str(path)
    if kind == "optuna":
        path = folder / "optuna.db"
        shutil.copyfile(_sources() / "optuna.db", path)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            _altered(path, content)
        return f"sqlite:///{path}"
    for name, text in content.items():
        (folder / "sweep" / name).parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            (folder / "sweep" / name).mkdir(exist_ok=True)
        else:
            (folder / "sweep" / name).write_bytes(text)
    return str(folder / "sweep")


def _altered(path: Path, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
    with sqlite3.connect(path) as connection:
        for statement, values in statements:
            try:
                connection.execute(statement, values)
            except (sqlite3.Error, OverflowError, UnicodeEncodeError):
                continue
    connection.close()


@cache
def _sources() -> Path:
    """Return a folder with a study in every form."""
    from autotrick.exchange import export_to_optuna, write
    from autotrick.records import open_database

    folder = scratch("imports")
    fill(f"sqlite:///{folder}/a.db", 10)
    with open_database(f"sqlite:///{folder}/a.db", create=False) as database:
        write(database, "digits", folder / "study.jsonl")
        write(database, "digits", folder / "study.parquet")
        export_to_optuna(database, "digits", f"sqlite:///{folder}/optuna.db")
    return folder


def _jsonl(rng: Random) -> bytes:
    text = (_sources() / "study.jsonl").read_bytes()
    if rng.random() < 0.35:
        return scrambled(rng, text)
    lines = [json.loads(line) for line in text.splitlines()]
    roll = rng.random()
    if roll < 0.15:
        lines = changed(rng, lines)
    else:
        i = rng.choice((0, 0, 1, 2, len(lines) - 1))
        lines[i] = changed(rng, lines[i]) if roll < 0.95 else rng.choice((nested(70), junk(rng)))
    if rng.random() < 0.5:
        _sign(lines)
    return "\n".join(map(json.dumps, lines)).encode(errors="replace")


def _sign(trials: list[Any]) -> None:
    """Let digests be right again, so that damage is not found by them alone."""
    from autotrick.recipe import Recipe

    for trial in trials[1:]:
        if isinstance(trial, dict) and isinstance(trial.get("recipe"), dict):
            try:
                trial["digest"] = Recipe.model_validate(trial["recipe"]).digest()
            except (ValueError, RecursionError):
                continue


def _parquet(rng: Random) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    path = _sources() / "study.parquet"
    if rng.random() < 0.3:
        return scrambled(rng, path.read_bytes())
    table = parquet.read_table(path)
    held = dict(table.schema.metadata)
    if rng.random() < 0.5:
        text = held[b"autotrick"]
        roll = rng.random()
        if roll < 0.4:
            held[b"autotrick"] = scrambled(rng, text)
        elif roll < 0.45:
            held[b"autotrick"] = rng.choice((b"[" * 5000, b"\xff\xfe{}", b"", b"null", b"[]"))
        else:
            held[b"autotrick"] = json.dumps(changed(rng, json.loads(text))).encode(errors="replace")
        table = table.replace_schema_metadata(held)
    else:
        table = _other_table(rng, table, pa).replace_schema_metadata(held)
    with io.BytesIO() as file:
        parquet.write_table(table, file)
        return file.getvalue()


def _other_table(rng: Random, table: Any, pa: Any) -> Any:
    name = rng.choice(table.column_names)
    i = table.column_names.index(name)
    roll = rng.random()
    if roll < 0.2:
        return table.drop_columns([name])
    if roll < 0.35:
        return table.append_column(rng.choice((name, "number", "x")), table.column(name))
    if roll < 0.5:
        return table.take(
            pa.array([rng.randrange(len(table)) for _ in range(rng.choice((0, 3)))], pa.int64())
        )
    if roll < 0.75:
        junks = [rng.choice((*TEXTS[:20], None)) for _ in range(len(table))]
        column = pa.array([t if t is None else t.replace("\ud800", "") for t in junks], pa.string())
        return table.set_column(i, name, column)
    value = rng.choice([n for n in NUMBERS if isinstance(n, float) or abs(n) < 2**63])
    return table.set_column(i, name, pa.array([value] * len(table)))


def _optuna(rng: Random) -> Any:
    if rng.random() < 0.15:
        return scrambled(rng, (_sources() / "optuna.db").read_bytes())
    found: list[tuple[str, tuple[Any, ...]]] = []
    for _ in range(rng.choice((1, 1, 2, 4))):
        table, columns = rng.choice(_tables())
        column = rng.choice(columns)
        value: Any = rng.choice((*NUMBERS, *TEXTS, None, b"\xff", "ODD", "v1.3.0.a", '{"a":'))
        only = "" if rng.random() < 0.3 else " WHERE rowid % 3 = 1"
        roll = rng.random()
        if roll < 0.8:
            found.append((f"UPDATE {table} SET {column} = ?{only}", (value,)))
        elif roll < 0.93:
            found.append((f"DELETE FROM {table}{only}", ()))
        else:
            found.append((f"DROP TABLE {table}", ()))
    return found


@cache
def _tables() -> tuple[tuple[str, tuple[str, ...]], ...]:
    with sqlite3.connect(_sources() / "optuna.db") as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return tuple(
            (name, tuple(row[1] for row in connection.execute(f"PRAGMA table_info({name})")))
            for name in names
        )


def _ray(rng: Random) -> dict[str, bytes | None]:
    from autotrick.space import all_off

    space = a_space()
    params = space.answers(all_off(space))
    files: dict[str, bytes | None] = {}
    for i in range(2):
        reports = [
            {
                "accuracy": 0.1 * epoch,
                "timestamp": 1795410749 + epoch,
                "done": False,
                "date": f"2026-11-23_05-12-{20 + epoch}",
                "training_iteration": epoch,
                "time_this_iter_s": 2.0,
                "time_total_s": 2.0 * epoch,
                "config": params,
            }
            for epoch in (1, 2, 3)
        ]
        given = changed(rng, params) if rng.random() < 0.4 else params
        told = changed(rng, reports) if rng.random() < 0.4 else reports
        files[f"t_{i}/params.json"] = json.dumps(given).encode(errors="replace")
        files[f"t_{i}/result.json"] = "".join(json.dumps(r) + "\n" for r in told).encode(
            errors="replace"
        )
    if rng.random() < 0.3:
        name = rng.choice([*files])
        files[name] = scrambled(rng, files[name] or b"")
    if rng.random() < 0.1:
        files[rng.choice([*files])] = None
    if rng.random() < 0.1:
        files["t_0/error.txt"] = rng.choice((b"\xff", b"Failure # 1 (occurred at 2026)", None))
    return files


_MADE = {"jsonl": _jsonl, "parquet": _parquet, "optuna": _optuna, "ray": _ray}
