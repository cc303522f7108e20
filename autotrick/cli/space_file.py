"""Reading the SPACE of a command line: what is missing is said before anything heavy is loaded."""

from pathlib import Path
from typing import TYPE_CHECKING

from autotrick.cli.output import announce

if TYPE_CHECKING:
    from autotrick.space import SearchSpace


def load_space(space: Path, data_dir: Path | None) -> "SearchSpace":
    """Return the space of a file, or the packaged one of that name, once its data are known to be there.

    Raises:
        SpaceError: There is no such space, or it breaks rules.
        DataError: Its data are missing.
    """
    announce(f"Reading {space}")
    from autotrick import space as spaces
    from autotrick.data import expect_present

    def check(found: "SearchSpace") -> None:
        expect_present(found.data, data_dir)
        if any("/" in name for name in found.architectures):
            announce("Looking up the networks of torchvision or timm")

    return spaces.load(space, then=check)
