"""Files that may be anything: a pipe, a device, a file of holes."""

import os
from pathlib import Path

import pytest

from autotrick.bounded_file import is_regular, read_bounded
from autotrick.checkpoint_names import MAGIC
from autotrick.errors import RecipeError, TrainingError, TrickError


@pytest.fixture(params=["pipe", "device", "folder", "holes", "damaged holes", "nul", "long"])
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "epoch-1.checkpoint"
    if request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "device":
        path.symlink_to("/dev/zero")
    elif request.param == "folder":
        path.mkdir()
    elif request.param == "nul":
        return Path("/tmp/\0x")
    elif request.param == "long":
        return Path("/" + "x" * 5000)
    else:
        with path.open("wb") as file:
            if request.param == "damaged holes":
                file.write(MAGIC + b"0" * 64 + b"\n")
            file.truncate(2**40)
    return path


def test_only_regular_files_within_the_limit_are_read(odd: Path) -> None:
    with pytest.raises(OSError, match=r"\S"):
        read_bounded(odd, 1000)


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("some text")

    assert read_bounded(tmp_path / "a", 9) == b"some text"
    assert read_bounded(tmp_path / "a", 9, begins=b"some") == b"some text"
    assert read_bounded(tmp_path / "a", 9, begins=b"other") == b"some "
    assert is_regular(tmp_path / "a")


@pytest.mark.slow
def test_checkpoints_weights_and_policies_may_be_any_file(odd: Path) -> None:
    from autotrick.augment.files import read as read_policy
    from autotrick.train.checkpoint import load
    from autotrick.tricks.pretrained_start import read

    with pytest.raises(TrainingError):
        load(odd)
    with pytest.raises(RecipeError):
        read(str(odd), "0" * 16)
    with pytest.raises(TrickError):
        read_policy(odd)


def unwanted(*args: object, **more: object) -> None:
    pytest.fail("was read")


def test_a_large_checkpoint_is_checked_before_it_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autotrick.train import checkpoint

    monkeypatch.setattr(checkpoint, "_LARGE", 100)
    monkeypatch.setattr(checkpoint, "read_bounded", unwanted)
    path = tmp_path / "epoch-1.checkpoint"
    path.write_bytes(MAGIC + b"0" * 64 + b"\n" + b"\0" * 1000)

    with pytest.raises(TrainingError, match="is damaged"):
        checkpoint.load(path)
