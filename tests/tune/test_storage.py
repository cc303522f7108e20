"""Checkpoints in places that are no folders of this machine."""

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest
import torch

from autotrick.errors import ResourceError
from autotrick.train.checkpoint import ABANDONED_S, load, newest, save
from autotrick.tune.checkpoints.storage import (
    check,
    inside,
    open_checkpoints,
    place_of,
    remove,
    rooted,
    sweep,
)


@pytest.fixture(params=["memory", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place of a trial's checkpoints that is not there yet."""
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}/trial-0"
    return f"file://{tmp_path}/there/trial-0"


def names(url: str) -> list[str]:
    system, path = fsspec.core.url_to_fs(url)
    return sorted(name.rpartition("/")[2] for name in system.ls(path, detail=False))


def content(epoch: int) -> dict[str, Any]:
    return {"epoch": epoch, "weights": torch.full((3,), float(epoch))}


def attempt(url: str, *epochs: int) -> list[str]:
    """Save some epochs as one attempt does; return the addresses to record."""
    with open_checkpoints(url) as kept:
        return [kept.keep(save(kept.folder, n, content(n)).path) for n in epochs]


def test_next_attempt_finds_what_the_last_one_kept(url: str) -> None:
    addresses = attempt(url, 1, 2, 3)

    with open_checkpoints(url) as kept:
        found = newest(kept.folder)

    assert addresses[-1] == f"{url}/epoch-3.checkpoint"
    assert found is not None
    assert found[1]["epoch"] == 3
    assert torch.equal(found[1]["weights"], torch.full((3,), 3.0))


def test_only_the_newest_two_are_kept(url: str) -> None:
    attempt(url, 8, 9, 10, 11)

    assert names(url) == ["epoch-10.checkpoint", "epoch-11.checkpoint"]


def test_spared_epoch_stays_where_they_are_kept(url: str) -> None:
    with open_checkpoints(url, keep_epoch=8) as kept:
        for epoch in (8, 9, 10, 11):
            kept.keep(save(kept.folder, epoch, content(epoch)).path)

    assert names(url) == ["epoch-10.checkpoint", "epoch-11.checkpoint", "epoch-8.checkpoint"]


def test_damaged_one_gives_way_to_the_one_before(url: str) -> None:
    attempt(url, 1, 2)
    system, path = fsspec.core.url_to_fs(url)
    system.pipe_file(f"{path}/epoch-2.checkpoint", b"half of")

    with open_checkpoints(url) as kept:
        found = newest(kept.folder)

    assert found is not None and found[1]["epoch"] == 1


def test_upload_that_was_cut_short_is_no_checkpoint_and_goes(url: str) -> None:
    attempt(url, 1)
    system, path = fsspec.core.url_to_fs(url)
    system.pipe_file(f"{path}/epoch-2.checkpoint.partial-abc", b"half of")
    system.pipe_file(f"{path}/epoch-2.checkpoint.partial-def", b"half of")
    age(f"{path}/epoch-2.checkpoint.partial-abc")

    with open_checkpoints(url) as kept:
        assert [file.name for file in kept.folder.iterdir()] == ["epoch-1.checkpoint"]
    attempt(url, 2)

    # The other one may still be under way.
    left = ["epoch-2.checkpoint.partial-def"]
    assert names(url) == ["epoch-1.checkpoint", "epoch-2.checkpoint", *left]


def age(path: str) -> None:
    """Let a file be as old as one that nobody writes any more."""
    memory = fsspec.filesystem("memory")
    if path in memory.store:
        memory.store[path].modified -= timedelta(seconds=2 * ABANDONED_S)
    else:
        then = time.time() - 2 * ABANDONED_S
        os.utime(path, (then, then))


def test_sweep_leaves_what_is_to_stay_and_what_is_not_ours(url: str) -> None:
    attempt(url, 1, 2)
    system, path = fsspec.core.url_to_fs(url)
    for name in ("epoch-3.checkpoint.partial-abc", "epoch-3.partial-7", "notes"):
        system.pipe_file(f"{path}/{name}", b"half of")

    sweep(url, ["epoch-1.checkpoint"])

    assert names(url) == ["epoch-1.checkpoint", "notes"]


def test_sweep_takes_an_empty_place_away(url: str) -> None:
    attempt(url, 1, 2)
    system, path = fsspec.core.url_to_fs(url)

    sweep(url, [])
    sweep(url, [])

    assert not system.exists(path)


def test_attempt_leaves_nothing_on_its_node(url: str) -> None:
    with open_checkpoints(url) as kept:
        folder = kept.folder
        kept.keep(save(folder, 1, content(1)).path)

    assert not folder.exists()


def test_folder_is_used_as_it_is(tmp_path: Path) -> None:
    with open_checkpoints(tmp_path) as kept:
        made = save(kept.folder, 1, content(1))
        address = kept.keep(made.path)

    assert (kept.folder, address) == (tmp_path, str(made.path))
    assert load(made.path)["epoch"] == 1


def test_checkpoint_is_removed_once(url: str) -> None:
    (address,) = attempt(url, 1)

    assert [remove(address), remove(address)] == [True, False]


@pytest.mark.parametrize(
    ("url", "why"), [("nonsense://x", "nonsense"), ("file:///proc/nowhere/files", "cannot be used")]
)
def test_place_that_cannot_be_used_is_named(url: str, why: str) -> None:
    with pytest.raises(ResourceError, match=why) as refused:
        check(url)

    assert "\n" not in str(refused.value)


def test_places() -> None:
    assert place_of("s3://bucket/files/") == "s3://bucket/files"
    assert inside("s3://bucket/files", "trial-3") == "s3://bucket/files/trial-3"
    assert place_of("files") == Path("files")
    assert rooted(Path("files")) == Path.cwd() / "files"
    assert rooted("s3://bucket") == "s3://bucket"


def test_attempt_without_own_checkpoints_begins_with_an_inherited_one(url: str) -> None:
    attempt(url, 1, 2)
    heir = url.replace("trial-0", "trial-1")

    with open_checkpoints(heir) as kept:
        first = kept.start((url, 1))
        missing = kept.start((url, 9))
        inherited = load(first)["epoch"]
        kept.keep(save(kept.folder, 3, content(3)).path)
    with open_checkpoints(heir) as kept:
        later = kept.start((url, 1))

    assert (first.name, inherited) == ("epoch-1.checkpoint", 1)
    assert missing != first
    assert later == kept.folder


def test_checkpoint_that_was_cut_short_does_not_stand_in_for_an_inherited_one(
    tmp_path: Path,
) -> None:
    parent, child = tmp_path / "trial-0", tmp_path / "trial-1"
    save(parent, 2, content(2))
    child.mkdir()
    (child / "epoch-3.partial-77").write_bytes(b"half of")

    with open_checkpoints(child) as kept:
        begun = kept.start((str(parent), 2))

    assert begun == parent / "epoch-2.checkpoint"


def test_damaged_checkpoint_is_not_inherited(tmp_path: Path) -> None:
    path = save(tmp_path / "trial-0", 2, content(2)).path
    path.write_bytes(path.read_bytes()[:-9] + bytes(9))

    with open_checkpoints(tmp_path / "trial-1") as kept:
        assert kept.start((str(tmp_path / "trial-0"), 2)) == kept.folder
