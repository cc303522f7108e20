"""A space names a network, a data set and a trick of the user's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autotrick.data import load as load_data
from autotrick.errors import CodeError, RecipeError, SpaceError
from autotrick.own_code import registry
from autotrick.recipe import DataRef, Recipe
from autotrick.space import SearchSpace, files_of, load, published_defaults
from autotrick.space.own import record_of
from autotrick.train import train
from autotrick.tricks import TRICKS
from autotrick.tune.recipe_space import completed

PLAIN = {
    "data": DataRef(name="digits"),
    "architecture": "lenet5",
    "epochs": 1,
    "batch_size": 8,
    "base_lr": 0.1,
}


def test_own_code_is_searched_like_any(mine: Path) -> None:
    space = load(mine)
    recipe = published_defaults(space)
    data = load_data(space.data)

    first = train(recipe, data).reports
    second = train(recipe, data).reports

    assert recipe.architecture_settings == {"width": 4, "norm": True}
    assert recipe.tricks["speckle"] == {"strength": 0.2}
    assert [one.weights for one in first] == [one.weights for one in second]
    assert len(data.classes) == 10 and data.shape == (8, 8, 1)


def test_a_recipe_names_the_code_that_it_trains_with(mine: Path) -> None:
    space = load(mine)

    recipe = published_defaults(space)
    without = recipe.model_copy(update={"tricks": {}})

    assert [*recipe.code] == ["nets.py", "tricks.py"]
    assert [*completed(without).code] == ["nets.py"]
    assert {*space.code.files["nets.py"]} == {"nets.py", "layers.py"}


def test_a_recipe_without_own_code_is_written_as_ever() -> None:
    recipe = Recipe.model_validate(PLAIN)

    assert "code" not in recipe.model_dump(mode="json")
    # As the version before there was own code recorded it.
    assert recipe.digest() == "5edb05477760c631"


def test_what_the_network_imports_beside_it_counts(mine: Path) -> None:
    before = load(mine)
    layers = mine.parent / "layers.py"
    layers.write_text(layers.read_text() + "# changed\n")

    after = load(mine)

    assert before.digest() != after.digest()
    assert before.code.digests()["tricks.py"] == after.code.digests()["tricks.py"]


def test_a_changed_network_is_not_trained_under_the_old_digest(mine: Path) -> None:
    space = load(mine)
    recipe, data = published_defaults(space), load_data(space.data)
    nets = mine.parent / "nets.py"
    nets.write_text(nets.read_text().replace("width=4", "width=6"))
    load(mine)

    with pytest.raises(RecipeError, match=r"another version of nets\.py \(digest \w+, and this"):
        train(recipe, data)


def test_line_ends_do_not_count(mine: Path) -> None:
    before = load(mine).code.digests()
    nets = mine.parent / "nets.py"
    nets.write_bytes(nets.read_bytes().replace(b"\n", b"\r\n"))

    assert load(mine).code.digests() == before


def test_a_space_of_recipes_keeps_the_record_of_their_code(mine: Path) -> None:
    space = load(mine)
    recipe = published_defaults(space)

    record = record_of([recipe.architecture], recipe.tricks, space.data.name)

    assert record.digests() == space.code.digests()
    assert record_of(["lenet5"], ["mixup"]) == type(record)()


def test_a_recorded_space_is_read_without_importing_its_code(mine: Path) -> None:
    for name in ("nets", "tricks", "photos"):
        file = mine.parent / f"{name}.py"
        text = f"\nimport pathlib\npathlib.Path({str(mine.parent)!r}, 'imported_{name}').touch()\n"
        file.write_text(file.read_text() + text)
    recorded = load(mine).model_dump(mode="json")
    markers = sorted(mine.parent.glob("imported_*"))
    assert len(markers) == 3
    for marker in markers:
        marker.unlink()
    reading = (
        "import json, sys\n"
        "from autotrick.space.recorded import recorded_space\n"
        "from autotrick.space import decisions, published_defaults\n"
        "space, fault = recorded_space(json.load(sys.stdin))\n"
        "assert not fault, fault\n"
        "print(space.digest(), published_defaults(space).digest(), len(decisions(space)))\n"
        "sys.exit('torch' in sys.modules)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", reading],
        input=json.dumps(recorded),
        capture_output=True,
        text=True,
        check=False,
    )

    space = SearchSpace.model_validate(recorded)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == [space.digest(), published_defaults(space).digest()]
    assert not [*mine.parent.glob("imported_*")]


def test_own_tricks_come_behind_autotricks_in_the_order_of_names(mine: Path) -> None:
    file = mine.parent / "tricks.py"
    text = file.read_text()
    file.write_text(
        text + text.split("\n\n\n")[1].replace("Speckle", "Alpha").replace("speckle", "alpha")
    )
    mine.write_text(mine.read_text() + "\n[tricks.alpha]\n")

    load(mine)

    assert [*TRICKS][-2:] == ["alpha", "speckle"]


def test_files_to_send_with_a_space_are_known_without_importing(mine: Path) -> None:
    (mine.parent / "nets.py").write_text("from layers import block\nraise SystemExit(3)\n")

    assert sorted(files_of(mine)) == ["layers.py", "mine.toml", "nets.py", "photos.py", "tricks.py"]


BAD = [
    (
        "nets.py",
        "    super",
        "    supper((",
        r"nets\.py, line \d+: SyntaxError: '\(' was never closed",
    ),
    (
        "nets.py",
        "from layers",
        "from lairs",
        r"nets\.py, line 5: ModuleNotFoundError: No module named 'lairs'",
    ),
    ("layers.py", "from torch", "1 / 0\nfrom torch", r"layers\.py, line 1: ZeroDivisionError"),
    ("nets.py", "num_classes", "k", r"nets\.py, line 8\): the parameter 'k' has no default"),
    ("nets.py", "num_classes, in", "in", r"a network needs a parameter num_classes \(or classes\)"),
    ("mine.toml", ":Net", ":Nett", r"unknown name 'Nett'\. Did you mean 'Net'\?"),
    (
        "mine.toml",
        "nets.py:",
        "net.py:",
        r"there is no file .*/net\.py\. Python files in that folder: .*nets\.py",
    ),
    (
        "mine.toml",
        "python:nets.py:Net",
        "python:__main__:Net",
        r"is defined in the notebook or script itself",
    ),
    (
        "mine.toml",
        "nets.py:",
        "../nets.py:",
        r"files of code lie in the space's folder or below it",
    ),
    (
        "mine.toml",
        "nets.py:Net",
        "no_such_package.nets:Net",
        r"no package 'no_such_package' is installed",
    ),
    ("mine.toml", "nets.py:Net", "nets.py", r"names no object: write python:"),
    (
        "mine.toml",
        '["tricks.py"]',
        '"tricks.py"',
        r"code\.modules: must be a list of modules or files",
    ),
    ("mine.toml", '["tricks.py"]', '["layers.py"]', r"layers\.py defines no trick"),
    ("mine.toml", "modules = ", "files = {}\nmodules = ", r"code: unknown key 'files'"),
    ("mine.toml", "[tricks.speckle]", "[tricks.specle]", r"unknown trick 'specle'"),
    (
        "mine.toml",
        "photos.py:photos",
        "layers.py:nn",
        r"is neither a function that returns a data set",
    ),
    (
        "tricks.py",
        '"speckle"',
        '"mixup"',
        r"tricks\.py, line 12\): there is a trick 'mixup' of autotrick already",
    ),
    ("tricks.py", "@dataclass(frozen=True, kw_only=True)\n", "", r"a trick is a dataclass"),
    ("tricks.py", "frozen=True, ", "", r"TypeError: cannot inherit non-frozen dataclass"),
    ("tricks.py", "Range(0, 1)", "Range(0.3, 1)", r"ValueError: a declaration breaks its own rule"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"), BAD, ids=[f"{f}: {n}" for f, _, n, _ in BAD]
)
def test_what_is_wrong_is_said_in_one_line(
    mine: Path, file: str, old: str, new: str, said: str
) -> None:
    path = mine.parent / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))

    with pytest.raises(SpaceError, match=said) as found:
        load(mine)

    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "self.head(",
            "(",
            r"must return logits of shape \(1, 10\), one for each class, but returned \(1, 4\)",
        ),
        ("nn.Linear(width, num_classes)", "nn.Linear(width, 3)", r"but returned \(1, 3\)"),
        (
            "nn.Linear(width,",
            "nn.Linear(7,",
            r"it cannot take images of 8x8 pixels .*nets\.py, line 17: RuntimeError",
        ),
        (
            "return self.head",
            "return None, self.head",
            r"must return a tensor of logits, but returned a tuple",
        ),
        (
            "super().__init__()",
            "super().__init__(); 1 / 0",
            r"nets\.py, line 12: ZeroDivisionError",
        ),
    ],
)
def test_a_wrong_network_is_refused_in_one_line(mine: Path, old: str, new: str, said: str) -> None:
    nets = mine.parent / "nets.py"
    assert old in nets.read_text()
    nets.write_text(nets.read_text().replace(old, new))
    space = load(mine)

    with pytest.raises(RecipeError, match=said) as found:
        train(published_defaults(space), load_data(space.data))

    assert "\n" not in str(found.value)


def test_names_in_a_space_that_no_file_brings_are_refused() -> None:
    with pytest.raises(SpaceError, match=r"is imported only with a space that you give"):
        SearchSpace.model_validate(
            {
                "name": "x",
                "question": "Is it imported?",
                "data": {"name": "digits"},
                "fixed": {
                    "architecture": "python:os:system",
                    "epochs": 1,
                    "batch_size": 8,
                    "base_lr": 0.1,
                },
            }
        )


def test_a_package_beside_the_space_is_found_and_changes_need_a_new_process(mine: Path) -> None:
    package = mine.parent / "minepack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "deep.py").write_text((mine.parent / "layers.py").read_text())
    nets = (mine.parent / "nets.py").read_text().replace("from layers", "from minepack.deep")
    (package / "nets.py").write_text(nets)
    mine.write_text(mine.read_text().replace("python:nets.py:Net", "python:minepack.nets:Net"))

    space = load(mine)
    (package / "deep.py").write_text((package / "deep.py").read_text() + "# changed\n")

    assert sorted(space.code.files["minepack"]) == [
        "minepack/__init__.py",
        "minepack/deep.py",
        "minepack/nets.py",
    ]
    assert registry.unit_digest("minepack") == published_defaults(space).code["minepack"]
    with pytest.raises(
        SpaceError, match=r"minepack/deep\.py has changed since this process imported"
    ):
        load(mine)


def test_a_check_names_what_is_not_imported() -> None:
    with pytest.raises(
        RecipeError, match=r"needs your own code in nets\.py, which is not imported"
    ):
        registry.check({"nets.py": "0" * 16})


def test_code_errors_are_errors_of_autotrick(mine: Path) -> None:
    (mine.parent / "nets.py").unlink()

    with pytest.raises(CodeError, match=r"there is no file"):
        files_of(mine)
