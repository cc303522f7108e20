"""Images are read as people see them, in folders and in Parquet."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from autotrick.data import Dataset, check_same, load
from autotrick.data.aspect_ratio import validation_aspects
from autotrick.errors import DataError
from autotrick.recipe import DataRef

Loaded = Callable[..., Dataset]
FOLDER = DataRef(name="folder:images", validation=0.25)
TABLE = DataRef(name="parquet:thing.parquet", validation=0.25)
ORIENTATION = 0x0112
TURNS = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a),
}


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(params=["folder", "parquet"])
def read(request: pytest.FixtureRequest, tmp_path: Path, cache: Path) -> Loaded:
    """Reads encoded images, the same four times in each of two classes."""

    def go(content: bytes, **changes: Any) -> Dataset:
        if request.param == "folder":
            for name in ("a", "b"):
                folder = tmp_path / "images" / name
                folder.mkdir(parents=True, exist_ok=True)
                for i in range(4):
                    (folder / f"{i}.png").write_bytes(content)
            ref = FOLDER
        else:
            images = pa.array([{"bytes": content}] * 8)
            parquet.write_table(
                pa.table({"image": images, "label": [0, 1] * 4}), tmp_path / "thing.parquet"
            )
            ref = TABLE
        ref = ref.model_copy(update=changes)
        return load(ref, data_dir=tmp_path, cache_dir=cache)

    return go


def corners() -> NDArray[np.uint8]:
    """Return (8, 16, 3), a colour for each corner: a turn in any direction shows."""
    found = np.zeros((8, 16, 3), np.uint8)
    found[:4, :8], found[:4, 8:], found[4:, :8] = 255, (255, 0, 0), (0, 255, 0)
    return found


def kinds(data: Dataset) -> dict[str, int]:
    """Return the counts of notes; that all images of a test are copies is not worth one here."""
    others = ("copies_validation", "copies_validation_test", "copies_test", "label_conflict")
    return {note.kind: note.count for note in data.notes if note.kind not in others}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_images_are_upright(kind: str, orientation: int, read: Loaded) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}

    data = read(encoded(Image.fromarray(corners()), kind, exif=exif, **options))

    expected = TURNS[orientation](corners())
    assert data.shape == expected.shape
    off = np.abs(data.train.images[0].astype(int) - expected)
    assert off.mean() < (12 if kind == "JPEG" else 0.01)
    turned = orientation > 1 and kind != "TIFF"
    assert kinds(data) == ({"turned": 8} if turned else {})


def test_exif_after_the_pixels_of_a_png_counts(read: Loaded) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    early = encoded(Image.fromarray(corners()), "PNG", exif=exif)
    place = early.index(b"eXIf") - 4
    length = 12 + int.from_bytes(early[place : place + 4], "big")
    chunk, rest = early[place : place + length], early[:place] + early[place + length :]

    data = read(rest[:-12] + chunk + rest[-12:])

    np.testing.assert_array_equal(data.train.images[0], TURNS[8](corners()))


def test_exif_as_text_of_a_png_counts(read: Loaded) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    text = PngInfo()
    raw = exif.tobytes()
    text.add_text("Raw profile type exif", f"\nexif\n{len(raw):8}\n{raw.hex()}\n", zip=True)

    data = read(encoded(Image.fromarray(corners()), "PNG", pnginfo=text))

    np.testing.assert_array_equal(data.train.images[0], TURNS[3](corners()))


@pytest.mark.parametrize("value", [0, 9, 6000])
def test_orientation_that_is_none_turns_nothing(value: int, read: Loaded) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = value

    data = read(encoded(Image.fromarray(corners()), "PNG", exif=exif))

    assert data.shape == (8, 16, 3) and kinds(data) == {}


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + b"x" * 99]
)
def test_damaged_exif_turns_nothing(exif: bytes, read: Loaded) -> None:
    data = read(encoded(Image.fromarray(corners()), "JPEG", exif=exif))

    assert data.shape == (8, 16, 3) and kinds(data) == {}


def test_sizes_of_turned_images_are_the_turned_ones(read: Loaded, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6

    data = read(encoded(Image.fromarray(corners()), "PNG", exif=exif), image_size=8, resize="crop")

    upright = Image.fromarray(np.ascontiguousarray(TURNS[6](corners())))
    expected = np.asarray(ImageOps.fit(upright, (8, 8), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(data.train.images[0], expected)
    if (tmp_path / "images").is_dir():
        ratios, _ = validation_aspects(FOLDER, tmp_path)
        assert set(ratios) == {2}


def see_through(mode: str) -> tuple[Image.Image, dict[str, Any]]:
    """Return an image that is black and, in its right half, transparent, and how to save it."""
    alpha = np.repeat([[255] * 4 + [0] * 4], 8, 0).astype(np.uint8)
    if mode in ("RGBA", "LA"):
        image = Image.new(mode, (8, 8), 0)
        image.putalpha(Image.fromarray(alpha))
        return image, {}
    if mode == "P":
        image = Image.fromarray((alpha == 0).astype(np.uint8)).convert("P")
        image.putpalette([0] * 6)
        return image, {"transparency": bytes([255, 0])}
    if mode == "P, one colour":
        image = Image.fromarray((alpha == 0).astype(np.uint8)).convert("P")
        image.putpalette([0] * 6)
        return image, {"transparency": 1}
    if mode == "RGB, one colour":
        pixels = np.zeros((8, 8, 3), np.uint8)
        pixels[:, 4:] = 1, 2, 3
        return Image.fromarray(pixels), {"transparency": (1, 2, 3)}
    pixels = np.zeros((8, 8), np.uint8)
    pixels[:, 4:] = 7
    return Image.fromarray(pixels), {"transparency": 7}


@pytest.mark.parametrize(
    "mode", ["RGBA", "LA", "P", "P, one colour", "RGB, one colour", "L, one colour"]
)
def test_transparent_pixels_are_white(mode: str, read: Loaded) -> None:
    image, options = see_through(mode)

    data = read(encoded(image, "PNG", **options))

    assert data.shape[2] == (1 if mode[0] == "L" else 3)
    assert (data.train.images[:, :, :4] == 0).all() and (data.train.images[:, :, 4:] == 255).all()
    assert kinds(data) == {"transparent": 8}


def test_half_transparent_pixels_are_half_white(read: Loaded) -> None:
    data = read(encoded(Image.new("RGBA", (8, 8), (0, 100, 200, 51)), "WEBP", lossless=True))

    assert data.train.images[0, 0, 0].tolist() == [204, 224, 244]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_opaque_alpha_changes_nothing(
    mode: str, read: Loaded, picture: Callable[..., NDArray[np.uint8]]
) -> None:
    plain = Image.fromarray(picture(1))
    image = plain.quantize(16) if mode == "P" else plain.convert(mode)
    options = {"transparency": bytes([255] * 16)} if mode == "P" else {}
    expected = np.asarray(image.convert("L" if mode == "LA" else "RGB")).reshape(6, 6, -1)

    data = read(encoded(image, "PNG", **options))

    np.testing.assert_array_equal(data.train.images[0], expected)
    assert kinds(data) == {}


def frames(count: int) -> Mapping[str, Any]:
    others = [Image.new("RGB", (8, 8), (0, 0, 40 * i)) for i in range(1, count)]
    return {"save_all": True, "append_images": others}


@pytest.mark.parametrize(
    ("kind", "note"),
    [("GIF", "animated"), ("PNG", "animated"), ("WEBP", "animated"), ("TIFF", "pages")],
)
def test_first_of_several_is_read(kind: str, note: str, read: Loaded) -> None:
    content = encoded(Image.new("RGB", (8, 8), (250, 0, 0)), kind, **frames(3))

    data = read(content)

    assert data.train.images[0].mean((0, 1)) == pytest.approx([250, 0, 0], abs=3)
    assert kinds(data) == {note: 8}


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_single_frame_is_not_worth_a_note(kind: str, read: Loaded) -> None:
    assert kinds(read(encoded(Image.new("RGB", (8, 8), (250, 0, 0)), kind))) == {}


def test_cmyk_looks_as_its_colours(read: Loaded) -> None:
    # Photoshop writes CMYK inverted, and so does Pillow: both say so in an Adobe marker.
    image = Image.new("RGB", (8, 8), (200, 40, 90)).convert("CMYK")
    content = encoded(image, "JPEG", quality=95)
    assert b"Adobe" in content

    data = read(content)

    assert data.train.images[0].mean((0, 1)) == pytest.approx([200, 40, 90], abs=4)


def test_single_bits_are_black_and_white(read: Loaded) -> None:
    image = Image.new("1", (8, 8), 0)
    image.paste(1, (0, 0, 4, 8))

    data = read(encoded(image, "TIFF"))

    assert data.shape == (8, 8, 1)
    assert (data.train.images[:, :, :4] == 255).all() and (data.train.images[:, :, 4:] == 0).all()


@pytest.mark.parametrize(
    ("values", "kind", "mode"),
    [
        (np.uint16, "PNG", "I;16"),
        (np.uint16, "TIFF", "I;16"),
        (np.int32, "TIFF", "I"),
        (np.float32, "TIFF", "F"),
    ],
)
def test_more_than_eight_bits_of_grey_are_refused(
    values: type, kind: str, mode: str, read: Loaded
) -> None:
    image = Image.fromarray(np.full((8, 8), 4000, values))

    with pytest.raises(
        DataError, match=f"has pixels of kind '{mode}'. Convert it to grey or RGB of 8 bits"
    ):
        read(encoded(image, kind))


def png_16(channels: int) -> bytes:
    """Return a PNG of 16 bits a channel, which Pillow does not write."""
    import struct
    import zlib

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    colour = {2: 4, 3: 2, 4: 6}[channels]
    rows = (b"\0" + bytes([1, 200]) * (8 * channels - 1) + b"\xff\xff") * 8
    head = struct.pack(">IIBBBBB", 8, 8, 16, colour, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "content",
    [png_16(3), png_16(4), b"P6 8 8 65535\n" + bytes([1, 200]) * 192],
    ids=["RGB", "RGBA", "PPM"],
)
def test_sixteen_bits_of_colour_are_said(content: bytes, read: Loaded) -> None:
    data = read(content)

    assert data.train.images[0, 0, 0, 1] in (1, 2, 254)  # on white if its alpha is as low
    assert kinds(data)["sixteen_bits"] == 8


def test_content_decides_not_the_suffix(read: Loaded) -> None:
    data = read(encoded(Image.new("RGB", (8, 8), (250, 0, 0)), "BMP"))

    assert data.shape == (8, 8, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\0", "not a known image format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n", "PostScript"),
        (b"P5 60000 60000 255\n", "decompression bomb"),
        (b"GIF89a\0\0\0\0\0\0\0;", "cannot be read"),
        (encoded(Image.effect_noise((40, 40), 90), "JPEG")[:-300], "truncated"),
        (encoded(Image.effect_noise((40, 40), 90), "PNG")[:-300], "cannot be read as an image"),
        (encoded(Image.effect_noise((40, 40), 90), "GIF")[:-300], "truncated"),
        (encoded(Image.effect_noise((40, 40), 90), "TIFF")[:-300], "cannot be read as an image"),
        (encoded(Image.effect_noise((40, 40), 90), "WEBP")[:-300], "cannot be read as an image"),
        (encoded(Image.effect_noise((40, 40), 90), "BMP")[:-300], "truncated"),
    ],
)
def test_what_is_no_whole_image_is_named(content: bytes, reason: str, read: Loaded) -> None:
    with pytest.raises(DataError, match=rf"(?s)0(\.png| of .*thing\.parquet).*{reason}"):
        read(content)


# Fingerprints by autotrick at commit 8ccfb22, before images were read as people see them.
@pytest.mark.parametrize(
    ("name", "recorded", "said"),
    [
        ("turned", "c431e93ac262b126", "8 images with EXIF orientation are turned upright"),
        ("clear", "c431e93ac262b126", "8 images with transparent pixels are put on white"),
    ],
)
def test_study_of_images_read_otherwise_is_told_why_it_does_not_go_on(
    name: str, recorded: str, said: str, tmp_path: Path, cache: Path
) -> None:
    make(tmp_path, name)
    ref = FOLDER.model_copy(update={"fingerprint": recorded})

    with pytest.raises(DataError, match=f"the files are the same, but .*Since then: {said}"):
        load(ref, data_dir=tmp_path, cache_dir=cache)
    assert not list(cache.glob(".partial*"))


def make(root: Path, name: str) -> None:
    """Write eight images that are read in another way than before."""
    for i, label in enumerate("abababab"):
        pixels = np.random.default_rng(i).integers(0, 256, (6, 9, 4), np.uint8)
        exif = Image.Exif()
        exif[ORIENTATION] = 6
        (root / "images" / label).mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(pixels)
        path = root / "images" / label / f"{i}.png"
        if name == "turned":
            image.convert("RGB").save(path, exif=exif)
        else:
            image.save(path)


def test_images_as_they_were_have_the_fingerprint_that_they_had(
    tmp_path: Path, cache: Path
) -> None:
    for i, label in enumerate("abababab"):
        (tmp_path / "images" / label).mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(i).integers(0, 256, (6, 9, 3), np.uint8)
        image = Image.fromarray(pixels)
        alpha = image.convert("RGBA") if i % 3 else image.convert("L")
        alpha.save(tmp_path / "images" / label / f"{i}.png")

    data = load(FOLDER, data_dir=tmp_path, cache_dir=cache)

    assert (data.fingerprint, kinds(data)) == ("55daf94533d01834", {})


def test_study_whose_files_were_chosen_otherwise_is_told_why_it_does_not_go_on(
    tmp_path: Path, cache: Path
) -> None:
    make(tmp_path, "clear")
    for name in ("a/.ipynb_checkpoints/0.png", "a/old.jfif"):
        (tmp_path / "images" / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (9, 6), 90).save(tmp_path / "images" / name, "PNG")
    # By autotrick at commit 8ccfb22, which read the hidden one and not the other.
    ref = FOLDER.model_copy(update={"fingerprint": "20b53aa65af09b65"})

    with pytest.raises(
        DataError, match=r"files are the same, but .* hidden .*; 8 images with tran"
    ):
        load(ref, data_dir=tmp_path, cache_dir=cache)


def test_reference_to_data_that_are_read_otherwise_is_refused(tmp_path: Path, cache: Path) -> None:
    make(tmp_path, "turned")
    now = FOLDER.model_copy(
        update={"fingerprint": load(FOLDER, data_dir=tmp_path, cache_dir=cache).fingerprint}
    )
    recorded = FOLDER.model_copy(update={"fingerprint": "c431e93ac262b126"})

    check_same(now, now, data_dir=tmp_path, cache_dir=cache)
    check_same(FOLDER, now, data_dir=tmp_path, cache_dir=cache)
    with pytest.raises(DataError, match=r"c431e93ac262b126 was recorded: the files are the same"):
        check_same(recorded, now, data_dir=tmp_path, cache_dir=cache)
