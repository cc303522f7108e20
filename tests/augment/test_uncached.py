import subprocess
import sys

import pytest

NOWHERE = """
import importlib, pkgutil
from numba.core import caching

caching.CacheImpl._locator_classes = []  # as where nothing can be written
import autotrick.augment.kernels as kernels

for found in pkgutil.walk_packages(kernels.__path__, kernels.__name__ + "."):
    importlib.import_module(found.name)
"""


@pytest.mark.slow
def test_kernels_are_compiled_where_they_cannot_be_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOWHERE], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
