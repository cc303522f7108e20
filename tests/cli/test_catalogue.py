import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import Result

from autotrick.augment.policies import AUTO_AUGMENT
from autotrick.data import DATASETS
from autotrick.models import ARCHITECTURES
from autotrick.tricks import TRICKS
from tests.cases import case

Command = Callable[..., Result]
NAMES = [*TRICKS, *ARCHITECTURES, *DATASETS, *AUTO_AUGMENT]
SPACES = sorted((Path(__file__).parents[2] / "search_spaces").glob("*.toml"))


def test_everything_is_listed(command: Command) -> None:
    text = command("catalogue").stdout

    assert [name for name in NAMES if name not in text] == []


def test_everything_is_listed_as_json(command: Command) -> None:
    entries = [json.loads(line) for line in command("catalogue", "--json").stdout.splitlines()]

    assert [entry["name"] for entry in entries] == NAMES
    assert {entry["kind"] for entry in entries} == {"trick", "architecture", "data set", "policy"}


def test_entry_says_what_can_be_set_and_who_published_it(command: Command) -> None:
    for name in [*TRICKS, *ARCHITECTURES]:
        with case(name):
            kind = TRICKS[name] if name in TRICKS else ARCHITECTURES[name]
            settings = kind.settings() if name in TRICKS else kind.settings  # type: ignore[operator]

            text = " ".join(command("catalogue", name).stdout.split())

            assert [spec.name for spec in settings if f"{spec.name} = " not in text] == []  # type: ignore[union-attr]
            for paper in kind.papers:
                assert f'{paper.authors}, "{paper.title}", {paper.published}. {paper.link}' in text


def test_entry_is_one_json_object_for_each_kind(command: Command) -> None:
    for name in NAMES:
        with case(name):
            lines = command("catalogue", name, "--json").stdout.splitlines()

            assert [json.loads(line)["name"] for line in lines] == [name] * NAMES.count(name)


def test_data_set_and_policy_of_one_name_are_both_shown(command: Command) -> None:
    text = command("catalogue", "cifar10").stdout

    assert "cifar10 (data set)" in text and "cifar10 (policy)" in text


def test_excluding_tricks_say_why(command: Command) -> None:
    for name, trick in TRICKS.items():
        entry = json.loads(command("catalogue", name, "--json").stdout)
        assert entry["excludes"] == dict(trick.excludes)
        assert entry["needs"] == sorted(trick.needs)


@pytest.mark.slow
def test_architecture_of_a_library_is_described(command: Command) -> None:
    entry = json.loads(command("catalogue", "timm/resnet18", "--json").stdout)

    assert (entry["kind"], entry["name"]) == ("architecture", "timm/resnet18")


def test_schema_accepts_every_shipped_space(command: Command) -> None:
    schema = json.loads(command("catalogue", "--schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)

    faults = {
        path.stem: [
            error.message for error in validator.iter_errors(tomllib.loads(path.read_text()))
        ]
        for validator in [jsonschema.Draft202012Validator(schema)]
        for path in SPACES
    }

    assert faults == {path.stem: [] for path in SPACES}
    assert len(SPACES) >= 4


def test_schema_refuses_what_is_not_in_the_catalogue(command: Command) -> None:
    schema = json.loads(command("catalogue", "--schema").stdout)
    quickstart = next(path for path in SPACES if path.stem == "quickstart")
    tables = tomllib.loads(quickstart.read_text())
    tables["tricks"]["mixpu"] = {}

    assert not jsonschema.Draft202012Validator(schema).is_valid(tables)


def test_unknown_entry_suggests_the_nearest(refused: Callable[..., str]) -> None:
    assert "unknown entry 'mixpu'. Did you mean 'mixup'?" in refused("catalogue", "mixpu")
