import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import autotrick
from autotrick.cli import main

ROOT = Path(__file__).parents[2]


def commands(
    group: click.Group, words: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        yield " ".join((*words, name)), command


ALL = dict(commands(main))


@pytest.mark.parametrize("name", ALL)
def test_help_shows_an_example_of_itself(name: str) -> None:
    text = ALL[name].help or ""

    assert "Example:" in text
    assert f"autotrick {name}" in text.partition("Example:")[2]


@pytest.mark.parametrize("name", ALL)
def test_a_page_that_people_wrote_shows_the_command(name: str) -> None:
    pages = [ROOT / "README.md", *ROOT.glob("docs/*.md")]
    written = [text for page in pages if not (text := page.read_text()).startswith("<!-- Made by")]

    assert any(f"autotrick {name}" in text for text in written)


def test_promised_commands_are_there() -> None:
    promised = "search resume studies best trials tricks show report reproduce catalogue dashboard"

    assert {*promised.split(), "database", "database upgrade"} <= set(ALL)


@pytest.mark.parametrize(
    "name", ["studies", "best", "trials", "tricks", "show", "reproduce", "catalogue"]
)
def test_reading_commands_take_json(name: str) -> None:
    assert "--json" in [option for entry in ALL[name].params for option in entry.opts]


@pytest.mark.parametrize("name", ALL)
def test_every_option_is_explained(name: str) -> None:
    options = [entry for entry in ALL[name].params if isinstance(entry, click.Option)]

    assert [o.name for o in options if not o.help and not o.show_default] == []


# One process does it all: a new one for each command would take most of the suite's time.
LIGHT = """
import sys
from click.testing import CliRunner
from autotrick.cli import main

for words in (
    ["--help"], ["--version"], ["studies"], ["best", "digits"], ["trials", "digits"],
    ["best", "digits", "--where", "mixup and epochs > 2"], ["tricks", "digits"],
    ["tricks", "digits", "--combinations"], ["show", "digits", "0"], ["catalogue"],
    ["catalogue", "mixup"], ["catalogue", "lenet5"], ["catalogue", "--schema"],
    *([name, "--help"] for name in main.commands),
):
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    heavy = {"torch", "torchvision", "timm", "ray"} & set(sys.modules)
    assert not heavy, (words, heavy)
"""


def test_asking_loads_neither_torch_nor_ray(study: Path) -> None:
    code = [sys.executable, "-W", "error", "-c", LIGHT]

    done = subprocess.run(code, cwd=study.parent, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


LIGHTER = """
import sys
from click.testing import CliRunner
from autotrick.cli import main

for words in (["--help"], *([name, "--help"] for name in main.commands)):
    assert CliRunner().invoke(main, words, catch_exceptions=False).exit_code == 0
    heavy = {"numpy", "sqlalchemy", "pydantic", "optuna", "autotrick.tricks"} & set(sys.modules)
    assert not heavy, (words, heavy)
"""


def test_help_loads_no_library_that_takes_time() -> None:
    code = [sys.executable, "-W", "error", "-c", LIGHTER]

    done = subprocess.run(code, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_command_loads_no_other_command() -> None:
    code = (
        "import sys; from autotrick.cli import COMMANDS, main; main.commands['best'];"
        "assert [n for n in COMMANDS if f'autotrick.cli.{n}' in sys.modules] == ['best']"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autotrick", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"autotrick {autotrick.__version__}\n"
