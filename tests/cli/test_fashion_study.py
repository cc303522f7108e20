"""A real study with phases: Fashion-MNIST, 19 minutes on two cores, as `autotrick export` wrote it."""

import json
from pathlib import Path

from tests.cli.conftest import Command

FILE = Path(__file__).parents[1] / "studies" / "fashion_mnist_tricks.parquet"


def test_a_real_screen_is_answered_and_shown(command: Command, folder: Path) -> None:
    command("import", str(FILE))

    rows = [json.loads(line) for line in command("tricks", FILE.stem, "--json").stdout.splitlines()]
    said = command("tricks", FILE.stem).stdout

    assert len(rows) == 13 and all(row["epoch"] == 6 for row in rows)
    assert {row["trick"] for row in rows if row["verdict"] == "harms"} == {"ricap"}
    assert said.startswith("Use linear warmup and random erasing")
    assert "mixup" not in said.splitlines()[0]


def test_its_report_begins_with_the_answer(command: Command, folder: Path) -> None:
    command("import", str(FILE))

    command("report", FILE.stem, "-o", "fashion.html")

    page = (folder / "fashion.html").read_text()
    assert page.index("Use linear warmup and random erasing") < page.index(
        "What each trick changes"
    )
    assert "The design of the screen" in page
