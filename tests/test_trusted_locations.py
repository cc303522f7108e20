"""What is the user's own, and what a record may not decide."""

from pathlib import Path

import pytest

from autotrick import trusted_locations
from autotrick.errors import ResourceError
from autotrick.tune import Resources


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a home, a working folder and a cache, and what lies outside of them."""
    for name in ("home", "work", "cache", "outside"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


@pytest.mark.parametrize("name", ["home/files", "work/files", "cache/autotrick/x", "work"])
def test_own_folders_need_no_asking(machine: Path, name: str) -> None:
    assert trusted_locations.is_own(str(machine / name))


@pytest.mark.parametrize(
    "place",
    [
        "{}/outside",
        "{}/home/../outside",
        "/",
        "/etc",
        "relative",
        "127.0.0.1:6112",
        "ray://h:1",
        "s3://b",
        "file:///etc",
    ],
)
def test_all_else_is_not_own(machine: Path, place: str) -> None:
    assert not trusted_locations.is_own(place.format(machine))


def test_a_link_out_of_own_folders_is_not_own(machine: Path) -> None:
    (machine / "home" / "link").symlink_to(machine / "outside")

    assert not trusted_locations.is_own(str(machine / "home" / "link" / "files"))


def test_a_home_at_the_root_makes_nothing_own(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/")

    assert not trusted_locations.is_own("/etc")


@pytest.mark.parametrize("place", ["10.0.0.5:6379", "s3://bucket/files", "{}/outside/files"])
def test_what_was_given_once_is_own(machine: Path, place: str) -> None:
    given = place.format(machine)

    trusted_locations.remember(Path(given) if given.startswith("/") else given)

    assert trusted_locations.is_own(given)
    assert not trusted_locations.is_own(given + "0")
    assert not trusted_locations.is_own(f"{given}/../x")


def test_nothing_secret_is_remembered(machine: Path) -> None:
    trusted_locations.remember("ftp://ann:Sesame7@host/files")

    assert "Sesame7" not in (machine / "cache" / "autotrick" / trusted_locations.FILE).read_text()
    assert trusted_locations.is_own("ftp://ann@host/files")


def test_a_damaged_list_is_no_list(machine: Path) -> None:
    trusted_locations.remember("s3://bucket")
    file = machine / "cache" / "autotrick" / trusted_locations.FILE
    file.write_bytes(b"\xff\n" + file.read_bytes())

    assert not trusted_locations.is_own("s3://bucket")


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"address": "127.0.0.1:6112"}, "--address 127.0.0.1:6112"),
        ({"storage": "/etc"}, "--storage /etc"),
        ({"storage": "s3://bucket/x"}, "--storage s3://bucket/x"),
        ({"storage": "ftp://u:Sesame7@h/x"}, "--storage ftp://u:***@h/x"),
    ],
)
def test_resume_asks_for_places_of_others(
    machine: Path, changes: dict[str, str], option: str
) -> None:
    recorded = Resources().to_json() | changes

    with pytest.raises(ResourceError, match="give your own, or these if you trust them") as refused:
        Resources.of_study("theirs", recorded)

    assert str(refused.value).endswith(f"autotrick resume theirs {option}")


def test_resume_takes_what_is_given_or_was_searched_with(machine: Path) -> None:
    theirs = Resources(address="10.0.0.5:6379", storage=machine / "outside").to_json()
    mine = Resources(address="10.0.0.6:6379", storage=machine / "outside" / "mine")

    given = Resources.of_study("x", theirs, {"address": "10.0.0.7:6379", "storage": Path("files")})
    mine.remember()
    again = Resources.of_study("x", mine.to_json())

    assert (given.address, given.storage) == ("10.0.0.7:6379", Path("files"))
    assert again == mine


def test_a_foreign_cache_gives_way_to_the_default(machine: Path) -> None:
    recorded = Resources(cache=machine / "outside").to_json()

    assert Resources.of_study("x", recorded).cache is None
    assert trusted_locations.own_folder(recorded, "cache") is None
    assert trusted_locations.own_folder({"cache": 5}, "cache") is None


def test_a_study_from_a_file_takes_the_defaults() -> None:
    assert Resources.of_study("x", None) == Resources()
