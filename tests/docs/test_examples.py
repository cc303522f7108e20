"""Every example of a space that a page shows is read by autotrick."""

from pathlib import Path
from typing import Any

import pytest

from autotrick.augment import files
from autotrick.space import SearchSpace, load
from docs import checks

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "spaces.md", ROOT / "docs" / "your_images.md"]
PAGES += [ROOT / "docs" / "pretrained.md"]
EXAMPLES = [
    pytest.param(text, id=f"{page.stem}-{i}")
    for page in PAGES
    for i, (_, text) in enumerate(checks.blocks(page.read_text(), "toml"))
]
WHOLE: dict[str, Any] = {
    "question": "Does it help?",
    "data": {"name": "digits"},
    "fixed": {"architecture": "lenet5", "epochs": 20, "batch_size": 64, "base_lr": 0.1},
}
"""What an example leaves out."""
SLOTS = {
    "average": "ema",
    "decay": "cosine_decay",
    "erase": "cutout",
    "loss": "focal_loss",
    "mix": "mixup",
    "norm": "group_norm",
    "optimizer": "adam",
    "policy": "rand_augment",
    "warmup": "linear_warmup",
}
"""A trick for each slot that an example says is always on."""


def completed(example: dict[str, Any]) -> dict[str, Any]:
    """Return an example with what it leaves out, as a whole space."""
    searched = example.get("search", {})
    fixed = {key: value for key, value in WHOLE["fixed"].items() if key not in searched}
    tables = WHOLE | example
    tables["fixed"] = fixed | example.get("fixed", {})
    slots = {SLOTS[slot]: dict[str, Any]() for slot in example.get("slots", {})}
    # A recipe to try first decides on tricks, of which two must share the slot.
    named: dict[str, Any] = {}
    if "recipes" in example:
        named = {name: {} for name in ("mixup", "cutmix", "cosine_decay")}
    tables["tricks"] = slots | named | example.get("tricks", {})
    if named:
        tables["fixed"].pop("base_lr")
        tables["search"] = {"base_lr": [0.05, 0.1]}
        tables["tricks"]["mixup"] = {"alpha": "search"}
    networks = list(example.get("architectures", {}))
    if networks and "architecture" not in searched:
        tables["fixed"].pop("architecture")
        tables["search"] = {"architecture": networks}
    return tables


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_a_space(text: str, tmp_path: Path) -> None:
    if "file:" in text:
        policy = files.PolicyFile("searched_policy", {"policy": [[["Rotate", 0.5, 0.5]]]}, {})
        files.write(policy, tmp_path / "found.json")
        (tmp_path / "space.toml").write_text(_MINIMAL + text)
        assert load(tmp_path / "space.toml").tricks
        return

    [example] = checks.examples(f"```toml\n{text}```\n")

    assert SearchSpace.model_validate(completed(example) | {"name": "example"}).question


_MINIMAL = """
question = "Does it help?"
data = { name = "digits" }
fixed = { architecture = "lenet5", epochs = 20, batch_size = 64, base_lr = 0.1 }
"""
