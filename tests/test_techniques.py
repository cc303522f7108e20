"""The tables of techniques, and of what users of other tools complain of, name what there is."""

import csv
import re
from pathlib import Path

import pytest

from autotrick.augment.policies import OPERATIONS
from autotrick.tricks import TRICKS

ROOT = Path(__file__).parents[1]
TECHNIQUES = ROOT / "docs" / "techniques.md"
IMGAUG = ROOT / "docs" / "imgaug.md"
COMPLAINTS = ROOT / "docs" / "complaints.md"
ROWS = ROOT / "docs" / "technique_rows.csv"
"""Every row that the articles give, with its group and what has to be checked of it."""
WAITS = re.compile(
    r"missing: [^|]+ \(waits for: (segmentation|networks|GPU and streaming|dashboards|no issue yet)\)$"
)


def rows(page: Path) -> list[list[str]]:
    """Return the cells of the tables whose rows begin with an id or a name."""
    lines = [line for line in page.read_text().splitlines() if re.match(r"\| [A-Za-z]", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def techniques() -> list[list[str]]:
    return [row for row in rows(TECHNIQUES) if re.fullmatch(r"[A-E]\d\d", row[0])]


@pytest.mark.parametrize("page", [TECHNIQUES, IMGAUG], ids=["techniques", "imgaug"])
def test_linked_tricks_exist(page: Path) -> None:
    links = re.findall(r"\[(\w+)\]\(tricks/(\w+)\.md\)", page.read_text())

    assert links and {name for pair in links for name in pair} <= TRICKS.keys()


def known() -> dict[str, dict[str, str]]:
    with ROWS.open(newline="") as file:
        return {row["row"]: row for row in csv.DictReader(file)}


def test_every_row_is_there_once() -> None:
    names = [row[0] for row in techniques()]

    assert len(names) == len(set(names)) == 257
    assert set(names) == known().keys()


def test_every_row_says_what_has_to_be_checked() -> None:
    assert [row for row, cells in known().items() if not all(cells.values())] == []
    assert {cells["group"] for cells in known().values()} == {f"G{i}" for i in range(1, 13)}


@pytest.mark.parametrize("row", techniques(), ids=lambda row: row[0])
def test_a_row_names_tests_that_exist_or_what_is_missing_and_what_it_waits_for(
    row: list[str],
) -> None:
    assert len(row) == 4
    _, technique, where, shown = row
    assert technique and where
    if "missing" in where:
        assert WAITS.search(where), where
    if shown != "-":
        verify_tests(shown)
    else:
        assert WAITS.search(where), "a row without a test says what is missing"


def test_every_complaint_is_answered_by_tests_that_exist() -> None:
    lines = re.findall(r"^\| (\d+) \|.*\|(.*)\|$", COMPLAINTS.read_text(), re.MULTILINE)

    assert [int(number) for number, _ in lines] == list(range(1, 26))
    for _, shown in lines:
        verify_tests(shown)


def verify_tests(shown: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", shown)
    assert named
    for file, test in named:
        text = (ROOT / file).read_text()
        assert not test or f"\ndef {test}(" in text, f"{file} has no {test}"


def test_imgaug_table_names_what_there_is() -> None:
    table = rows(IMGAUG)[1:]
    operations = {name for row in table for name in re.findall(r"`([A-Z]\w+)`", row[1])}

    assert operations <= set(OPERATIONS)
    assert all(re.search(r"`\w|\]\(tricks/|missing", row[1]) for row in table)


@pytest.mark.parametrize(
    "name", ["auto_contrast", "channel_permutation", "equalize", "posterize", "solarize"]
)
def test_photometric_tricks_stand_in_the_imgaug_table(name: str) -> None:
    assert f"](tricks/{name}.md)" in IMGAUG.read_text()
