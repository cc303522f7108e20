import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from autotrick.recipe import Recipe
from autotrick.space import load
from tests.synthetic import Clock, fill, put_trial

Command = Callable[..., Result]
Refused = Callable[..., str]

SPACE = """
question = "Does the policy help on other images?"

[data]
name = "cifar10"

[fixed]
architecture = "fastnet"
epochs = 1
batch_size = 64
base_lr = 0.1

[tricks.searched_policy]
policy = "file:found.json"
"""


@pytest.fixture
def with_policies(folder: Path) -> dict[str, Any]:
    """A study whose trials from 4 to 7 have policies; the policy of trial 4."""
    from autotrick.records import open_database, study

    url = f"sqlite:///{folder}/autotrick.db"
    row = fill(url, 4)
    policy: Any = [[["Rotate", 0.5, 0.25], ["Invert", 0.125, 0.0]]]
    with open_database(url, clock=Clock()) as database:
        base = Recipe(
            data={"name": "digits", "fingerprint": "d" * 16},
            architecture="lenet5",
            epochs=2,
            batch_size=64,
            base_lr=0.1,
        )
        for number, tricks in enumerate(
            (
                {"searched_policy": {"policy": policy}},
                {"auto_augment": {"policy": "svhn", "probability": 1.0}},
                {"rand_augment": {"num_ops": 2, "magnitude": 9}},
                {"auto_augment": {"policy": "svhn", "probability": 0.5, "border": "edge"}},
            ),
            start=4,
        ):
            recipe = base.model_copy(update={"tricks": tricks})
            put_trial(database, study(database, row.name).id, recipe, "tpe", number, {})
    return {"policy": policy}


def test_a_found_policy_goes_into_a_space_on_other_images(
    command: Command, folder: Path, with_policies: dict[str, Any]
) -> None:
    done = command("policy", "export", "digits", "4", "-o", "found.json")

    assert 'policy = "file:found.json"' in done.stdout
    (folder / "space.toml").write_text(SPACE)
    space = load(folder / "space.toml")
    assert space.tricks["searched_policy"].settings["policy"].ends() == (with_policies["policy"],)
    known = json.loads((folder / "found.json").read_text())["provenance"]
    assert known["study"] == "digits" and known["trial"] == 4 and known["data"] == "digits"
    assert known["fingerprint"] == "d" * 16 and 0.5 < known["accuracy"] < 1


@pytest.mark.usefixtures("with_policies")
def test_a_named_policy_is_exported_as_data(command: Command, folder: Path) -> None:
    command("policy", "export", "digits", "5", "-o", "found.json")

    found = json.loads((folder / "found.json").read_text())
    assert found["trick"] == "searched_policy" and len(found["settings"]["policy"]) == 25
    assert found["provenance"]["made_from"] == "auto_augment svhn"


@pytest.mark.usefixtures("with_policies")
def test_a_policy_without_sub_policies_keeps_its_trick(command: Command, folder: Path) -> None:
    done = command("policy", "export", "digits", "6", "-o", "found.json")

    assert "[tricks.rand_augment] num_ops = 2, magnitude = 9" in done.stdout
    assert json.loads((folder / "found.json").read_text())["trick"] == "rand_augment"


@pytest.mark.usefixtures("with_policies")
def test_a_named_policy_that_spares_images_keeps_its_name(command: Command, folder: Path) -> None:
    command("policy", "export", "digits", "7", "-o", "found.json")

    found = json.loads((folder / "found.json").read_text())
    assert found["trick"] == "auto_augment"
    assert found["settings"] == {"policy": "svhn", "probability": 0.5, "border": "edge"}


@pytest.mark.usefixtures("with_policies")
def test_a_trial_without_a_policy_is_refused(refused: Refused) -> None:
    message = refused("policy", "export", "digits", "1", "-o", "found.json")

    assert message.startswith("trial 1 of digits has no policy.")


def test_what_import_writes_show_shows(command: Command) -> None:
    command("policy", "import", "originalr", "-o", "timm.json")

    shown = command("policy", "show", "timm.json").stdout

    assert "searched_policy, 25 sub-policies" in shown
    assert "Rotate p=0.6 strength=0.9" in shown
    assert "made_from: timm originalr" in shown


def test_show_says_what_a_string_means(command: Command) -> None:
    found = json.loads(command("policy", "show", "rand-m9-n3", "--json").stdout)

    assert found["trick"] == "timm_rand_augment"
    assert found["settings"]["magnitude"] == 9.0 and found["settings"]["num_ops"] == 3


def test_the_advice_is_toml(command: Command) -> None:
    said = command("policy", "import", "augmix-m5-w4-d2", "-o", "a.json").stdout

    _, _, advice = said.strip().partition("in a space: ")
    table, _, settings = advice.partition("] ")
    assert tomllib.loads(f"{table}]\n" + settings.replace(", ", "\n"))["tricks"]["augmix"] == {
        "severity": 5,
        "width": 4,
        "depth": 2,
        "all_operations": True,
        "interpolation": "bilinear",
    }


@pytest.mark.parametrize("name", ["nope", "nope.json"])
def test_an_unknown_policy_is_refused(refused: Refused, name: str) -> None:
    assert "nope" in refused("policy", "show", name)


def test_a_file_of_another_search_is_imported(command: Command, folder: Path) -> None:
    (folder / "found.txt").write_text("{0: [['Rotate', 0.5, 5]], 4: [['Invert', 0.5, 0]]}")

    said = command("policy", "import", "found.txt", "--epochs", "8", "-o", "s.json").stdout

    assert said == 's.json: in a space: [tricks.policy_schedule] policy = "file:s.json"\n'
    shown = command("policy", "show", "s.json").stdout
    assert "policy_schedule, 2 stages" in shown and "Rotate p=0.5 strength=0.5" in shown
