"""Which files of a folder count, and what is said of those that do not."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image

from autotrick.data import Dataset, Note, load
from autotrick.data.dataset import NOTES, lines
from autotrick.data.files import escaped
from autotrick.data.folder_scan import DROPPINGS, IMAGE_SUFFIXES, UNREAD_SUFFIXES, readable
from autotrick.errors import DataError
from autotrick.recipe import DataRef

Tree = Callable[..., Path]
Read = Callable[[], Dataset]
IMAGES = DataRef(name="folder:images", validation=0.25)
SAVED_AS = {".apng": "PNG", ".j2k": "JPEG2000", ".jp2": "JPEG2000", ".jfif": "JPEG", ".jpe": "JPEG"}


@pytest.fixture
def read(tmp_path: Path, cache: Path) -> Read:
    return lambda: load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def counts(data: Dataset) -> list[int]:
    """Return how many images each class has, outside the test split."""
    labels = [*data.train.labels.tolist(), *data.validation.labels.tolist()]
    return [labels.count(number) for number in range(len(data.classes))]


def said(data: Dataset) -> dict[str, str]:
    return {note.kind: str(note) for note in data.notes}


def test_images_of_every_ending_are_read(tree: Tree, read: Read) -> None:
    root = tree("a", "b")
    with Image.open(root / "a" / "0.png") as image:
        for suffix in IMAGE_SUFFIXES:
            for ending in (suffix, suffix.upper()):
                picture = image.convert("1" if suffix == ".pbm" else "RGB")
                picture.save(root / "a" / f"x{ending}", SAVED_AS.get(suffix))

    data = read()

    assert counts(data) == [4 + 2 * len(IMAGE_SUFFIXES), 4]
    assert not {"format", "other"} & set(said(data))


LEFT_BEHIND = (
    *(".ipynb_checkpoints/0-checkpoint.png", "@eaDir/0.png@SynoEAStream/SYNOFILE_THUMB_M.png"),
    *("._0.png", ".hidden.png", "__MACOSX/._0.png", ".DS_Store", "Thumbs.db", "desktop.ini"),
    *("$RECYCLE.BIN/0.png", "lost+found/0.png", ".AppleDouble/0.png", ".Trash-1000/files/0.png"),
    *(".thumbnails/normal/0.png", "#recycle/0.png", ".@__thumb/default0.png", "THUMBS.DB"),
    *(".git/objects/0.png", "System Volume Information/0.png", ".picasaoriginals/0.png"),
)


@pytest.mark.parametrize("where", ["", "a", "b/deeper"])
def test_what_systems_and_tools_leave_is_no_image(where: str, tree: Tree, read: Read) -> None:
    root = tree("a", "b", "b/deeper", each=2)
    for name in LEFT_BEHIND:
        file = root / where / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "a" / "0.png", file)

    data = read()

    assert data.classes == ("a", "b") and counts(data) == [2, 4]
    assert [note.count for note in data.notes] == [len(LEFT_BEHIND)]
    assert str(data.notes[0]).endswith(f" and {len(LEFT_BEHIND) - 3} more.")


def test_droppings_are_written_as_they_are_looked_up() -> None:
    assert all(name == name.casefold() for name in DROPPINGS)
    unread = [suffix for suffixes in UNREAD_SUFFIXES.values() for suffix in suffixes]
    assert not IMAGE_SUFFIXES & set(unread) and len(unread) == len(set(unread))
    assert all(name == name.lower() and name[0] == "." for name in (*unread, *IMAGE_SUFFIXES))


def test_every_ending_that_counts_is_one_that_pillow_reads() -> None:
    Image.init()
    known = {suffix for suffix, kind in Image.registered_extensions().items() if kind in Image.OPEN}

    assert readable() <= known


def test_what_is_left_out_is_counted_by_kind(tree: Tree, read: Read) -> None:
    root = tree("a", "b")
    for name in (
        "a/1.txt",
        "a/2.txt",
        "notes.md",
        "a/noending",
        "b/1.HEIC",
        "b/2.heif",
        "b/film.mp4",
    ):
        (root / name).write_bytes(b"something")
    (root / "a" / "empty.png").touch()
    (root / "b" / "dead.png").symlink_to("/nowhere/dead.png")
    (root / "b" / "self").symlink_to(root / "b" / "self")
    (root / "b" / "loop").symlink_to(root)
    os.mkfifo(root / "b" / "pipe.png")

    data = read()

    assert counts(data) == [4, 4]
    assert said(data) == {
        "format": "3 files of pictures in formats that are not read were left out (1 .heic, 1 .heif, "
        "1 .mp4); convert to PNG or JPEG: b/1.HEIC, b/2.heif, b/film.mp4.",
        "empty": "1 file of an image has 0 bytes and was left out: a/empty.png.",
        "dead_link": "2 links lead nowhere and were left out: b/dead.png, b/self.",
        "link_loop": "1 link leads back to a folder above and was left out: b/loop.",
        "special": "1 file is a pipe, socket or device and was left out: b/pipe.png.",
        "other": "4 files are not images and were left out (2 .txt, 1 without an ending, 1 .md): "
        "notes.md, a/1.txt, a/2.txt and 1 more.",
    }


@pytest.mark.parametrize("name", ["picture", "picture.bak", "picture.png 2", "picture.jpg_large"])
def test_pictures_under_other_names_are_said(name: str, tree: Tree, read: Read) -> None:
    root = tree("a", "b")
    (root / "a" / "0.png").rename(root / "a" / name)

    data = read()

    assert counts(data) == [3, 4] and f": a/{name}." in said(data)["misnamed"]
    for i in range(1, 4):
        (root / "a" / f"{i}.png").rename(root / "a" / f"{i}")
    with pytest.raises(
        DataError, match=r"images/a has no images that can be read: 4 files of other"
    ):
        read()


def test_a_socket_is_not_waited_for(
    tree: Tree, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree("a", "b")
    monkeypatch.chdir(root)  # a socket's path may be short only
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a/server.png")

        assert said(read())["special"].endswith("a/server.png.")


def test_links_to_folders_and_files_are_followed(tree: Tree, read: Read, tmp_path: Path) -> None:
    root = tree("a", "b")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for i in range(4):
        shutil.move(root / "b" / f"{i}.png", elsewhere / f"{i}.png")
    (root / "b" / "more").symlink_to(elsewhere)
    tree("../more", each=6)
    (root / "c").symlink_to(tmp_path / "more")
    (root / "a" / "linked.png").symlink_to(elsewhere / "0.png")

    data = read()

    assert data.classes == ("a", "b", "c") and counts(data) == [5, 4, 6]


def test_links_that_multiply_end_in_a_sentence(tree: Tree, read: Read, tmp_path: Path) -> None:
    root = tree("a", "b")
    for depth in range(20):
        folder = tmp_path / "levels" / str(depth)
        folder.mkdir(parents=True)
        for name in ("left", "right"):
            (folder / name).symlink_to(tmp_path / "levels" / str(depth + 1))
    (tmp_path / "levels" / "20").mkdir()
    (root / "a" / "deep").symlink_to(tmp_path / "levels" / "0")

    with pytest.raises(DataError, match=r"is behind more than 8 links to folders"):
        read()


@pytest.fixture
def deep(tree: Tree) -> Iterator[Path]:
    """A folder more than a thousand below; it goes at the end, for pytest cannot remove it."""
    path = tree("a", "b") / "a"
    folders = []
    for _ in range(1100):
        path = path / "d"
        path.mkdir()
        folders.append(path)
    yield path
    for folder in reversed(folders):
        for file in folder.glob("*.*"):
            file.unlink()
        folder.rmdir()


def test_a_thousand_folders_deep(deep: Path, tmp_path: Path, read: Read) -> None:
    shutil.move(tmp_path / "images" / "a" / "0.png", deep / "0.png")
    (deep / "0.txt").touch()

    data = read()

    assert counts(data) == [4, 4] and "0.txt" in said(data)["other"]


def test_names_of_other_bytes_are_read_and_shown(tree: Tree, read: Read, tmp_path: Path) -> None:
    root = tree("a", "b")
    (root / "a" / "0.png").rename(root / "a" / os.fsdecode(b"caf\xe9.png"))
    (root / "b" / "0.png").rename(root / "b" / os.fsdecode(b"\xff\xfe.heic"))
    (root / "b" / "1.png").rename(root / "b" / "\x1b[31mred\n.heic")

    data = read()

    assert counts(data) == [4, 2]
    assert [note.examples for note in data.notes] == [
        ("b/\\x1b[31mred\\n.heic", "b/\\xff\\xfe.heic")
    ]
    text = json.dumps([note.to_json() for note in data.notes], ensure_ascii=False)
    assert tuple(Note.from_json(note) for note in json.loads(text.encode())) == data.notes


def test_damaged_image_of_other_bytes_is_named(tree: Tree, read: Read) -> None:
    root = os.fsencode(tree("a", "b"))
    Path(os.fsdecode(root + b"/a/caf\xe9.png")).write_bytes(b"no image")

    with pytest.raises(
        DataError, match=re.escape(r"images/a/caf\xe9.png cannot be read as an image")
    ):
        read()


def test_folder_of_other_bytes_is_read(tree: Tree, cache: Path) -> None:
    root = tree("a", "b")
    moved = Path(os.fsdecode(os.fsencode(root.parent) + b"/bilder\xfc"))
    root.rename(moved)

    data = load(DataRef(name="folder:bilder\udcfc"), data_dir=root.parent, cache_dir=cache)

    assert counts(data) == [4, 4]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain é 日本", "plain é 日本"),
        ("tab\tline\n", "tab\\tline\\n"),
        ("esc\x1b]0;x\x07", "esc\\x1b]0;x\\x07"),
        ("\udce9", "\\xe9"),
        ("right\u202eleft", "right\\u202eleft"),
        ("half\ud83d", "half\\ud83d"),
    ],
)
def test_printable(name: str, shown: str) -> None:
    assert escaped(name) == shown
    assert escaped(Path(name)) == shown


def test_all_damaged_images_are_named_at_once(tree: Tree, read: Read) -> None:
    root = tree("train/a", "train/b", "val/a", "test/b", height=40, width=40)
    for name in ("train/a/1.png", "train/b/3.png"):  # found by their pixels, not by their headers
        (root / name).write_bytes((root / name).read_bytes()[:-1000])
    for name in ("val/a/0.png", "test/b/0.png", "test/b/2.png"):
        (root / name).write_text("no image")

    with pytest.raises(DataError) as caught:
        read()

    assert str(caught.value).startswith("5 images of ")
    assert "images cannot be used: train/a/1.png, train/b/3.png, val/a/0.png and 2 more." in str(
        caught.value
    )


def test_notes_come_and_go_with_the_files(tree: Tree, read: Read) -> None:
    root = tree("a", "b")
    before = read()
    (root / "a" / "0.txt").touch()
    with_text = read()
    (root / "a" / ".ipynb_checkpoints").mkdir()
    with_folder = read()
    (root / "a" / "0.txt").unlink()
    (root / "a" / ".ipynb_checkpoints").rmdir()

    assert before.notes == read().notes == ()
    assert list(said(with_text)) == ["other"] and list(said(with_folder)) == ["hidden", "other"]
    assert {before.fingerprint} == {with_text.fingerprint, with_folder.fingerprint}


def test_notes_are_there_again_without_decoding(tree: Tree, read: Read) -> None:
    root = tree("a", "b")
    (root / "a" / "0.txt").touch()
    before = read()
    files = sorted(root.rglob("*.png"))
    for file in files:
        status = file.stat()
        file.write_bytes(bytes(status.st_size))
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert read().notes == before.notes != ()


def test_notes_are_logged_and_at_most_a_handful(
    tree: Tree, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    (tree("a", "b") / "a" / "0.txt").touch()
    read()

    assert caplog.messages == ["Data: 1 file is not an image and was left out (1 .txt): a/0.txt."]
    many = [Note(str(i), 1, f"sentence {i}") for i in range(20)]
    assert len(lines(many)) == NOTES + 1
    assert lines(many)[-1] == f"Data: {20 - NOTES} more notes on the data set; the report has all."


def test_a_note_names_some_and_counts_the_rest() -> None:
    note = Note("other", 1234, "1,234 files are not images", ("a", "b", "c"))

    assert str(note) == "1,234 files are not images: a, b, c and 1,231 more."
    assert str(Note("other", 2, "2 files are not images", ("a", "b"))) == (
        "2 files are not images: a, b."
    )


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root")
def test_files_and_folders_without_rights_are_named(tree: Tree) -> None:
    # Root may read all: another user is who has no rights, and pytest's own folders are closed to it.
    script = (
        "import os, sys\n"
        "from autotrick.data import load\n"
        "from autotrick.recipe import DataRef\n"
        "from autotrick.errors import DataError\n"
        "from pathlib import Path\n"
        "ref, cache = DataRef(name='folder:' + sys.argv[1]), Path(sys.argv[2])\n"
        "load(ref, cache_dir=cache / 'root')  # also imports what another user may not read\n"
        "for name in sys.argv[3:]: Path(sys.argv[1], name).chmod(0)\n"
        "os.setuid(65534)\n"
        "try: load(ref, cache_dir=cache / 'nobody')\n"
        "except DataError as error: print(error)\n"
    )

    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = Path(folder) / "images"
        shutil.copytree(tree("a", "b"), root)

        def message(*names: str) -> str:
            words = [sys.executable, "-c", script, str(root), f"{folder}/caches", *names]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            assert "Traceback" not in done.stderr
            return done.stdout

        files = message("a/1.png", "b/2.png")
        unread = message("b")

    assert "2 images of" in files and "a/1.png, b/2.png" in files and "Permission denied" in files
    assert re.search(r"images/b cannot be read: Permission denied", unread)
