"""What is recorded of a data set, and that odd records are no tracebacks."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autotrick.data import describe, load, recorded
from autotrick.data.dataset import DECODING
from autotrick.recipe import DataRef

Tree = Callable[..., Path]
WHOLE = {
    "classes": ["a", "b"],
    "counts": {"train": [3, 4], "validation": [1, 1]},
    "shape": [8, 8, 3],
    "carved": True,
    "decoding": 2,
    "notes": [{"kind": "other", "count": 1, "sentence": "1 file", "examples": ["x"]}],
}


def test_facts_are_the_same_again_from_their_json(tree: Tree, tmp_path: Path, cache: Path) -> None:
    root = tree("train/a", "train/b", "val/b", "test/a", "test/b")
    shutil.copy(root / "train/a/0.png", root / "test/a/copy.png")
    data = load(DataRef(name="folder:images"), data_dir=tmp_path, cache_dir=cache)

    facts = describe(data)

    assert facts.counts == {"train": (4, 4), "validation": (0, 4), "test": (5, 4)}
    assert (facts.shape, facts.carved, facts.decoding) == ((6, 6, 3), False, DECODING)
    assert [note.kind for note in facts.notes] == ["copies_test", "missing_class"]
    assert recorded(json.loads(json.dumps(facts.to_json()))) == facts


def test_class_names_can_be_recorded_whatever_they_are(
    tree: Tree, tmp_path: Path, cache: Path
) -> None:
    tree("tab\tbed", "\udcff", "plain")
    data = load(DataRef(name="folder:images"), data_dir=tmp_path, cache_dir=cache)

    facts = describe(data)

    assert facts.classes == ("plain", "tab\\tbed", "\\xff")
    json.dumps(facts.to_json(), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"classes": 3},
        {"classes": ["a"]},
        {"counts": {"train": "many"}},
        {"counts": []},
        {"counts": {"train": [1, 2, 3]}},
        {"shape": [8, 8]},
        {"shape": None},
        {"decoding": "new"},
        {"decoding": float("inf")},
        {"notes": "none"},
        {"notes": [{"kind": "other"}]},
        {"notes": [3]},
    ],
    ids=str,
)
def test_records_of_other_kinds_are_no_facts(change: dict[str, Any]) -> None:
    assert recorded(WHOLE) is not None
    assert recorded(WHOLE | change) is None


def test_records_of_others_can_be_shown() -> None:
    note = {"kind": "x", "count": 1, "sentence": "\x1b]0;title\x07", "examples": ["\ud83d\n"]}

    facts = recorded(WHOLE | {"classes": ["a\x1b[31m", "b"], "notes": [note]})

    assert facts is not None and facts.classes[0] == "a\\x1b[31m"
    assert str(facts.notes[0]) == "\\x1b]0;title\\x07: \\ud83d\\n."


@pytest.mark.parametrize("value", [None, {}, {"classes": {"0": 3}, "notes": []}])
def test_studies_without_facts_have_none(value: Any) -> None:
    assert recorded(value) is None
