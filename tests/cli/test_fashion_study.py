"""A real study with phases: Fashion-MNIST, 40 minutes on two cores, as `autotrick export` wrote it."""

import json
from pathlib import Path

from tests.cli.conftest import Command

FILE = Path(__file__).parents[1] / "studies" / "fashion_mnist_tricks.parquet"


def test_a_real_screen_is_answered_and_shown(command: Command, folder: Path) -> None:
    command("import", str(FILE))

    rows = [json.loads(line) for line in command("tricks", FILE.stem, "--json").stdout.splitlines()]
    said = command("tricks", FILE.stem).stdout

    told = {row["trick"]: row["verdict"] for row in rows if row["num_without"]}
    assert len(told) == 13 and all(row["epoch"] == 6 for row in rows)
    of: dict[str, set[str]] = {}
    for trick, verdict in told.items():
        of.setdefault(verdict, set()).add(trick)
    assert of.pop("helps") == {"ema"}
    assert of.pop("does not matter") == {"linear_warmup", "no_norm_decay"}
    assert of.pop("cannot tell yet") == {"cosine_decay", "label_smoothing", "step_decay"}
    harmful = {"cutmix", "cutout", "flip", "mixup", "pad_crop", "random_erasing", "ricap"}
    assert of == {"harms": harmful}
    assert said.startswith("Use ema; also cosine decay and label smoothing, not clear")
    assert "subset" not in said[: said.index("Tricks of")]


def test_its_report_begins_with_the_answer(command: Command, folder: Path) -> None:
    command("import", str(FILE))

    command("report", FILE.stem, "-o", "fashion.html")

    page = (folder / "fashion.html").read_text()
    assert page.index("Use ema; also cosine decay") < page.index("What each trick changes")
    assert "The design of the screen" in page
