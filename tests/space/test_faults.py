from pathlib import Path
from typing import Any

import pytest

from autotrick.errors import SpaceError
from autotrick.space import SearchSpace, load

GOOD = """
question = "Which tricks help?"
[data]
name = "digits"
[fixed]
architecture = "lenet5"
epochs = 6
batch_size = 64
[search]
base_lr = { low = 0.02, high = 0.5, log = true }
"""


def fault(tables: dict[str, Any]) -> str:
    with pytest.raises(SpaceError) as caught:
        SearchSpace.model_validate(tables)
    return str(caught.value)


def message(path: Path) -> str:
    with pytest.raises(SpaceError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("table", "further", "said"),
    [
        ("fixed", {"epochs": 0}, "fixed.epochs: `1 <= epochs <= 1000000` must hold, but got 0."),
        ("fixed", {"momentum": 1.0}, "fixed.momentum: `0 <= momentum < 1` must hold, but got 1.0."),
        ("fixed", {"seed": "a"}, "fixed.seed: must be a whole number, but got 'a'."),
        ("fixed", {"precision": "fp8"}, "`precision is one of fp32, bf16` must hold"),
        ("fixed", {"momentum": {"low": 0, "high": 0.9}}, "fixed.momentum: what is fixed has one"),
        ("fixed", {"momentun": 0.9}, "unknown field 'momentun'. Did you mean 'momentum'?"),
        ("fixed", {"tricks": {}}, "fixed: unknown field 'tricks'."),
        ("fixed", {"task": "classification"}, "fixed: unknown field 'task'."),
        ("fixed", {"base_lr": 0.1}, "search.base_lr: is also in [fixed]. Keep one of them."),
        ("fixed", {"architecture": "lenet4"}, "unknown architecture 'lenet4'. Did you mean"),
        ("search", {"weight_decay": 5e-4}, "search.weight_decay: needs a list of options or a"),
        ("search", {"weight_decay": {"low": -1, "high": 0}}, "`0 <= weight_decay < inf` must hold"),
        ("search", {"momentum": []}, "search.momentum: a choice needs at least one option"),
        ("search", {"seed": [0, 1]}, "search.seed: a seed is not searched"),
        ("search", {"base_lr": {"low": 1, "high": 0.1}}, "search.base_lr: `low < high` must hold"),
        ("data", {"name": "digit"}, "data.name: unknown data set 'digit'. Did you mean 'digits'?"),
        ("data", {"name": "folder"}, "data.name: 'folder' needs to know where"),
        ("data", {"pixels": 16}, "data: unknown key 'pixels'. Keys: "),
        ("data", {"image_size": 2}, "data.image_size: must be greater than or equal to 4"),
        (
            "architectures",
            {"fastnet": {}},
            "architectures.fastnet: no recipe has it. Architectures",
        ),
        (
            "architectures",
            {"lenet5": {"depth": 2}},
            "architectures.lenet5: unknown setting 'depth'",
        ),
        ("architectures", {"lenet5": {"width": [0]}}, "architectures.lenet5.width: `0 < width"),
        ("architectures", {"lenet5": 2}, "architectures.lenet5: must be a table, but got 2."),
        ("tricks", {"mixpu": {}}, "tricks: unknown trick 'mixpu'. Did you mean 'mixup'?"),
        ("tricks", {"mixup": {"alfa": 1}}, "tricks.mixup: unknown setting 'alfa'. Did you mean"),
        ("tricks", {"mixup": {"alpha": -1}}, "tricks.mixup.alpha: `0 <= alpha"),
        ("tricks", {"mixup": {"alpha": "1"}}, "tricks.mixup.alpha: must be a number, but got '1'."),
        ("tricks", {"mixup": {"always": 1}}, "tricks.mixup.always: must be true or false"),
        (
            "tricks",
            {"lion": {"beta1": "search"}},
            "lion.beta1: 'search' needs a domain",
        ),
        ("slots", {"mxi": "always"}, "slots: unknown slot 'mxi'."),
        ("study", {"trials": 0}, "study.trials: must be greater than or equal to 1, but got 0."),
        ("study", {"smpler": "tpe"}, "study: unknown key 'smpler'. Did you mean 'sampler'?"),
        (
            "pruning",
            {"method": "asah"},
            "pruning.method: must be 'asha', 'asha_stop', 'hyperband', 'median', 'pbt', 'pb2' or 'none', but got 'asah'.",
        ),
        ("pruning", {"factor": 1}, "pruning.factor: must be greater than or equal to 2"),
    ],
)
def test_a_fault_says_where_and_which_rule(
    tables: dict[str, Any], table: str, further: dict[str, Any], said: str
) -> None:
    tables[table] = {**tables.get(table, {}), **further}

    assert said in fault(tables)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("name", 3, "name: must be a string, but got 3."),
        ("question", " ", "question: a space asks one, in a sentence."),
        ("fixed", 3, "fixed: must be a table, but got 3"),
        ("trick", {}, "unknown key 'trick'. Did you mean 'tricks'?"),
        ("architectures", {"a\nb": {}}, "architectures.a b: no recipe has it."),
        ("recipes", {}, "recipes: each one is a table of its own: [[recipes]]."),
        ("recipes", [{"answers": {}}], "recipes.0.label: is missing."),
        ("data", {}, "data.name: say which images, such as name = 'digits'."),
    ],
)
def test_a_table_of_the_wrong_shape_is_a_fault(
    tables: dict[str, Any], key: str, value: object, said: str
) -> None:
    tables[key] = value

    assert said in fault(tables)


def test_rules_between_the_settings_of_a_trick_hold_at_every_corner(tables: dict[str, Any]) -> None:
    areas = {"area_low": 0.3, "area_high": {"low": 0.2, "high": 0.5}}
    tables["tricks"] = {"random_erasing": areas}

    assert "tricks.random_erasing: `area_low <= area_high` must hold" in fault(tables)


def test_every_fault_is_said_at_once(tables: dict[str, Any]) -> None:
    del tables["fixed"]["epochs"]
    tables["fixed"]["batch_size"] = 0
    tables["tricks"] = {"mixpu": {}, "mixup": {"alpha": -1}}
    tables["study"] = {"trials": 0}

    found = fault(tables)

    places = ["epochs: must stand", "fixed.batch_size:", "tricks: unk", "tricks.mixup.alpha:"]
    assert all(place in found for place in [*places, "study.trials:"])
    assert "\n" not in found and "pydantic" not in found and "http" not in found


def test_two_tricks_of_one_slot_cannot_both_be_always_on(tables: dict[str, Any]) -> None:
    tables["tricks"] = {"mixup": {"always": True}, "cutmix": {"always": True}}
    tables["fixed"]["epochs"] = 0

    found = fault(tables)

    assert "of slot 'mix', which takes one trick. Keep one of them." in found
    assert "fixed.epochs" in found


def test_a_listed_trick_that_can_never_be_on_is_a_fault(tables: dict[str, Any]) -> None:
    tables["tricks"] = {"mixup": {"always": True}, "cutmix": {}}

    assert "tricks.cutmix: can never be on: " in fault(tables)


def test_a_missing_file_lists_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)

    said = message(tmp_path / "b.toml")

    assert said.startswith(
        f"no search space at {tmp_path / 'b.toml'}. Spaces in that folder: a. Packaged spaces: "
    )
    assert "quickstart" in said


def test_a_file_that_is_not_toml_says_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD + "\n[tricks.mixup\n")

    assert message(path).startswith(f"{path}: is not TOML: ") and "line 12" in message(path)


def test_a_file_that_is_no_text_or_a_folder_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")

    assert message(tmp_path / "a.toml").endswith("a.toml: is UTF-16 text. Save it as UTF-8.")
    assert message(tmp_path) == f"{tmp_path}: cannot be read: Is a directory."


def test_a_fault_of_a_file_begins_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD.replace("epochs = 6", "epochs = 0"))

    assert message(path) == f"{path}: fixed.epochs: `1 <= epochs <= 1000000` must hold, but got 0."


def test_the_name_is_the_files(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    named = tmp_path / "b.toml"
    named.write_text("name = 'c'\n" + GOOD)

    assert load(path).name == "a"
    assert "name: the file's name is the space's name" in message(named)


@pytest.mark.slow
def test_a_network_of_a_library_is_looked_up_there(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD.replace('"lenet5"', '"torchvision/resnet81"'))

    assert "torchvision has no such classifier" in message(path)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"base_rl": 0.1}, "unknown decision 'base_rl'. Did you mean 'base_lr'?"),
        ({"base_lr": 9}, "base_lr=9 is not in 0.02 to 0.5 (log)"),
        ({"mixup.alpha": 0.5}, "mixup.alpha is never asked for. Switch on what it belongs to"),
    ],
)
def test_a_recipe_by_hand_must_fit_the_space(
    tmp_path: Path, answers: dict[str, Any], said: str
) -> None:
    path = tmp_path / "a.toml"
    table = ", ".join(f'"{name}" = {value}' for name, value in answers.items())
    hand = f'[tricks.mixup]\nalpha = "search"\n[[recipes]]\nlabel = "x"\nanswers = {{ {table} }}\n'
    path.write_text(GOOD + hand)

    assert f"recipes.0.answers: {said}" in message(path)
