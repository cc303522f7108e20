"""The examples on the pages about own code are complete: they load, train and keep the contract."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import checks

PAGES = Path(__file__).parents[2] / "docs"
TRAINING = """
import sys
import autotrick
from autotrick.data import load
from autotrick.space import published_defaults

space = autotrick.load_space(sys.argv[1])
recipe = published_defaults(space)
result = autotrick.train_recipe(recipe, load(space.data))
assert len(result.reports) == recipe.epochs
print(sorted(recipe.code), recipe.architecture, sorted(recipe.tricks))
"""


def written(page: str, folder: Path) -> list[Path]:
    """Write the blocks of a page whose first line names a file, and return the files."""
    found = []
    for _, text in checks.blocks((PAGES / page).read_text(), "python", "toml"):
        if (named := re.match(r"# ([\w.]+)\n", text)) is not None:
            found.append(folder / named[1])
            found[-1].write_text(text)
    return found


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "space", "said"),
    [
        ("own_network.md", "my_network.toml", "['nets.py'] python:nets.py:SmallNet"),
        ("own_data.md", "my_data.toml", "[] fastnet"),
        ("own_trick.md", "my_trick.toml", "['tricks.py'] lenet5 ['cosine_decay', 'speckle']"),
    ],
)
def test_the_example_of_a_page_trains_and_keeps_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, space: str, said: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = written(page, tmp_path)
    (tmp_path / "training.py").write_text(TRAINING)
    tests = [file.name for file in files if file.name.startswith("test_")]

    trained = run(tmp_path, "training.py", space)
    checked = run(tmp_path, "-m", "pytest", "-q", "-p", "no:dash", "-p", "no:cacheprovider", *tests)

    assert trained.startswith(said)
    assert "1 passed" in checked


def test_a_torch_dataset_of_the_page_is_read(tmp_path: Path) -> None:
    written("own_data.md", tmp_path)
    reading = (
        "import autotrick.testing, photos\n"
        "autotrick.testing.check_dataset(photos.Photos, image_size=16)\n"
        "autotrick.testing.check_dataset(photos.Photos(), image_size=16, validation=0.2)\n"
        "try: autotrick.testing.check_dataset(photos.Photos)\n"
        "except autotrick.AutotrickError as error: print(error)\n"
    )

    said = run(tmp_path, "-c", reading)

    assert "3 different sizes, such as 24x20 and 26x20 pixels. Set image_size" in said
