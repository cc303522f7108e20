"""The space of the headline results is ready to run: small here, with digits in place of CIFAR-10."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]
SPACE = Path(__file__).parents[2] / "search_spaces" / "cifar10_headline.toml"
SMALLER = {
    'name = "cifar10"': 'name = "digits"\nimage_size = 16',
    "base_channels = 96": "base_channels = 2",
    "batch_size = 128": "batch_size = 16",
}


@pytest.mark.slow
def test_a_dry_run_shows_its_four_trials_and_what_they_cost(command: Command, folder: Path) -> None:
    text = SPACE.read_text()
    for published, small in SMALLER.items():
        assert published in text
        text = text.replace(published, small)
    (folder / "headline.toml").write_text(text)

    done = command("search", "headline.toml", "--dry-run")

    assert done.exit_code == 0, done.output
    for label in ("all tricks off", "published defaults", "RICAP alone", "AutoAugment and cutout"):
        assert label in done.stdout
