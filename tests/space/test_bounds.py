"""What no machine can serve is refused when a space is read, at once, by a limit that is named."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autotrick.augment.files import read as read_policy
from autotrick.errors import AutotrickError, RecipeError, SpaceError, TrickError
from autotrick.limits import LIMITS
from autotrick.models import ARCHITECTURES, build
from autotrick.recipe import Recipe
from autotrick.sample import Sampler
from autotrick.space import SearchSpace, load
from autotrick.tricks import TRICKS
from autotrick.tricks import build as build_trick

SPACE: dict[str, Any] = {
    "name": "small",
    "question": "Does it?",
    "data": {"name": "digits"},
    "fixed": {"architecture": "lenet5", "epochs": 3, "batch_size": 32},
    "search": {"base_lr": {"low": 0.01, "high": 0.1}},
}


def refusal(table: str, key: str, value: object) -> str:
    tables = {**SPACE, table: SPACE.get(table, {}) | {key: value}}
    if table == "search":
        tables["fixed"] = {k: v for k, v in SPACE["fixed"].items() if k != key}
    begun = time.process_time()
    with pytest.raises(SpaceError) as caught:
        SearchSpace.model_validate(tables)
    assert time.process_time() - begun < 2
    assert len(str(caught.value)) <= 2000
    return str(caught.value)


@pytest.mark.parametrize(
    ("table", "key", "value", "said"),
    [
        ("fixed", "epochs", 10**10, "fixed.epochs: `1 <= epochs <= 1000000` must hold"),
        ("search", "epochs", {"low": 1, "high": 10**10}, "search.epochs: `1 <= epochs <= 1000000"),
        ("fixed", "batch_size", 10**12, "fixed.batch_size: `1 <= batch_size <= 1000000`"),
        ("fixed", "accumulation", 2**40, "fixed.accumulation: `1 <= accumulation <= 1000000`"),
        ("fixed", "seed", 2**63, "fixed.seed: must be a number of at most 64 bits"),
        ("search", "batch_size", list(range(1, 100_001)), "search.batch_size: there may be 5,000"),
        ("search", "base_lr", [i / 7 for i in range(1, 100_001)], "search.base_lr: there may be 5"),
        ("search", "base_lr", {"low": 1e-320, "high": 0.1}, "low must be 0 or 1e-300 at least"),
        ("fixed", "weight_decay", 1e-310, "fixed.weight_decay: must be 0 or 1e-300 at least"),
        ("study", "trials", 10**12, "study.trials: must be less than or equal to 1000000"),
        ("study", "time_budget_min", 1e300, "study.time_budget_min: must be less than or equal to"),
        ("study", "keep_checkpoints", 10**18, "study.keep_checkpoints: must be less than"),
        ("study", "warm_start", ["a"] * 5000, "study.warm_start"),
        ("pruning", "population", 10**9, "pruning.population: must be less than or equal to 1000"),
        ("pruning", "first", 10**9, "pruning.first: must be less than or equal to 1000000"),
        ("objective", "reward", {"measure": "seconds", "target": 1.0, "exponent": -1e300}, "-20"),
        ("tricks", "sam", {"every": 10**12}, "tricks.sam.every: `1 <= every <= 1000000`"),
        ("tricks", "until_error_warmup", {"memory": 10**12}, "memory: `1 <= memory <= 1000000`"),
        ("tricks", "cosine_restarts", {"cycles": 10**9}, "cycles: `1 <= cycles <= 300` must hold"),
        ("tricks", "multi_step_decay", {"moments": [0.5] * 10**5}, "multi_step_decay.moments"),
        (
            "tricks",
            "searched_policy",
            {"policy": {"sub_policies": 10**9}},
            "tricks.searched_policy.policy: there may be 1,000 sub-policies of a policy at most",
        ),
        (
            "tricks",
            "searched_policy",
            {"policy": {"operations": 10**9}},
            "policy: there may be 100",
        ),
        ("tricks", "searched_policy", {"policy": [[]] * 5000}, "searched_policy"),
        ("architectures", "lenet5", {"width": 1e6}, "lenet5.width: `0 < width <= 16` must hold"),
        ("architectures", "lenet5", {"w" * 10**6: 1}, "unknown setting 'wwww"),
        (
            "fixed",
            "architecture",
            "timm/hf-hub:timm/resnet18.a1_in1k",
            "of a hub or a folder are not supported",
        ),
        ("fixed", "architecture", "timm/" + "../" * 50, "are not supported"),
        ("fixed", "precision", "x" * 10**6, "fixed.precision: there may be 10,000 characters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_no_machine_can_serve_is_refused_at_once(
    table: str, key: str, value: object, said: str
) -> None:
    assert said in refusal(table, key, value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": "?" * 10**6}, "question: there may be 10,000 characters"),
        ({"recipes": [{"label": "a"}] * 10**5}, "recipes: there may be 1,000 entries"),
        ({"tricks": {f"trick{i}": {} for i in range(10**5)}}, "tricks: there may be 1,000 entries"),
        ({"recipes": [{"label": "a" * 10**6}]}, "recipes.0.label: must"),
        ({f"key{i}": 1 for i in range(500)}, "and 460 more."),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_nobody_can_read_is_refused_at_once(change: dict[str, Any], said: str) -> None:
    begun = time.process_time()

    with pytest.raises(SpaceError) as caught:
        SearchSpace.model_validate(SPACE | change)

    assert time.process_time() - begun < 2
    # The end of a long message stands, too.
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        *((trick, spec.name) for trick, kind in TRICKS.items() for spec in kind.settings()),
        *((name, spec.name) for name, kind in ARCHITECTURES.items() for spec in kind.settings),
    ],
)
def test_every_whole_number_and_list_of_the_catalogue_has_an_end(owner: str, name: str) -> None:
    specs = TRICKS[owner].settings() if owner in TRICKS else ARCHITECTURES[owner].settings
    spec = next(spec for spec in specs if spec.name == name)

    if type(spec.default) is int:
        assert not spec.rule.accepts(10**9)
    if isinstance(spec.default, list):
        inner: Any = spec.default[:1] or [0.5]
        assert not spec.rule.accepts(inner * 10**5)


@pytest.mark.parametrize("depth", [100, 5000, 100_000])
@pytest.mark.parametrize("opening", ["x = {O}", "[a]\nb.c = {O}"])
def test_a_space_that_nests_deeply_is_one_line(tmp_path: Path, opening: str, depth: int) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(opening.replace("{O}", "[" * depth + "]" * depth))

    with pytest.raises(SpaceError, match="nest deeper than the 64 levels"):
        load(path)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"format": '])
@pytest.mark.parametrize("closed", [True, False])
def test_a_policy_that_nests_deeply_is_one_line(
    tmp_path: Path, opening: str, *, closed: bool
) -> None:
    path, depth = tmp_path / "deep.json", 300 if closed else 100_000
    end = "1" + ("]" if opening == "[" else "}") * depth if closed else ""
    path.write_text(opening * depth + end)

    with pytest.raises(TrickError, match="nest deeper than the 64 levels"):
        read_policy(path)


@pytest.mark.parametrize(
    ("read", "limit"), [(load, "space_bytes"), (read_policy, "json_bytes")], ids=["TOML", "JSON"]
)
def test_a_file_of_gigabytes_is_refused_unread(
    tmp_path: Path, read: Callable[[Path], object], limit: str
) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(2 << 30)

    with pytest.raises(AutotrickError, match=f"is too large: there may be {LIMITS[limit]} bytes"):
        read(path)


def test_dotted_keys_of_all_of_a_file_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "dots.toml"
    path.write_text("a" + ".a" * 400_000 + " = 1\n")
    begun = time.process_time()

    with pytest.raises(SpaceError, match="nest deeper"):
        load(path)

    assert time.process_time() - begun < 2


def test_a_grid_beyond_all_numbers_can_be_tried() -> None:
    many = [i / 4001 for i in range(1, 4000)]
    tables = {
        **SPACE,
        "search": {"base_lr": many, "momentum": many, "weight_decay": many},
        "tricks": {
            name: {spec.name: many for spec in TRICKS[name].settings()[:1]}
            for name in ("flip", "mixup", "label_smoothing")
        },
        "study": {"sampler": "grid"},
    }
    space = SearchSpace.model_validate(tables)
    sweep = Sampler(space, method="grid", seed=1)

    assert sweep.left is not None and sweep.left > 10**20 > 2**53
    assert sweep.ask(0).recipe != sweep.ask(1).recipe


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings", "side"),
    [
        ("shake_shake", {"base_channels": 1024}, 32),
        ("lenet5", {"width": 16.0}, 4096),
    ],
)
def test_a_network_that_no_memory_holds_is_counted_and_not_made(
    name: str, settings: dict[str, Any], side: int
) -> None:
    with pytest.raises(RecipeError, match=rf"{name} with .* there may be 2,000,000,000 weights"):
        build(name, settings, classes=10, channels=3, image_size=(side, side), seed=1)


@pytest.mark.parametrize("change", [{"epochs": 10**10}, {"batch_size": 10**9}])
def test_a_recipe_has_the_same_bounds(change: dict[str, Any]) -> None:
    recipe = {"data": {"name": "digits"}, "architecture": "lenet5", "base_lr": 0.1}

    with pytest.raises(ValueError, match="less than or equal to 1000000"):
        Recipe.model_validate(recipe | {"epochs": 1, "batch_size": 8} | change)


def test_a_trick_has_the_same_bounds_outside_a_space() -> None:
    with pytest.raises(TrickError, match="`1 <= every <= 1000000` must hold"):
        build_trick("sam", {"every": 10**12})
