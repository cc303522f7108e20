"""Memory stays small whatever the size of images and files, and what cannot fit is said before."""

import gzip
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from math import prod
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from PIL import Image

from autotrick.data import load
from autotrick.data.dataset import Resizing, SourceSplits
from autotrick.data.decode_to_cache import write
from autotrick.data.decoding import Decoder
from autotrick.data.pixels import CHUNK_BYTES, chunk_rows, part_of
from autotrick.errors import DataError, ResourceError, SpaceError
from autotrick.recipe import LARGEST_SIDE, DataRef
from autotrick.space import load as load_space

Tree = Callable[..., Path]
Table = Callable[..., Path]

# Memory beyond what the libraries took. A chunk by count would not fit: 24 images of 2,048 pixels are
# 288 MiB, and twice that while they are stacked.
MOST_B = 256 * 2**20
CODE = """
import resource, sys
from pathlib import Path
import numpy, PIL.Image, pyarrow.parquet
from autotrick.data import load
from autotrick.recipe import DataRef
from autotrick.errors import AutotrickError
pyarrow.set_cpu_count(1); pyarrow.set_io_thread_count(1)
here = Path(sys.argv[1])
load(DataRef(name="digits", image_size=16), cache_dir=here / "warm")
taken = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
# Not RLIMIT_AS, by which the memory map of what was written counts too.
resource.setrlimit(resource.RLIMIT_DATA, (taken + int(sys.argv[3]),) * 2)
try:
    data = load(DataRef.model_validate_json(sys.argv[2]), data_dir=here, cache_dir=here / "cache")
    print(data.train.images.shape)
except AutotrickError as error:
    print("Error:", error)
"""


def loaded(folder: Path, ref: DataRef) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CODE, folder, ref.model_dump_json(), str(MOST_B)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_folder_of_large_images(tree: Tree, tmp_path: Path) -> None:
    tree("a", "b", each=12)
    ref = DataRef(name="folder:images", image_size=2048, validation=0.5, resize="pad")

    assert loaded(tmp_path, ref) == "(12, 2048, 2048, 3)"


@pytest.mark.slow
def test_arrays_made_large(tmp_path: Path) -> None:
    for stem, count in (("train", 48), ("t10k", 2)):
        images = np.zeros((count, 8, 8), np.uint8)
        labels = np.arange(count, dtype=np.uint8) % 2
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
            (tmp_path / f"{stem}-{kind}-ubyte").write_bytes(head + array.tobytes())
    ref = DataRef(name="mnist", image_size=2048, validation=0.5)

    assert loaded(tmp_path, ref) == "(24, 2048, 2048, 1)"


@pytest.mark.slow
def test_parquet_of_large_files(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2048, 2048, 3), np.uint8)
    kind = pa.struct({"bytes": pa.binary()})
    schema = pa.schema({"image": kind, "label": pa.int64()})
    with parquet.ParquetWriter(tmp_path / "thing.parquet", schema) as writer:
        for i in range(24):
            buffer = BytesIO()
            Image.fromarray(np.roll(noise, i, 0)).save(buffer, "BMP")
            column = pa.array([{"bytes": buffer.getvalue()}], kind)
            writer.write_table(pa.table([column, [i % 2]], schema=schema))
    ref = DataRef(name="parquet:thing.parquet", image_size=8, validation=0.5)

    assert loaded(tmp_path, ref) == "(12, 8, 8, 3)"


@pytest.mark.parametrize(
    ("shape", "rows"),
    [((32, 32, 3), 1024), ((224, 224, 3), 222), ((2048, 2048, 3), 2), ((4096, 4096, 3), 1)],
)
def test_chunks_are_bounded_in_bytes(shape: tuple[int, int, int], rows: int) -> None:
    assert chunk_rows(shape) == rows
    assert rows * prod(shape) <= max(CHUNK_BYTES, prod(shape))


@pytest.mark.parametrize("side", [LARGEST_SIDE + 1, 100_000, 10**6, 10**30])
def test_image_size_has_a_limit(side: int, tmp_path: Path) -> None:
    space = tmp_path / "s.toml"
    space.write_text(
        f'question = "?"\n[data]\nname = "digits"\nimage_size = {side}\n'
        '[training]\narchitecture = "lenet5"\nepochs = 1\nbatch_size = 64\nbase_lr = 0.1\n'
    )

    with pytest.raises(SpaceError, match=rf"image_size.*{LARGEST_SIDE}"):
        load_space(space)


def test_data_that_do_not_fit_the_disk_are_said_before(tree: Tree, tmp_path: Path) -> None:
    tree("a", "b", each=2)
    many = np.zeros(1, np.uint8)
    free = shutil.disk_usage(tmp_path).free
    side = LARGEST_SIDE
    count = free // (side * side) + 1
    images = np.lib.stride_tricks.as_strided(many, (count, 8, 8), (0, 0, 0))
    labels = np.arange(count) % 2
    found = SourceSplits(("a", "b"), part_of(images[..., None], labels, Resizing(side)))

    with pytest.raises(
        ResourceError, match=r"take [\d,.]+ GiB decoded as 4096x4096x1, but .* free"
    ):
        write(found, DataRef(name="digits"), tmp_path)
    assert not list(tmp_path.glob("*.npy"))


def idx(shape: tuple[int, ...], content: bytes) -> bytes:
    return bytes((0, 0, 8, len(shape))) + np.array(shape, ">u4").tobytes() + content


def packed(content: bytes) -> bytes:
    """The same bytes at every call: test ids hold them, and each worker of xdist makes its own."""
    return gzip.compress(content, 1, mtime=0)


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    for stem in ("train", "t10k"):
        (tmp_path / f"{stem}-images-idx3-ubyte").write_bytes(idx((20, 4, 4), bytes(320)))
        labels = bytes(i % 2 for i in range(20))
        (tmp_path / f"{stem}-labels-idx1-ubyte").write_bytes(idx((20,), labels))
    return tmp_path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (idx((2**32 - 1,) * 3, bytes(320)), "At most"),
        (idx((2**20, 28, 28), bytes(320)), r"should have 822083600 bytes unpacked, but has 336"),
        (packed(idx((20, 4, 4), bytes(2**26))), "but has more than 336"),
        (packed(idx((2**20, 28, 28), bytes(320))), "but has 336"),
    ],
)
def test_headers_that_promise_too_much_take_no_memory(
    content: bytes, said: str, mnist: Path
) -> None:
    (mnist / "train-images-idx3-ubyte").write_bytes(content)

    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=said):
            load(DataRef(name="mnist"), data_dir=mnist, cache_dir=mnist / "cache")
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("images-idx3", b"", "is not an idx file"),
        ("images-idx3", idx((20, 0, 0), b""), "has images of 0x0 pixels"),
        ("images-idx3", idx((20, 4, 0), b""), "has images of 4x0 pixels"),
        ("images-idx3", idx((0, 4, 4), b""), "has 0 images, but"),
        ("labels-idx1", packed(idx((20,), bytes(20)))[:-4], "cannot be read"),
        ("labels-idx1", b"\x1f\x8b" + bytes(30), "cannot be read"),
        ("labels-idx1", idx((20,), bytes([200] * 20)), r"must be in 0\.\.9, but row 0 has 200"),
    ],
)
def test_damaged_idx_files_are_named(file: str, content: bytes, said: str, mnist: Path) -> None:
    (mnist / f"train-{file}-ubyte").write_bytes(content)

    with pytest.raises(DataError, match=said):
        load(DataRef(name="mnist"), data_dir=mnist, cache_dir=mnist / "cache")


def test_idx_without_images_has_none(mnist: Path) -> None:
    (mnist / "train-images-idx3-ubyte").write_bytes(idx((0, 4, 4), b""))
    (mnist / "train-labels-idx1-ubyte").write_bytes(idx((0,), b""))

    with pytest.raises(DataError, match="the train split of mnist has no images"):
        load(DataRef(name="mnist"), data_dir=mnist, cache_dir=mnist / "cache")


def test_zipped_idx_file_that_lost_its_suffix_is_read(mnist: Path) -> None:
    for file in mnist.glob("*-ubyte"):
        file.write_bytes(gzip.compress(file.read_bytes()))

    data = load(DataRef(name="mnist"), data_dir=mnist, cache_dir=mnist / "cache")

    assert len(data.train) + len(data.validation) == 20
    assert "8 classes of 10 have no training images: '2', '3', '4' and 5 more." in map(
        str, data.notes
    )


@pytest.mark.slow
def test_large_image_of_a_camera_is_read_without_a_warning() -> None:
    buffer = BytesIO()
    Image.new("L", (10_000, 10_000), 60).save(buffer, "PNG")
    decoder = Decoder(Resizing(8))

    shape = decoder.look(buffer, "here")

    assert shape == (10_000, 10_000, 1)
    assert (decoder.decode(buffer, "here", (8, 8, 1)) == 60).all()
