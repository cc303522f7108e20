"""The code reaches workers that have none of it, as it was when the search began."""

import subprocess
import sys
from pathlib import Path

import pytest
from ray import cloudpickle

from autotrick.own_code import CodeRecord, registry
from autotrick.space import load, published_defaults
from autotrick.tune.cluster.module_paths import with_paths
from autotrick.tune.cluster.own_code import luggage, send_code

WORKING = """
import sys
from ray import cloudpickle

work = cloudpickle.loads(open(sys.argv[1], "rb").read())
work({"recipe": open(sys.argv[2]).read()})
"""


def check(config: dict[str, str]) -> None:
    """Build the network of a recipe, as a worker does first."""
    from autotrick.models import build
    from autotrick.recipe import Recipe

    recipe = Recipe.model_validate_json(config["recipe"])
    registry.check(recipe.code)
    facts = {"classes": 10, "channels": 1, "image_size": (8, 8)}
    build(recipe.architecture, recipe.architecture_settings, **facts, seed=0)  # type: ignore[arg-type]
    print("built", sorted(recipe.tricks))  # noqa: T201


@pytest.mark.slow
@pytest.mark.parametrize("deeper", [False, True])
def test_a_worker_elsewhere_gets_the_code(mine: Path, tmp_path: Path, deeper: bool) -> None:
    if deeper:
        layers = mine.parent / "layers.py"
        layers.write_text("import only_here\n" + layers.read_text())
        (mine.parent / "only_here.py").write_text("")
    space = load(mine)
    send_code(space.code)
    packed, recipe = tmp_path / "work.pickle", tmp_path / "recipe.json"
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    packed.write_bytes(cloudpickle.dumps(with_paths(check)))
    recipe.write_text(published_defaults(space).model_dump_json())
    for file in mine.parent.glob("*.py"):
        file.write_text("raise SystemExit('edited while the search ran')\n")

    done = subprocess.run(
        [sys.executable, "-P", "-c", WORKING, str(packed), str(recipe)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    # What is imported beside the files goes along with them.
    assert (done.stdout, done.returncode) == ("built ['mixup', 'speckle']\n", 0), done.stderr


def test_a_search_without_own_code_sends_none(mine: Path) -> None:
    send_code(load(mine).code)
    assert luggage() is not None

    send_code(CodeRecord())

    assert luggage() is None
