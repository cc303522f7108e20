"""What `autotrick init` does: look at the images, decide, write the space, and say what comes next."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrick.atomic_file import whole_file
from autotrick.begin import Proposal, Survey, propose, source_of, space_text, survey
from autotrick.begin.survey import folder_counts
from autotrick.cli.output import announce, console, print_json
from autotrick.cli.tables import print_table
from autotrick.data import Facts, describe, load, nearly_equal, tell, warnings
from autotrick.data.damaged import DamagedError
from autotrick.data.files import counted
from autotrick.errors import ResourceError
from autotrick.recipe import DataRef
from autotrick.views.data import data_sentence, data_table, validation_sentence
from autotrick.views.table import TextTable
from autotrick.views.text import duration

if TYPE_CHECKING:
    from autotrick.begin.machine import Machine

_LISTED = 100
"""Damaged images that are listed."""


def write_first_space(  # noqa: PLR0913 -- the options of `init`
    words: tuple[str, ...],
    *,
    output: Path | None,
    time_budget: float,
    force: bool,
    cache: Path | None,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Write a space for the images, and print what was seen and decided.

    Raises:
        DataError: There are no such images, or some cannot be read.
        ResourceError: The file is there already, or cannot be written.
    """
    name = source_of(words)
    path = output or Path(f"{_stem(name)}.toml")
    if path.exists() and not force:
        raise ResourceError(
            f"{path.absolute()} is there already. Name another file with -o, or replace it with --force."
        )
    if not path.absolute().parent.is_dir():
        raise ResourceError(
            f"there is no folder {path.absolute().parent}. Make it, or name another."
        )
    try:
        seen = survey(name, data_dir)
        if not as_json:
            _print_seen(seen)
        announce("Loading PyTorch to measure its speed")
        from autotrick.begin.machine import Machine

        machine = Machine.here(seen)
        found = propose(
            seen,
            budget_s=time_budget,
            slots=machine.slots,
            gpu=machine.gpu,
            pretrained=machine.pretrained,
            speed=machine.epoch_seconds,
        )
        announce(f"Decoding {counted(seen.images, 'image')}")
        facts = describe(load(_ref(found), data_dir=data_dir, cache_dir=cache))
    except DamagedError as error:
        _print_damaged(error, name, data_dir)
        raise
    made = f"autotrick init {shlex.join(words)} --time-budget {time_budget / 60:g}m"
    _write(path, space_text(found, made=made, device=machine.words))
    if as_json:
        print_json([_json(found, facts, path)])
    else:
        _print_found(found, facts, path, machine, data_dir)


def _stem(name: str) -> str:
    """Return a name for the space, which becomes the study's."""
    last = Path(name.rpartition(":")[2]).expanduser().absolute().name if ":" in name else name
    last = last.removesuffix(".parquet")
    kept = "".join(c if c.isalnum() or c in "_-" else "_" for c in last).strip("_-")
    return kept[:100] or "space"


def _ref(found: Proposal) -> DataRef:
    ref = DataRef(name=found.survey.name, image_size=found.image_size)
    return ref.model_copy(
        update={
            "resize": found.resize or ref.resize,
            "validation": found.validation or ref.validation,
        }
    )


def _write(path: Path, text: str) -> None:
    """Write the space, once it is known to load.

    Raises:
        ResourceError: The file cannot be written.
    """
    from autotrick import space as spaces

    try:
        with whole_file(path) as partial:
            partial.write_text(text, encoding="utf-8")
            spaces.load(partial)
    except OSError as error:
        raise ResourceError(f"{path.absolute()} cannot be written: {error.strerror}.") from None


def _print_seen(seen: Survey) -> None:
    sizes = seen.sizes
    low, high = (f"{wide}x{high}" for high, wide in (sizes.low, sizes.high))
    between = f"{low} pixels" if low == high else f"{low} to {high} pixels"
    console().print(
        f"{seen.name}: {counted(seen.images, 'training image')} of {len(seen.classes):,} classes, "
        f"{between}, {'grey' if seen.channels == 1 else 'in colour'}.",
        soft_wrap=True,
    )


def _print_damaged(error: DamagedError, name: str, data_dir: Path | None) -> None:
    """List every image that cannot be read, and what the classes are nonetheless."""
    if found := folder_counts(name, data_dir):
        counts, notes = found
        _print_counts(counts)
        tell(notes)
    out = console(stderr=True)
    out.print(f"{counted(len(error.damaged), 'image')} cannot be read:", style="yellow")
    for _, why in error.damaged[:_LISTED]:
        out.print(f"  {why}", style="yellow", soft_wrap=True)
    if (more := len(error.damaged) - _LISTED) > 0:
        out.print(f"  and {more:,} more", style="yellow")


def _print_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    splits = list(counts)
    rows = [
        (label, *(f"{counts[split].get(label, 0):,}" for split in splits))
        for label in counts["train"]
    ]
    numeric = frozenset(range(1, len(splits) + 1))
    print_table("Files of images by class", TextTable(("Class", *splits), rows, numeric))


def _print_found(
    found: Proposal, facts: Facts, path: Path, machine: "Machine", data_dir: Path | None
) -> None:
    out = console()
    print_table(data_sentence(facts), data_table(facts))
    out.print(validation_sentence(facts), soft_wrap=True)
    for warning in (*warnings(facts), *nearly_equal(facts)):
        console(stderr=True).print(f"Data: {warning}", style="yellow", soft_wrap=True)
    if found.guess:
        out.print(found.guess, soft_wrap=True)
    networks = ", ".join((*found.architectures, *found.pretrained))
    out.print(
        f"Wrote {path}: {len(found.tricks)} tricks, {networks}, {found.epochs} epochs, "
        f"{found.trials} trials, {found.slots} at a time: about {duration(found.seconds)} of "
        f"{duration(found.budget_s)}.",
        soft_wrap=True,
    )
    if found.short:
        out.print(
            "That time is too short to tell tricks apart. Give it more (--time-budget), or expect only a "
            "rough ranking.",
            style="yellow",
            soft_wrap=True,
        )
    more = f" --data-dir {shlex.quote(str(data_dir))}" if data_dir else ""
    more += " --gpus-per-trial 1" if machine.gpu else ""
    out.print(f"What it would do: autotrick search {path}{more} --dry-run", soft_wrap=True)
    out.print(f"Search:           autotrick search {path}{more}", soft_wrap=True)


def _json(found: Proposal, facts: Facts, path: Path) -> dict[str, Any]:
    decided = asdict(found)
    decided.pop("survey")
    return {
        "space": str(path.absolute()),
        "data": facts.to_json() | {"name": found.survey.name},
        "validation_error": facts.validation_error,
        "warnings": [note.to_json() for note in warnings(facts)],
        **decided,
        "seconds": found.seconds,
    }
