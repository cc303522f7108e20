"""An image that belongs to no data set gives the pixels that it gave in training."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from autotrick.data import Dataset, load
from autotrick.data.image_list import Listed, list_images
from autotrick.data.new_images import ImageReader, ManyImages
from autotrick.errors import DataError
from autotrick.recipe import DataRef

Picture = Callable[..., NDArray[np.uint8]]
ORIENTATION = 0x0112


def save(image: Image.Image, file: Path, **options: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file, **options)


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


@pytest.fixture
def mixed(tmp_path: Path, picture: Picture) -> Path:
    """A folder of images of many sizes and kinds, in two classes."""
    root = tmp_path / "photos"
    colour = Image.fromarray(picture(1, 9, 14))
    for i, name in enumerate(("cat", "dog")):
        folder = root / name
        save(Image.fromarray(picture(10 + i, 21, 13)), folder / "colour.png")
        save(Image.fromarray(picture(20 + i, 17, 30, channels=1)), folder / "grey.png")
        clear = np.dstack([picture(30 + i, 12, 12), picture(40 + i, 12, 12, channels=1)])
        save(Image.fromarray(clear, "RGBA"), folder / "transparent.png")
        save(Image.fromarray(picture(50 + i, 20, 20)).quantize(16), folder / "palette.png")
        save(Image.fromarray(picture(60 + i, 20, 20)).quantize(8), folder / "palette.gif")
        for turn in (3, 6, 8):
            taken = Image.fromarray(picture(70 + 10 * i + turn, 16, 24))
            save(taken, folder / f"turned{turn}.jpg", exif=turned(turn))
        save(Image.fromarray(picture(80 + i, 10, 20)).convert("CMYK"), folder / "print.jpg")
        (folder / "deep.ppm").write_bytes(deep_colour(90 + i))
        save(colour, folder / "many.tiff", save_all=True, append_images=[colour.rotate(90)])
    return root


def deep_colour(seed: int) -> bytes:
    """Return a colour image of 16 bits a channel."""
    words = np.random.default_rng(seed).integers(0, 65536, (7, 11, 3))
    return b"P6 11 7 65535\n" + words.astype(">u2").tobytes()


def loaded(root: Path, cache: Path, **options: Any) -> Dataset:
    ref = DataRef(name=f"folder:{root}", validation=0.25, **options)
    return load(ref, cache_dir=cache)


def rows(data: Dataset) -> dict[bytes, str]:
    """Return what is in the cache: every image's pixels, and the split that it is in."""
    splits = {"train": data.train, "validation": data.validation}
    return {image.tobytes(): name for name, split in splits.items() for image in split.images}


@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
def test_a_file_gives_the_pixels_of_the_cache(resize: Any, mixed: Path, cache: Path) -> None:
    data = loaded(mixed, cache, image_size=16, resize=resize)
    files = sorted(file for file in mixed.rglob("*.*"))

    found = ImageReader(data.shape, resize).read_all(files)

    assert len(files) == 22
    assert found.shape == (22, 16, 16, 3)
    known = rows(data)
    assert [
        file.name for file, image in zip(files, found, strict=True) if image.tobytes() not in known
    ] == []


def test_grey_images_stay_grey(tmp_path: Path, picture: Picture, cache: Path) -> None:
    root = tmp_path / "photos"
    for i in range(8):
        save(Image.fromarray(picture(i, 9 + i, 8, channels=1)), root / "ab"[i % 2] / f"{i}.png")
    data = loaded(root, cache, image_size=8)

    found = ImageReader(data.shape).read_all(sorted(root.rglob("*.png")))

    assert found.shape == (8, 8, 8, 1)
    assert {image.tobytes() for image in found} == set(rows(data))


@pytest.mark.parametrize("given", ["path", "text", "bytes", "opened", "array"])
def test_every_form_of_an_image_gives_the_same_pixels(
    given: str, tmp_path: Path, picture: Picture
) -> None:
    pixels = picture(1, 20, 30)
    file = tmp_path / "image.png"
    save(Image.fromarray(pixels), file)
    forms: dict[str, ManyImages] = {
        "path": file,
        "text": str(file),
        "bytes": file.read_bytes(),
        "opened": Image.open(BytesIO(file.read_bytes())),
        "array": pixels,
    }
    reader = ImageReader((16, 16, 3))

    [found] = reader.read_all(forms[given])

    np.testing.assert_array_equal(found, reader.read(file))
    several: Any = [forms[given], forms[given]]
    np.testing.assert_array_equal(reader.read_all(several), [found, found])


def test_an_opened_image_is_turned_and_put_on_white(tmp_path: Path) -> None:
    clear = np.zeros((8, 16, 4), np.uint8)
    clear[:, :8] = 255
    file = tmp_path / "image.png"
    save(Image.fromarray(clear, "RGBA"), file, exif=turned(6))
    reader = ImageReader((16, 8, 3))

    with Image.open(file) as opened:
        found = reader.read(opened)

    np.testing.assert_array_equal(found, reader.read(file))
    assert {note.kind: note.count for note in reader.notes()} == {"turned": 2, "transparent": 2}


def test_arrays_of_the_shape_are_taken_as_they_are(picture: Picture) -> None:
    images = np.stack([picture(i, 8, 8) for i in range(3)])

    assert ImageReader((8, 8, 3)).read_all(images) is images


BAD: dict[str, Any] = {
    "array of floats": (np.zeros((8, 8, 3)), "the image is an array of float64"),
    "channels first": (np.zeros((3, 8, 8), np.uint8), "with the shape (3, 8, 8)"),
    "two channels": (np.zeros((8, 8, 2), np.uint8), "with the shape (8, 8, 2)"),
    "no pixels": (np.zeros((0, 8, 3), np.uint8), "with the shape (0, 8, 3)"),
    "batch, channels first": (np.zeros((9, 3, 8, 8), np.uint8), "the array is an array of uint8"),
    "number": (7, "images are a int"),
    "None": ([None], "the image is a NoneType"),
    "second": ([np.zeros((8, 8), np.uint8), object()], "image 1 is a object"),
    "text": ([b"not an image"], "not a known image format"),
    "sixteen bits": (Image.new("I;16", (8, 8)), "pixels of kind 'I;16'"),
    "floats": (Image.new("F", (8, 8)), "pixels of kind 'F'"),
    "nowhere": ("no/such.png", "there is no file no/such.png"),
    "NUL": ("a\0b.png", "there is no file a"),
}


@pytest.mark.parametrize(("given", "message"), BAD.values(), ids=BAD)
def test_what_is_no_image_is_refused_in_one_sentence(given: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        ImageReader((16, 16, 3)).read_all(given)

    assert message in str(caught.value)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")

    with pytest.raises(DataError, match=r"there is no file .*pipe\.png"):
        ImageReader((8, 8, 3)).read(tmp_path / "pipe.png")


# What a command lists.


def names(found: list[Listed]) -> list[str]:
    return [listed.name for listed in found]


def test_a_folder_is_listed_at_any_depth_by_relative_names(
    tmp_path: Path, picture: Picture
) -> None:
    for name in ("b.png", "a/deep/er/c.JPG", "a/d.jpeg"):
        save(Image.fromarray(picture(1)), tmp_path / "new" / name)
    (tmp_path / "new/.hidden.png").write_bytes(b"x")
    (tmp_path / "new/Thumbs.db").write_bytes(b"x")

    found = list_images([tmp_path / "new"])

    assert (found.count, found.hidden) == (3, 2)
    assert names(list(found)) == ["a/d.jpeg", "a/deep/er/c.JPG", "b.png"]


def test_files_that_are_not_images_are_listed_with_the_reason(
    tmp_path: Path, picture: Picture
) -> None:
    root = tmp_path / "new"
    save(Image.fromarray(picture(1)), root / "a.png")
    save(Image.fromarray(picture(1)), root / "nameless", format="PNG")
    (root / "empty.png").write_bytes(b"")
    (root / "notes.txt").write_text("x")
    (root / "phone.heic").write_bytes(b"x")
    (root / "gone.png").symlink_to(root / "nowhere.png")

    found = {listed.name: listed.content for listed in list_images([root])}

    why = {name: str(content) for name, content in found.items() if isinstance(content, DataError)}
    assert found.keys() - why.keys() == {"a.png"}
    assert why.keys() == {"nameless", "empty.png", "notes.txt", "phone.heic", "gone.png"}
    assert all(str(root / name) in sentence for name, sentence in why.items())
    assert "does not end like an image" in why["nameless"]
    assert "0 bytes" in why["empty.png"]
    assert "leads nowhere" in why["gone.png"]


def test_several_paths_keep_their_names(tmp_path: Path, picture: Picture) -> None:
    for name in ("one/a.png", "two/a.png", "three.png"):
        save(Image.fromarray(picture(1)), tmp_path / name)
    one, two, three = tmp_path / "one", tmp_path / "two", tmp_path / "three.png"

    found = list(list_images([one, three, two, tmp_path / "four.png"]))

    assert names(found) == [f"{one}/a.png", f"{three}", f"{two}/a.png", f"{tmp_path}/four.png"]
    assert str(found[-1].content) == f"{tmp_path}/four.png is not there."


def test_rows_of_parquet_are_listed(table: Callable[..., Path], picture: Picture) -> None:
    buffer = BytesIO()
    Image.fromarray(picture(3)).save(buffer, "PNG")
    file = table("new", 3, image=[{"bytes": buffer.getvalue()}, {"bytes": None}, {"bytes": b"x"}])
    reader = ImageReader((6, 6, 3))

    first, second, third = list_images([file])

    assert names([first, second, third]) == [f"{file}:{row}" for row in range(3)]
    np.testing.assert_array_equal(reader.read(first.content), picture(3))  # type: ignore[arg-type]
    assert "row 1" in str(second.content)
    with pytest.raises(DataError, match="x cannot be read as an image"):
        reader.read(third.content, "x")  # type: ignore[arg-type]


def test_a_damaged_parquet_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "new.parquet").write_bytes(b"PAR1 no")

    [listed] = list_images([tmp_path / "new.parquet"])

    assert "cannot be read as Parquet" in str(listed.content)
