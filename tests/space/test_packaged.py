"""Spaces by name: `quickstart` stands for the file that comes with autotrick."""

from pathlib import Path

import pytest

from autotrick import space as spaces
from autotrick.errors import SpaceError

SPACES = Path(__file__).parents[2] / "search_spaces"


def test_every_space_of_the_repository_is_packaged() -> None:
    assert {file.stem for file in SPACES.glob("*.toml")} == set(spaces.packaged())


def test_a_name_stands_for_the_packaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert spaces.load("quickstart") == spaces.load(SPACES / "quickstart.toml")


def test_a_file_of_that_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (SPACES / "quickstart.toml").read_text().replace("ten epochs", "no time")
    (tmp_path / "quickstart").write_text(text)

    assert "no time" in spaces.load("quickstart").question


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("quickstrat", "Did you mean 'quickstart'?"),
        ("quickstart.tml", "Did you mean 'quickstart'?"),
        ("mine", "Did you mean 'mine.toml'?"),
        ("mien.toml", "Did you mean 'mine.toml'?"),
        ("zzz", "Spaces in that folder: mine. Packaged spaces: cifar10_augmentation, "),
    ],
)
def test_a_near_miss_gets_a_suggestion(
    word: str, near: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text("")

    with pytest.raises(SpaceError) as refused:
        spaces.load(word)

    assert str(refused.value).startswith(f"no search space at {tmp_path / word}.")
    assert near in str(refused.value)


@pytest.mark.parametrize("word", ["", "a\0b", "x" * 5000, "~nobody/space.toml", "/"])
def test_odd_names_are_one_sentence(word: str) -> None:
    with pytest.raises(SpaceError) as refused:
        spaces.load(word)

    assert len(str(refused.value).splitlines()) == 1
