"""Installed packages bring networks, data and tricks by entry points."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autotrick.cli import main
from autotrick.data import load as load_data
from autotrick.errors import SpaceError
from autotrick.own_code import references
from autotrick.space import load, published_defaults
from autotrick.train import train

PACKAGE = Path(__file__).parents[1] / "user_package"
POINTS = """[autotrick.architectures]
dotnet = dotpack.nets:DotNet

[autotrick.datasets]
dots = dotpack.data:dots

[autotrick.tricks]
dot_noise = dotpack.tricks:DotNoise
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages with the user's package in it."""
    folder = tmp_path / "site"
    shutil.copytree(PACKAGE / "src", folder)
    install(folder, "dotpack", POINTS)
    monkeypatch.syspath_prepend(str(folder))
    references.installed.cache_clear()
    return folder


def install(site: Path, name: str, points: str) -> None:
    made = site / f"{name}-1.2.dist-info"
    made.mkdir(exist_ok=True)
    (made / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (made / "entry_points.txt").write_text(points)


def test_a_space_names_them_plainly(site: Path) -> None:
    space = load(PACKAGE / "dots.toml")
    recipe = published_defaults(space)
    data = load_data(space.data)

    report = train(recipe, data).reports[-1]

    assert (recipe.architecture, [*recipe.code]) == ("dotnet", ["dotpack"])
    assert "dot_noise" in recipe.tricks and data.test is not None
    assert data.classes == ("one", "two", "three") and 0 <= report.accuracy <= 1


def test_the_catalogue_lists_them_without_importing(site: Path) -> None:
    listed = CliRunner().invoke(main, ["catalogue", "--json"])

    entries = [json.loads(line) for line in listed.output.splitlines()]
    own = {entry["name"]: entry for entry in entries if entry.get("origin")}
    assert own["dots"] == {
        "kind": "data set",
        "name": "dots",
        "origin": "dotpack 1.2",
        "source": "python:dotpack.data:dots",
    }
    assert {*own} == {"dots", "dotnet", "dot_noise"}
    assert not any(name.startswith("dotpack") for name in sys.modules)


def test_one_entry_has_its_settings(site: Path) -> None:
    shown = CliRunner().invoke(main, ["catalogue", "dotnet"])
    trick = CliRunner().invoke(main, ["catalogue", "dot_noise", "--json"])

    assert "dotpack 1.2" in shown.output and "width = 8" in shown.output
    assert json.loads(trick.output)["settings"][0]["name"] == "strength"


def test_a_broken_package_is_one_line(site: Path) -> None:
    (site / "dotpack" / "nets.py").write_text("import nothing_like_that\n")

    with pytest.raises(SpaceError, match=r"nets\.py, line 1: ModuleNotFoundError: No module named"):
        load(PACKAGE / "dots.toml")


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (
            "[autotrick.tricks]\nlabel_smoothing = dotpack.tricks:DotNoise\n",
            r"other 1\.2 brings 'label_smoothing'",
        ),
        ("[autotrick.tricks]\ndot_noise = dotpack.nets:DotNet\n", r"both bring 'dot_noise'"),
        ("[autotrick.datasets]\ndots = dotpack.data:other\n", r"both bring 'dots'"),
    ],
)
def test_a_name_that_is_taken_is_refused(site: Path, points: str, said: str) -> None:
    install(site, "other", points)
    references.installed.cache_clear()

    with pytest.raises(SpaceError, match=said):
        load(PACKAGE / "dots.toml")


def test_a_trick_whose_name_is_not_that_of_its_entry_point_is_refused(site: Path) -> None:
    install(site, "dotpack", POINTS.replace("dot_noise =", "dotnoise ="))
    references.installed.cache_clear()
    space = site / "dots.toml"
    space.write_text(
        (PACKAGE / "dots.toml").read_text().replace("tricks.dot_noise", "tricks.dotnoise")
    )

    with pytest.raises(
        SpaceError, match=r"its `name` is 'dot_noise', but its entry point is called"
    ):
        load(space)
