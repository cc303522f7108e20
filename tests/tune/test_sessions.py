"""Where Ray's sockets are put, whatever `TMPDIR` says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autotrick.errors import ResourceError
from autotrick.tune.cluster import session_folders
from autotrick.tune.cluster.session_folders import ensure_token, session_folder


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The one folder, beside what the environment names, in which there is room for Ray."""
    place = tmp_path / "s"
    place.mkdir()
    monkeypatch.setattr(session_folders, "_PLACES", (str(place),))
    monkeypatch.setattr(session_folders, "_NAME", session_folders._SOCKET - len(str(place)) - 30)
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    monkeypatch.delenv("TMPDIR", raising=False)
    return place


def test_without_any_wish_it_is_where_ray_has_it(short: Path) -> None:
    assert session_folder() == f"{short}/ray"


@pytest.mark.parametrize("name", ["RAY_TMPDIR", "TMPDIR"])
def test_a_wish_is_followed(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "t t"))

    assert session_folder() == str(tmp_path / "t t" / "ray")


@pytest.mark.parametrize(
    "wish",
    [
        "a_user_with_a_long_name/slurm_jobdir/1355700/tmp",
        "\xe4\xf6",
        "caf\udce9",
        "two\nlines",
        "tab\there",
        "file/under",
    ],
)
def test_a_wish_that_does_not_serve_is_not_followed(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TMPDIR", f"{tmp_path}/{wish}")

    assert session_folder() == f"{short}/ray"


def test_an_empty_or_relative_wish_is_not_followed(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wish in ("", "relative"):
        monkeypatch.setenv("TMPDIR", wish)
        assert session_folder() == f"{short}/ray"


def test_a_folder_of_ones_own_where_that_of_ray_is_not_writable(short: Path) -> None:
    (short / "ray").write_text("")  # as good as a folder of somebody else

    folder = Path(session_folder())

    assert folder == short / f"autotrick-ray-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_folder_of_somebody_else_does_not_serve(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (short / "ray").write_text("")
    taken = short / f"autotrick-ray-{os.getuid()}"
    taken.mkdir()
    os.chown(taken, 12345, 12345)
    monkeypatch.setattr("tempfile.tempdir", "/proc/none")

    with pytest.raises(ResourceError, match="Set RAY_TMPDIR to such a folder"):
        session_folder()


def test_the_name_that_ray_adds_has_room() -> None:
    """A path of just the length that is allowed makes a socket that can be bound."""
    folder = "/" + (session_folders._SOCKET - session_folders._NAME - 1) * "x"

    longest = f"{folder}/session_2026-11-30_00-54-41_402529_4194304/sockets/plasma_store.1"

    assert session_folders._fits(Path(folder)) and not session_folders._fits(Path(folder + "x"))
    assert (len(longest) <= 107 and not sys.platform.startswith("darwin")) or len(longest) <= 103


def test_no_folder_for_temporary_files_is_a_sentence(tmp_path: Path) -> None:
    code = (
        "import tempfile\n"
        "tempfile._candidate_tempdir_list = lambda: ['/proc/none']\n"
        "from click.testing import CliRunner\n"
        "import click, autotrick.cli as c\n"
        "@click.command()\n"
        "def probe(): tempfile.mkdtemp()\n"
        "c.main.add_command(probe)\n"
        "c.main(['probe'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        "Error: no folder for temporary files can be written to: /proc/none. Set TMPDIR to one.\n"
    )


TOKENS = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_MODE")


@pytest.mark.parametrize("home", ["file", "folder"])
def test_a_token_is_given_where_the_home_folder_cannot_keep_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for name in TOKENS:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / home))

    ensure_token()

    assert ("RAY_AUTH_TOKEN" in os.environ) == (home == "file")
    os.environ.pop("RAY_AUTH_TOKEN", None)


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_of_the_users_own_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "file").write_text("")
    for each in TOKENS:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))

    ensure_token()

    assert [each for each in TOKENS if each in os.environ] == [name]
