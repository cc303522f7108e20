"""Where golden results were recorded: all that decides the last bits of floats."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autotrick.train import environment

LIBRARIES = ("python", "torch", "torchvision", "timm", "numpy", "numba")
PROCESSOR = ("vendor_id", "cpu family", "model", "model name", "cache size")


def here(*more: str) -> dict[str, Any]:
    """Return libraries, processor and its vector instructions.

    Args:
        more: Further libraries on which a result depends.
    """
    facts = environment()
    found = {name: facts[name] for name in (*LIBRARIES, *more, "vectors")}
    path = Path("/proc/cpuinfo")
    lines = path.read_text().split("\n\n")[0].splitlines() if path.exists() else []
    cells = [[part.strip() for part in line.partition(":")[::2]] for line in lines]
    return found | {name: value for name, value in cells if name in PROCESSOR}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return what differs between two environments; empty where nothing does."""
    names = dict.fromkeys([*before, *now])
    apart = [name for name in names if before.get(name) != now.get(name)]
    return ", ".join(f"{name} was {before.get(name)} and is {now.get(name)}" for name in apart)
