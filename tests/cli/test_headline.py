"""The spaces of the headline results are ready to run: small here, with digits in place of CIFAR-10."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]
SPACES = Path(__file__).parents[2] / "search_spaces"
SMALLER = {
    'name = "cifar10"': 'name = "digits"\nimage_size = 16',
    "base_channels = 96": "base_channels = 2",
    "depth = 272\nwidening = 200": "depth = 11\nwidening = 8",
    "batch_size = 128": "batch_size = 16",
}
ENDS = ("all tricks off", "published defaults")
LABELS = {
    "cifar10_headline": (*ENDS, "RICAP alone", "AutoAugment and cutout"),
    "cifar10_headline_pyramidnet": ENDS,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LABELS)
def test_a_dry_run_shows_its_trials_and_what_they_cost(
    command: Command, folder: Path, name: str
) -> None:
    text = (SPACES / f"{name}.toml").read_text()
    for published, small in SMALLER.items():
        text = text.replace(published, small)
    (folder / "headline.toml").write_text(text)

    done = command("search", "headline.toml", "--dry-run")

    assert done.exit_code == 0, done.output
    assert all(label in done.stdout for label in LABELS[name])
    cached = Path(done.stdout.split()[-1])
    assert cached.is_relative_to(folder.parent / "cache") and (cached / "manifest.json").is_file()
