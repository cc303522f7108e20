"""The package ships its types: mypy checks a user's code against them."""

import subprocess
import sys
from pathlib import Path

import pytest

import autotrick

USES = """
import autotrick
from autotrick.testing import check_trick

space = autotrick.load_space("mine.toml")
reveal_type(space)
autotrick.load_space(3)
check_trick("mixup")
"""


def test_the_marker_is_part_of_the_package() -> None:
    assert (Path(autotrick.__file__).parent / "py.typed").is_file()


@pytest.mark.slow
def test_mypy_sees_the_types_in_a_users_code(tmp_path: Path) -> None:
    (tmp_path / "uses.py").write_text(USES)

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", "uses.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    lines = [line for line in done.stdout.splitlines() if line.startswith("uses.py")]
    assert 'Revealed type is "autotrick.space.model.SearchSpace"' in lines[0]
    assert 'Argument 1 to "load" has incompatible type "int"' in lines[1]
    assert 'Argument 1 to "check_trick" has incompatible type "str"' in lines[2]
