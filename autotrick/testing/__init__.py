"""Contract tests for tricks, networks and data sets of your own; autotrick's own pass the same ones.

    from autotrick.testing import check_trick

    def test_speckle() -> None:
        check_trick(Speckle)

Each check trains a small network on small images for a few updates, which takes seconds, and raises
an AssertionError with a sentence that says what is wrong.
"""

from autotrick.testing.architectures import check_architecture
from autotrick.testing.datasets import check_dataset
from autotrick.testing.tricks import check_trick

__all__ = ["check_architecture", "check_dataset", "check_trick"]
