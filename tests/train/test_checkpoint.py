import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from autotrick.data import Dataset
from autotrick.errors import ResourceError, TrainingError
from autotrick.recipe import Recipe
from autotrick.train import Snapshot, train
from autotrick.train.checkpoint import Checkpoint, load, newest, prune, save

MakeRecipe = Callable[..., Recipe]
CONTENT = {"model": {"weight": torch.arange(6.0)}, "reports": [{"epoch": 1}], "tricks": {}}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def forge(path: Path, value: object) -> Path:
    """Write a checkpoint whose checksum is right, whatever it holds."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    checksum = hashlib.sha256(buffer.getvalue()).hexdigest()
    path.write_bytes(f"autotrick-checkpoint 1 {checksum}\n".encode() + buffer.getvalue())
    return path


def test_content_comes_back(tmp_path: Path) -> None:
    made = save(tmp_path, 7, CONTENT)

    back = load(made.path)

    assert torch.equal(back["model"].pop("weight"), torch.arange(6.0))
    assert back == {"model": {}, "reports": [{"epoch": 1}], "tricks": {}}
    assert made == Checkpoint(tmp_path / "epoch-7.checkpoint", 7, made.checksum, made.bytes)
    assert made.path.stat().st_size == made.bytes


def test_checksum_is_that_of_the_content(tmp_path: Path) -> None:
    made = save(tmp_path, 1, CONTENT)

    header, _, payload = made.path.read_bytes().partition(b"\n")

    assert header.decode().split()[-1] == made.checksum == hashlib.sha256(payload).hexdigest()


def test_missing_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"no checkpoint at .*nope\.checkpoint") as found:
        load(tmp_path / "nope.checkpoint")

    assert found.value.reason == "lost_checkpoint"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: whole[:-1], id="cut by a byte"),
        pytest.param(lambda whole: whole[: len(whole) // 2], id="cut in half"),
        pytest.param(lambda whole: whole[:40], id="cut in the header"),
        pytest.param(lambda whole: whole[:0], id="empty"),
        pytest.param(lambda whole: whole[:300] + b"\0\1\2\3" + whole[304:], id="changed"),
        pytest.param(lambda whole: b"autotrick-checkpoint 2" + whole[22:], id="another format"),
    ],
)
def test_damaged_one_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = save(tmp_path, 1, CONTENT).path
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(TrainingError, match=r"epoch-1\.checkpoint is damaged") as found:
        load(path)

    assert found.value.reason == "damaged_checkpoint"


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.path}",)


def test_code_is_not_executed(tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    path = forge(tmp_path / "epoch-1.checkpoint", {"model": Trap(proof)})

    with pytest.raises(TrainingError, match="would execute code") as found:
        load(path)

    assert found.value.reason == "damaged_checkpoint"
    assert not proof.exists()


def test_newest_undamaged_one_is_found(tmp_path: Path) -> None:
    for epoch in (2, 9, 10, 11, 12):
        save(tmp_path, epoch, CONTENT)
    (tmp_path / "epoch-12.checkpoint").write_bytes(b"autotrick-checkpoint 1 half")
    forge(tmp_path / "epoch-11.checkpoint", {"model": Trap(tmp_path / "executed")})

    found = newest(tmp_path)

    assert found is not None
    assert found[0] == tmp_path / "epoch-10.checkpoint"
    assert torch.equal(found[1]["model"]["weight"], torch.arange(6.0))


def test_no_folder_no_checkpoint(tmp_path: Path) -> None:
    assert newest(tmp_path / "trial-0") is None


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for epoch in (8, 9, 10):
        save(tmp_path, epoch, CONTENT)
    left = tmp_path / "epoch-11.partial-4711"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    (tmp_path / "notes.txt").write_text("mine")

    prune(tmp_path, keep=2)

    assert names(tmp_path) == ["epoch-10.checkpoint", "epoch-9.checkpoint", "notes.txt"]


def test_what_another_process_is_writing_stays(tmp_path: Path) -> None:
    # As where a driver was killed, and its worker still lives while the next one's begins.
    save(tmp_path, 1, CONTENT)
    (tmp_path / "epoch-2.partial-4711").write_bytes(b"half")

    prune(tmp_path, keep=2)

    assert names(tmp_path) == ["epoch-1.checkpoint", "epoch-2.partial-4711"]


def test_spared_epoch_stays(tmp_path: Path) -> None:
    for epoch in (3, 4, 5, 6):
        save(tmp_path, epoch, CONTENT)

    prune(tmp_path, keep=2, spared=3)

    assert names(tmp_path) == ["epoch-3.checkpoint", "epoch-5.checkpoint", "epoch-6.checkpoint"]


def test_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    save(tmp_path, 1, CONTENT)
    # A device that is always full stands where the bytes of the next one go.
    (tmp_path / f"epoch-2.partial-{os.getpid()}").symlink_to("/dev/full")

    with pytest.raises(ResourceError, match=r"no space left for a checkpoint of \d\.\d MB in "):
        save(tmp_path, 2, CONTENT)

    assert names(tmp_path) == ["epoch-1.checkpoint"]
    assert load(tmp_path / "epoch-1.checkpoint")["reports"] == [{"epoch": 1}]


SMALL_FILES = """
import resource, sys
from pathlib import Path
import torch
from autotrick.train import checkpoint

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
checkpoint.save(Path(sys.argv[1]), 1, {"model": {"weight": torch.zeros(1000)}})
"""


def test_write_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    # In a process of its own: the limit would also cut off what pytest itself writes.
    command = [sys.executable, "-c", SMALL_FILES, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "ResourceError: cannot write a checkpoint of" in done.stderr
    assert "File too large" in done.stderr
    assert names(tmp_path) == []


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ResourceError, match=r"cannot write a checkpoint of .*file/trial-0"):
        save(tmp_path / "file" / "trial-0", 1, CONTENT)


KILLED = """
import os, sys
from pathlib import Path
import torch
from autotrick.train import checkpoint

def die(*_):
    os.kill(os.getpid(), 9)

# The kill comes when the bytes are written and the name is not yet given.
os.fsync = die
checkpoint.save(Path(sys.argv[1]), 3, {"model": {"weight": torch.zeros(1000)}})
"""


@pytest.mark.slow
def test_killed_write_leaves_no_file_under_the_final_name(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)

    assert killed.returncode == -9
    assert [name.partition("-")[2].split("-")[0] for name in names(tmp_path)] == ["3.partial"]
    assert newest(tmp_path) is None


def epochs_saved(asked: Recipe, data: Dataset, folder: Path) -> list[Checkpoint]:
    """Train and save after every epoch."""
    saved = []

    def keep(snapshot: Snapshot) -> bool:
        saved.append(snapshot.save(folder))
        return True

    train(asked, data, on_epoch=keep)
    return saved


def test_checkpoint_of_another_recipe_is_refused(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    made = epochs_saved(make_recipe(epochs=1), digits, tmp_path)[0]

    with pytest.raises(TrainingError, match="belongs to another recipe") as found:
        train(make_recipe(epochs=1, seed=1), digits, resume_from=made.path)

    assert found.value.reason == "wrong_checkpoint"


def test_resumed_from_each_epoch_equals_uninterrupted(
    digits: Dataset, make_recipe: MakeRecipe, many: dict[str, Any], tmp_path: Path
) -> None:
    asked = make_recipe(epochs=4, tricks=many, accumulation=2)
    saved = epochs_saved(asked, digits, tmp_path)
    whole = train(asked, digits)

    resumed = [train(asked, digits, resume_from=made.path) for made in saved]

    kept = {"epoch", "accuracy", "loss", "train_loss", "lr", "weights", "extra"}
    expected = [report.model_dump(include=kept) for report in whole.reports]
    found = [[report.model_dump(include=kept) for report in each.reports] for each in resumed]
    assert found == [expected] * 4


def test_resuming_repeats_no_epoch(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    asked = make_recipe(epochs=3)
    second = epochs_saved(asked, digits, tmp_path)[1]
    seen: list[int] = []

    def note(snapshot: Snapshot) -> bool:
        seen.append(len(snapshot.reports))
        return True

    train(asked, digits, resume_from=second.path, on_epoch=note)

    assert seen == [3]


@pytest.mark.parametrize(
    ("harm", "left"),
    [
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-9]), 2, id="damaged"),
        pytest.param(lambda path: path.unlink(), 2, id="lost"),
        pytest.param(lambda path: shutil.rmtree(path.parent), 0, id="all lost"),
    ],
)
def test_folder_without_its_newest_one_goes_on_from_the_one_before(
    digits: Dataset,
    make_recipe: MakeRecipe,
    tmp_path: Path,
    harm: Callable[[Path], object],
    left: int,
) -> None:
    asked = make_recipe(epochs=4)
    saved = epochs_saved(asked, digits, tmp_path / "whole")
    folder = tmp_path / "trial-0"
    shutil.copytree(tmp_path / "whole", folder)
    (folder / saved[3].path.name).unlink()
    harm(folder / saved[2].path.name)
    begun: list[int] = []

    def note(snapshot: Snapshot) -> bool:
        begun.append(snapshot.begun)
        return True

    found = train(asked, digits, resume_from=folder, on_epoch=note)

    assert begun == [left] * (4 - left)
    assert found.weights == train(asked, digits).weights


def test_checkpoint_is_read_once_to_be_resumed_from(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    asked = make_recipe(epochs=2)
    epochs_saved(asked, digits, tmp_path)
    opened: list[str] = []

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(tmp_path) in str(arguments[0]):
            opened.append(Path(str(arguments[0])).name)

    # An audit hook stays for the life of the process, so it looks at this folder alone.
    sys.addaudithook(note)
    train(asked, digits, resume_from=tmp_path)

    assert opened == ["epoch-2.checkpoint"]
