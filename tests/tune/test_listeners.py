"""What a search tells TensorBoard and Prometheus."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autotrick import records
from autotrick.errors import ResourceError
from autotrick.tune.driver.events import Event
from autotrick.tune.loggers.prometheus import Exporter, each
from autotrick.tune.loggers.tensorboard import TensorBoard, settings
from tests.simulated import a_recipe

Say = Callable[..., str]


def launch(driver: Any, handle: str) -> None:
    assert driver.next(handle) is not None
    driver.on_start(handle, "10.0.0.7")


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Read event files: records of a length, its checksum, an event, and its checksum."""
    from tensorboardX.proto.event_pb2 import Event as Entry

    found: dict[str, list[tuple[int, float]]] = {}
    for file in sorted(folder.rglob("events.*")):
        data = file.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            entry = Entry.FromString(data[12 : 12 + length])
            data = data[16 + length :]
            for value in entry.summary.value:
                if value.HasField("simple_value"):
                    found.setdefault(value.tag, []).append((entry.step, value.simple_value))
    return found


def test_tensorboard_has_every_epoch_and_the_outcome(desk: Any, say: Say, tmp_path: Path) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.25, 0.5, 0.75, 0.875))
    board = TensorBoard(tmp_path / "board", "words")

    for event in desk.events:
        board(event)

    found = scalars(tmp_path / "board" / "words" / "trial-0")
    assert found["epoch/accuracy"] == [(1, 0.25), (2, 0.5), (3, 0.75), (4, 0.875)]
    assert [step for step, _ in found["epoch/loss"]] == [1, 2, 3, 4]
    assert [value for _, value in found["final/accuracy"]] == [0.875]


def test_settings_are_flat_and_leave_out_what_no_table_holds() -> None:
    tricks = {"flip": {}, "mixup": {"alpha": 0.25, "weights": [1, 2], "inverse": False}}

    found = settings(
        a_recipe().model_copy(update={"architecture_settings": {"width": 0.5}, "tricks": tricks})
    )

    assert found["architecture.width"] == 0.5
    assert {name: found[name] for name in found if name.partition(".")[0] in tricks} == {
        "flip": True,
        "mixup": True,
        "mixup.alpha": 0.25,
        "mixup.inverse": False,
    }


def test_tensorboard_keeps_no_file_of_a_paused_trial_open(
    desk: Any, say: Say, tmp_path: Path
) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.5))
    board = TensorBoard(tmp_path, "words")
    first = next(event for event in desk.events if event.kind == "epoch")

    board(first)
    board(Event("paused", 0, first.recipe, first.report))
    after_pause = dict(board._writers)
    board(first)
    board.close()

    assert after_pause == {}
    assert len(scalars(tmp_path)["epoch/accuracy"]) == 2


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ResourceError, match=r"--tensorboard .*file cannot be written to"):
        TensorBoard(tmp_path / "file", "words")


def test_nothing_is_left_where_no_trial_begins(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    TensorBoard(tmp_path / "mine" / "deeper" / "board", "words").close()

    assert list(tmp_path.rglob("*")) == [tmp_path / "mine"]


def test_metrics_count_trials_by_state(desk: Any, say: Say) -> None:
    earlier = desk.driver()
    launch(earlier, "x")
    earlier.on_message("x", say(0.3))
    earlier.close("interrupted")
    exporter = Exporter(records.study(desk.database, desk.space.name))
    driver = desk.driver()
    desk.events.clear()

    launch(driver, "a")  # the one that waited
    launch(driver, "b")
    launch(driver, "c")
    driver.on_message("a", say(0.4, 0.5, 0.6, start=2))
    driver.on_message("b", say(failure=("nan_loss", "the loss became nan.")))
    driver.on_lost("c")
    for event in desk.events:
        exporter(event)

    counts = {state: count for state, count in exporter.counts.items() if count}
    assert counts == {"complete": 1, "failed": 1, "waiting": 1}
    assert exporter.best == 0.6


def test_every_listener_is_told_and_a_report_has_its_lag(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.3))
    one: list[Event] = []
    two: list[Event] = []

    for event in desk.events:
        each(one.append, two.append)(event)

    assert one == two == desk.events
    assert [event.lag_s > 0 for event in one if event.kind == "epoch"] == [True]
