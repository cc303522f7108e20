"""The page on what counts as an image and a label, made by asking the code about small examples."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from autotrick.data.dataset import DECODING, Resizing
from autotrick.data.decoding import BACKGROUND, ODDITIES, Decoder
from autotrick.data.duplicates import KINDS as COPIES
from autotrick.data.folder_scan import DROPPINGS, IMAGE_SUFFIXES, REASONS, UNREAD_SUFFIXES, scan
from autotrick.data.labels import UNLABELLED
from autotrick.data.layout import arrange
from autotrick.data.parquet_file import IMAGE_COLUMNS, LABEL_COLUMNS
from autotrick.data.shards import find_files
from autotrick.data.split_names import NEUTRAL, SPLITS
from autotrick.data.split_names import UNLABELLED as WITHOUT_LABELS
from autotrick.errors import DataError

LAYOUTS: tuple[tuple[str, ...], ...] = (
    ("cat/1.png", "dog/1.png"),
    ("train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "val/dog/1.png", "test/cat/1.png"),
    ("Training/cat/1.png", "Training/dog/1.png", "Testing/cat/1.png", "Testing/dog/1.png"),
    ("train/cat/1.png", "train/dog/1.png", "dev/cat/1.png", "dev/dog/1.png", "eval/cat/1.png"),
    ("images/train/cat/1.png", "images/train/dog/1.png", "labels/train/1.txt"),
    (
        "seg_train/seg_train/cat/1.png",
        "seg_train/seg_train/dog/1.png",
        "seg_test/seg_test/cat/1.png",
    ),
    ("cat/2019/january/1.png", "dog/1.png"),
    ("train/cat/1.png", "train/dog/1.png", "test/1.png"),
    ("train/cat/1.png", "train/dog/1.png", "val/1.png"),
    ("train/1.png", "test/1.png"),
    ("train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "valid/cat/1.png"),
    ("test/cat/1.png", "test/dog/1.png"),
    ("cat/1.png", "dog/1.png", "test/1.png"),
    ("train/cat/1.png", "train/dog/1.png", "masks/1.png"),
    ("cat/train/1.png", "cat/test/1.png", "dog/train/1.png"),
    ("train/cat/1.png", "train/dog/1.png", "val/Cat/1.png", "val/dog/1.png"),
    ("train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "val/fox/1.png"),
    ("cat/1.png", "dog/1.png", "empty/"),
)
"""Files of folders, of each of which the page says how it is understood."""

PARQUET: tuple[tuple[str, ...], ...] = (
    ("set_train.parquet", "set_test.parquet"),
    ("set/train.parquet", "set/validation.parquet"),
    ("set/data/train-00000-of-00002.parquet", "set/data/train-00001-of-00002.parquet"),
    ("set/Training/0000.parquet", "set/dev/0000.parquet"),
    ("set/train-00000-of-00003.parquet", "set/train-00002-of-00003.parquet"),
    ("set/train-00000-of-00001-a1.parquet", "set/train-00000-of-00001-b2.parquet"),
    ("set/train-00000-of-00001.parquet", "set/train-00000-of-00002.parquet"),
    ("set/train.parquet", "set/val.parquet", "set/valid.parquet"),
)
"""Files of parquet:set, of each of which the page says how they are understood."""

MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F")
_FORMATS = {"CMYK": "TIFF", "YCbCr": "TIFF", "F": "TIFF", "I": "TIFF"}


def page() -> str:
    """Return the page."""
    return "\n".join(
        [
            "# What counts as an image and a label",
            "",
            "Whatever is left out or read in an unusual way is counted and named: at the start of",
            "`autotrick search` and `resume`, in `search --dry-run`, and in the report. What is not",
            "clear is refused in one line. This page is made by asking the code.",
            f"The way files become pixels and labels has version {DECODING}; it is recorded with a study.",
            "",
            *_names(),
            *_layouts(),
            *_files(),
            *_images(),
            *_parquet(),
            *_checks(),
            "",
        ]
    )


def _names() -> list[str]:
    rows = [(split, ", ".join(f"`{word}`" for word in words)) for split, words in SPLITS.items()]
    return [
        "## Names of splits",
        "",
        "In any case, of folders and of Parquet files. `eval` is the test split, as in Hugging Face's",
        "datasets: a search never looks at it.",
        "",
        *_table(("split", "words"), rows),
        "",
        "Numbers and these words beside them mean nothing, and a folder called so is opened if it is",
        f"alone: {_words(NEUTRAL)}. Images in folders with these words have no labels and are left",
        f"out: {_words(WITHOUT_LABELS)}.",
        "",
    ]


def _layouts() -> list[str]:
    return [
        "## Folders",
        "",
        "`folder:PATH` has a folder for each class, with or without folders for the splits above",
        "them. Images may lie at any depth below their class.",
        "",
        *_table(("files", "read as"), [(_names_of(files), _arranged(files)) for files in LAYOUTS]),
        "",
        "The names of a class are compared by their letters, however they are encoded, and must be",
        "alike in all splits. A class without images is refused in the train split.",
        "",
    ]


def _files() -> list[str]:
    makers: dict[str, list[str]] = {}
    for name, maker in DROPPINGS.items():
        makers.setdefault(maker, []).append(name.replace("\r", "<CR>"))
    unread = [(what, ", ".join(suffixes)) for what, suffixes in UNREAD_SUFFIXES.items()]
    reasons = [(f"`{kind}`", many.format("N")) for kind, (many, _) in REASONS.items()]
    return [
        "## Files",
        "",
        f"Images are files that end with {', '.join(sorted(IMAGE_SUFFIXES))}, in any case. Links to",
        "files and folders are followed. A damaged image, or one without the right to read it, stops",
        "the search, with all of them counted in one line. What is left out, and what is said:",
        "",
        *_table(("kind", "note"), reasons),
        "",
        "Hidden is what has a dot in front, at any depth, and what systems and tools make:",
        "",
        *_table(("made by", "names"), [(maker, ", ".join(n)) for maker, n in makers.items()]),
        "",
        "Files of pictures that are not read; a class of nothing else is refused:",
        "",
        *_table(("what", "endings"), unread),
        "",
    ]


def _images() -> list[str]:
    odd = [(f"`{kind}`", which, what) for kind, (what, which) in ODDITIES.items()]
    return [
        "## Images",
        "",
        "An image is read as people see it. Grey images among coloured ones get three channels.",
        f"Transparent pixels are put on {BACKGROUND}. Unusual images are counted in notes:",
        "",
        *_table(("kind", "images", "are"), odd),
        "",
        "By the kinds of pixels that Pillow tells apart:",
        "",
        *_table(("pixels", "read as"), [(f"`{mode}`", _decoded(mode)) for mode in MODES]),
        "",
        "Images of different sizes need `image_size`; `resize` says how they become square.",
        "",
    ]


def _parquet() -> list[str]:
    return [
        "## Parquet and labels",
        "",
        "`parquet:set` has a row for each image. Images are encoded bytes in the column",
        f"{' or '.join(f'`{name}`' for name in IMAGE_COLUMNS)}, labels in the first of",
        f"{', '.join(f'`{name}`' for name in LABEL_COLUMNS)}: whole numbers, or texts.",
        "Where files name their classes, as Hugging Face's do, labels are matched by these names in all",
        "files. Where none does, the labels that occur in the training images are the classes. A row",
        f"without a label (null, NaN, an empty text, {UNLABELLED}) is refused; a test split without",
        "any is left out.",
        "",
        *_table(("files", "read as"), [(_names_of(files), _found(files)) for files in PARQUET]),
        "",
    ]


def _checks() -> list[str]:
    return [
        "## Copies",
        "",
        "Equal images, by a digest of their pixels as they are trained on, are counted and named:",
        "",
        *_table(("kind", "which"), [(f"`{kind}`", which) for kind, which in COPIES.items()]),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows),
    ]


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))


def _names_of(files: Sequence[str]) -> str:
    return "<br>".join(f"`{file}`" for file in files)


def _arranged(files: Sequence[str]) -> str:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "PATH"
        _write(root, files)
        try:
            top, left = scan(root)
            layout = arrange(top)
        except DataError as error:
            return _refused(error, folder)
    read = [f"{split}: {', '.join(classes)}" for split, classes in layout.splits.items()]
    return "<br>".join([*read, *(str(note) for note in (*layout.notes, *left.notes()))])


def _found(files: Sequence[str]) -> str:
    with TemporaryDirectory() as folder:
        _write(Path(folder), files)
        try:
            found, notes = find_files(Path(folder) / "set")
        except DataError as error:
            return _refused(error, folder)
    read = [f"{split}: {', '.join(p.name for p in paths)}" for split, paths in found.items()]
    return "<br>".join([*read, *map(str, notes)])


def _write(root: Path, files: Sequence[str]) -> None:
    for name in files:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"something")


def _refused(error: DataError, folder: str) -> str:
    return f"refused: {str(error).replace(f'{folder}/', '').replace(folder, '.')}"


def _decoded(mode: str) -> str:
    content = BytesIO()
    Image.new(mode, (4, 4)).save(content, _FORMATS.get(mode, "PNG"))
    try:
        return "grey" if Decoder(Resizing()).look(content, "it")[2] == 1 else "colour"
    except DataError as error:
        return f"refused: {error}"
