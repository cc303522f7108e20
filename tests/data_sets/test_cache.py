import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from autotrick.data import load, open_cached
from autotrick.errors import DataError, ResourceError
from autotrick.recipe import DataRef

CIFAR10 = DataRef(name="cifar10")


def test_second_load_does_not_read_the_source(sample: Path, tmp_path: Path, cache: Path) -> None:
    for split in ("train", "test"):
        shutil.copy(sample / f"cifar10_{split}.parquet", tmp_path)
    first = load(CIFAR10, data_dir=tmp_path, cache_dir=cache)
    train = tmp_path / "cifar10_train.parquet"
    status = train.stat()
    train.write_bytes(bytes(status.st_size))
    os.utime(train, ns=(status.st_atime_ns, status.st_mtime_ns))

    second = load(CIFAR10, data_dir=tmp_path, cache_dir=cache)

    assert second.fingerprint == first.fingerprint


def test_changed_source_is_read_again(sample: Path, tmp_path: Path, cache: Path) -> None:
    for split in ("train", "test"):
        shutil.copy(sample / f"cifar10_{split}.parquet", tmp_path)
    first = load(CIFAR10, data_dir=tmp_path, cache_dir=cache)
    shutil.copy(sample / "cifar10_test.parquet", tmp_path / "cifar10_train.parquet")

    second = load(CIFAR10, data_dir=tmp_path, cache_dir=cache)

    assert (len(first.train), len(second.train)) == (270, 90)
    assert first.fingerprint != second.fingerprint


def test_worker_opens_a_memory_map(sample: Path, cache: Path) -> None:
    data = load(CIFAR10, data_dir=sample, cache_dir=cache)

    opened = open_cached(data.fingerprint, cache)

    assert isinstance(opened.train.images, np.memmap) and not opened.train.images.flags.writeable
    assert opened.classes == data.classes and opened.name == "cifar10"
    np.testing.assert_array_equal(opened.train.labels, data.train.labels)


def test_absent_fingerprint_is_an_error(cache: Path) -> None:
    with pytest.raises(DataError, match="no data set with fingerprint 'feed'"):
        open_cached("feed", cache)


@pytest.mark.parametrize("file", ["train_images.npy", "test_labels.npy", "manifest.json"])
def test_damaged_cache_is_rebuilt(file: str, sample: Path, cache: Path) -> None:
    data = load(CIFAR10, data_dir=sample, cache_dir=cache)
    damaged = cache / data.fingerprint / file
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(DataError, match="is damaged"):
        open_cached(data.fingerprint, cache)
    again = load(CIFAR10, data_dir=sample, cache_dir=cache)

    assert again.fingerprint == data.fingerprint
    assert damaged.read_bytes() == whole
    assert not list(cache.glob(".partial-*"))


def test_recorded_data_need_no_source(sample: Path, cache: Path) -> None:
    data = load(CIFAR10, data_dir=sample, cache_dir=cache)

    again = load(data.resolve(CIFAR10), cache_dir=cache)

    assert again.fingerprint == data.fingerprint


def test_other_data_than_recorded_are_refused(sample: Path, cache: Path) -> None:
    ref = CIFAR10.model_copy(update={"fingerprint": "0123456789abcdef"})

    with pytest.raises(DataError, match=r"fingerprint [0-9a-f]{16}, but 0123456789abcdef was rec"):
        load(ref, data_dir=sample, cache_dir=cache)


def test_writers_at_once_agree(sample: Path, cache: Path) -> None:
    def one(_: int) -> str:
        return load(CIFAR10, data_dir=sample, cache_dir=cache).fingerprint

    with ThreadPoolExecutor(8) as pool:
        fingerprints = set(pool.map(one, range(8)))

    assert len(fingerprints) == 1
    assert {path.name for path in cache.iterdir()} == fingerprints | {"sources"}


def test_leftovers_of_a_killed_process_go_after_a_day(cache: Path) -> None:
    old, new = cache / ".partial-old", cache / ".partial-new"
    old.mkdir(parents=True)
    new.mkdir()
    os.utime(old, (0, 0))

    load(DataRef(name="digits"), cache_dir=cache)

    assert not old.exists() and new.exists()


def test_full_disk_is_a_resource_error_and_leaves_nothing(sample: Path, cache: Path) -> None:
    # A limit on the size of files fails writes as a full disk does, without one.
    code = """
import resource, sys
from pathlib import Path
from autotrick.data import load
from autotrick.errors import ResourceError
from autotrick.recipe import DataRef
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    load(DataRef(name="cifar10"), data_dir=Path(sys.argv[1]), cache_dir=Path(sys.argv[2]))
except ResourceError as error:
    print(error)
"""

    done = subprocess.run(
        [sys.executable, "-c", code, sample, cache], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("no space left on device while caching")
    assert not list(cache.iterdir())


def test_cache_folder_that_is_a_file_is_a_resource_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")

    with pytest.raises(ResourceError, match="while caching a data set in"):
        load(DataRef(name="digits"), cache_dir=tmp_path / "cache")


def test_manifest_is_plain_json(cache: Path) -> None:
    data = load(DataRef(name="digits"), cache_dir=cache)

    manifest = json.loads((cache / data.fingerprint / "manifest.json").read_text())

    assert manifest["classes"] == list("0123456789")
    assert manifest["splits"] == ["test", "train", "validation"]


def test_default_cache_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    data = load(DataRef(name="digits"))

    assert (tmp_path / "autotrick" / data.fingerprint).is_dir()
