import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from autotrick.data import DATASETS, find, load
from autotrick.data.torchvision import READERS
from autotrick.errors import DataError
from autotrick.recipe import DataRef

FASHION = Path("/usr/share/datasets/fashion-mnist")
SHARED = Path(__file__).parents[3] / "shared" / "data"


def idx(array: NDArray[np.uint8]) -> bytes:
    head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    return head + array.tobytes()


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for stem, count in (("train", 40), ("t10k", 10)):
        images = rng.integers(0, 256, (count, 28, 28), np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        (tmp_path / f"{stem}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{stem}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return tmp_path


def test_idx_files_plain_and_zipped(mnist: Path, cache: Path) -> None:
    data = load(DataRef(name="fashion_mnist"), data_dir=mnist, cache_dir=cache)

    assert data.shape == (28, 28, 1)
    assert data.classes[9] == "Ankle boot"
    assert data.test is not None and data.test.labels.tolist() == list(range(10))
    raw = (mnist / "t10k-images-idx3-ubyte").read_bytes()[16:]
    assert data.test.images.tobytes() == raw


def test_idx_files_where_torchvision_puts_them(mnist: Path, cache: Path) -> None:
    raw = mnist / "KMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in mnist.glob("*ubyte*"):
        file.rename(raw / file.name)

    data = load(DataRef(name="kmnist"), data_dir=mnist, cache_dir=cache)

    assert (len(data.train), len(data.validation)) == (30, 10)


@pytest.mark.parametrize("keep", [10, 100, -1])
def test_truncated_idx_is_named(keep: int, mnist: Path, cache: Path) -> None:
    file = mnist / "train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:keep])

    with pytest.raises(DataError, match=r"train-images-idx3-ubyte (is not|should have)"):
        load(DataRef(name="mnist"), data_dir=mnist, cache_dir=cache)


def test_truncated_gzip_is_named(mnist: Path, cache: Path) -> None:
    file = mnist / "t10k-labels-idx1-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-10])

    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz cannot be read"):
        load(DataRef(name="mnist"), data_dir=mnist, cache_dir=cache)


def test_labels_must_be_as_many_as_images(mnist: Path, cache: Path) -> None:
    (mnist / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(39, np.uint8)))

    with pytest.raises(DataError, match=r"has 40 images, but .* has 39 labels"):
        load(DataRef(name="mnist"), data_dir=mnist, cache_dir=cache)


@pytest.mark.parametrize("name", ["fashion_mnist", "cifar10", "stl10"])
def test_missing_files_are_listed(name: str, tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError, match=rf"{name} is not in .*looked for {name}_train\.parquet, "):
        load(DataRef(name=name), data_dir=tmp_path, cache_dir=cache)


def test_missing_data_dir_is_asked_for(cache: Path) -> None:
    with pytest.raises(DataError, match=r"cifar10 is read from files\. .* --data-dir"):
        load(DataRef(name="cifar10"), cache_dir=cache)


def test_data_dir_that_does_not_exist_is_named(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError, match=r"there is no folder .*nowhere.*--data-dir"):
        load(DataRef(name="cifar10"), data_dir=tmp_path / "nowhere", cache_dir=cache)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cifra10", r"unknown data set 'cifra10'\. Did you mean 'cifar10'\?"),
        ("digits:x", "unknown data set 'digits:x'"),
        ("folder", "write folder:PATH"),
        ("parquet:", "write parquet:PATH"),
    ],
)
def test_unknown_name_gets_a_suggestion(name: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        find(name)


def test_every_declared_name_has_a_reader() -> None:
    idx_names = {"mnist", "fashion_mnist", "kmnist"}

    assert set(DATASETS) == {"digits", "folder", "parquet", "python"} | idx_names | set(READERS)


def test_declarations_load_no_heavy_library() -> None:
    heavy = "{'torch', 'torchvision', 'sklearn', 'pyarrow', 'PIL'}"
    code = f"import sys, autotrick.data; sys.exit(bool({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_torchvision_decodes_image_by_image(tmp_path: Path, cache: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("Forest", "River"):
        folder = tmp_path / "eurosat" / "2750" / name
        folder.mkdir(parents=True)
        for i in range(4):
            Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(folder / f"{i}.png")

    data = load(DataRef(name="eurosat", validation=0.25), data_dir=tmp_path, cache_dir=cache)

    assert data.classes == ("Forest", "River")
    assert (data.shape, len(data.train), data.test) == ((64, 64, 3), 6, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, reader in READERS.items() if reader.pixels])
def test_torchvision_refuses_damaged_files(name: str, tmp_path: Path, cache: Path) -> None:
    for path in READERS[name].paths:
        if "." in path:
            (tmp_path / path).write_bytes(b"broken")
        else:
            (tmp_path / path).mkdir()

    with pytest.raises(DataError, match=f"{name} in .* cannot be read"):
        load(DataRef(name=name), data_dir=tmp_path, cache_dir=cache)


@pytest.mark.slow
@pytest.mark.skipif(not FASHION.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_whole_fashion_mnist(cache: Path) -> None:
    data = load(DataRef(name="fashion_mnist"), data_dir=FASHION, cache_dir=cache)

    assert data.fingerprint == "b122cd26e8bfa5fe"
    assert np.bincount(data.validation.labels).tolist() == [600] * 10


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the whole CIFAR-10 is not beside the repository")
def test_whole_cifar10(cache: Path) -> None:
    data = load(DataRef(name="cifar10"), data_dir=SHARED, cache_dir=cache)

    assert data.test is not None
    assert (len(data.train), len(data.validation), len(data.test)) == (45000, 5000, 10000)
    assert data.mean == pytest.approx([0.4914, 0.4822, 0.4465], abs=1e-3)
    assert data.std == pytest.approx([0.2470, 0.2435, 0.2616], abs=3e-3)
