import platform
import resource
import sys

import pytest

from autotrick.train import allocator

BLOCK = 48 << 20
"""Larger than any that glibc keeps of its own accord."""


def faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def test_large_blocks_are_cleared_only_once() -> None:
    if platform.libc_ver()[0] != "glibc" or not sys.platform.startswith("linux"):
        pytest.skip("only glibc is told what to keep")
    pages = BLOCK // resource.getpagesize()
    allocator.keep()
    bytearray(BLOCK)
    before = faults()

    bytearray(BLOCK)

    assert faults() - before < pages // 10
    allocator.hand_back()
    before = faults()
    bytearray(BLOCK)
    assert faults() - before > pages // 2
