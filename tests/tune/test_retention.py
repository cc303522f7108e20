import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from autotrick import records
from autotrick.records import CheckpointRow
from autotrick.space import SearchSpace
from autotrick.tune.checkpoints.retention import superfluous

Say = Callable[..., str]


def row(number: int, epoch: int = 1, size: int = 1_000_000) -> CheckpointRow:
    return CheckpointRow(number + 100, epoch, f"/files/{number}/{epoch}", "c", size)


KEPT = {number: [row(number, 1), row(number, 2)] for number in range(5)}
ENDED, BEST = (0, 1, 2, 3), (1, 2, 0)  # 3 was pruned, 4 is not at its end


@pytest.mark.parametrize(
    ("best", "quota_mb", "stay"),
    [
        (10, None, {0, 1, 2, 4}),
        (2, None, {1, 2, 4}),
        (2, 1.5, {1, 4}),
        (2, 0.5, {4}),
        (0, None, {4}),
    ],
)
def test_best_stay_and_what_is_not_at_its_end(
    best: int, quota_mb: float | None, stay: set[int]
) -> None:
    gone = superfluous(ENDED, KEPT, BEST[:best], quota_mb)

    left = {
        number: [each for each in kept if (number, each) not in gone]
        for number, kept in KEPT.items()
    }
    assert {number for number, kept in left.items() if kept} == stay
    assert left[4] == KEPT[4]
    assert all(left[number] == KEPT[number][1:] for number in stay - {4})


@pytest.fixture
def files(desk: Any, make_space: Callable[..., SearchSpace], say: Say) -> Path:
    """A study that keeps the best one, with the files of trials 0 (best), 1, and 2, which waits."""
    space = make_space(method='"none"')
    settings = space.study.model_copy(update={"keep_checkpoints": 1})
    desk.space = space.model_copy(update={"study": settings})
    folder: Path = desk.storage
    driver = desk.driver()
    for number, accuracies in enumerate([(0.5, 0.6, 0.7, 0.9), (0.1, 0.2, 0.3, 0.8), (0.3,)]):
        driver.next(str(number))
        driver.on_start(str(number), "here")
        for epoch, accuracy in enumerate(accuracies, 1):
            path = folder / f"trial-{number}" / f"epoch-{epoch}.checkpoint"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"content")
            # The worker keeps two.
            (path.parent / f"epoch-{epoch - 2}.checkpoint").unlink(missing_ok=True)
            saved = {"path": str(path), "epoch": epoch, "checksum": "c", "bytes": 7}
            driver.on_message(str(number), say(accuracy, start=epoch, checkpoint=saved))
    driver.close("interrupted")
    return folder


def on_record(desk: Any) -> set[Path]:
    rows = records.checkpoints(desk.database, desk.space.name).values()
    return {Path(each.path) for kept in rows for each in kept}


def there(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.checkpoint")}


def test_record_and_files_are_the_same(desk: Any, files: Path) -> None:
    assert there(files) == {"trial-0/epoch-4.checkpoint", "trial-2/epoch-1.checkpoint"}
    assert on_record(desk) == {files / name for name in there(files)}
    assert not (files / "trial-1").exists()


def test_among_equals_that_one_stays_that_people_find_best(
    desk: Any, make_space: Callable[..., SearchSpace], say: Say
) -> None:
    space = make_space(method='"none"')
    desk.space = space.model_copy(
        update={"study": space.study.model_copy(update={"keep_checkpoints": 2})}
    )
    driver = desk.driver()
    for number in range(4):
        driver.next(str(number))
        driver.on_start(str(number), "here")
        path = desk.storage / f"trial-{number}" / "epoch-4.checkpoint"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"content")
        saved = {"path": str(path), "epoch": 4, "checksum": "c", "bytes": 7}
        message = json.loads(say(0.9, 0.9, 0.9, 0.9, checkpoint=saved))
        for report in message["reports"]:
            report["seconds"] = (2.0, 1.0, 3.0, 0.5)[number]
        driver.on_message(str(number), json.dumps(message))

    shown = [row.number for row in records.best(desk.database, desk.space.name, limit=2)]
    assert shown == [3, 1]
    assert there(desk.storage) == {f"trial-{number}/epoch-4.checkpoint" for number in shown}


def test_later_driver_goes_on_tidying(desk: Any, files: Path, say: Say) -> None:
    driver = desk.driver()
    driver.next("again")
    driver.on_start("again", "here")
    path = files / "trial-2" / "epoch-4.checkpoint"
    path.write_bytes(b"content")
    (files / "trial-2" / "epoch-1.checkpoint").unlink()
    saved = {"path": str(path), "epoch": 4, "checksum": "c", "bytes": 7}

    driver.on_message("again", say(0.3, 0.9, 0.9, 0.95, checkpoint=saved))

    assert there(files) == {"trial-2/epoch-4.checkpoint"}
    assert on_record(desk) == {path}


@pytest.mark.parametrize("kind", ["folder", "file", "memory"])
def test_files_of_an_ended_trial_that_were_never_recorded_go(
    desk: Any, say: Say, kind: str
) -> None:
    if kind != "folder":
        desk.storage = f"{kind}://{desk.storage}"
    system, folder = fsspec.core.url_to_fs(f"{desk.storage}/trial-0")
    driver = desk.driver()
    driver.next("a")
    driver.on_start("a", "here")
    system.makedirs(folder)
    for name in ("epoch-1.checkpoint", "epoch-2.partial-77", "epoch-2.checkpoint.partial-abc"):
        system.pipe_file(f"{folder}/{name}", b"weights")

    driver.on_message("a", say(failure=("nan_loss", "the loss became nan")))

    assert not system.exists(folder)
