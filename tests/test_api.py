import subprocess
import sys
from types import ModuleType

import pytest

import autotrick


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", autotrick.__all__)
def test_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(autotrick, name)

    assert not isinstance(found, ModuleType)
    assert isinstance(found, str) or found.__doc__


def test_public_names_are_listed() -> None:
    homes = {*autotrick._HOMES, "__version__"}

    assert homes == set(autotrick.__all__)
    assert homes <= set(dir(autotrick))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'autotrick' has no attribute 'nope'"):
        autotrick.nope  # noqa: B018


@pytest.mark.slow
def test_names_do_not_depend_on_what_was_imported_first() -> None:
    run(
        "import autotrick, autotrick.train, autotrick.reproduce, autotrick.tune, autotrick.space\n"
        "assert all(callable(getattr(autotrick, n)) for n in autotrick.__all__ if n[0] != '_')"
    )


@pytest.mark.slow
def test_asking_the_database_loads_no_heavy_library() -> None:
    run(
        "import sys, autotrick\n"
        "autotrick.open_database, autotrick.best_trials, autotrick.Recipe, autotrick.Trick\n"
        "autotrick.load_space, autotrick.SearchSpace\n"
        "assert not {'torch', 'ray', 'torchvision', 'timm'} & set(sys.modules)"
    )


def test_importing_the_package_loads_nothing_else() -> None:
    run(
        "import sys, autotrick; assert [m for m in sys.modules if m.startswith('autotrick.')] == []"
    )
