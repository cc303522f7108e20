"""Record where a trial ran: everything besides the recipe that can change floating-point results."""

import functools
import importlib.metadata
import os
import platform
import socket
import subprocess
from pathlib import Path

import torch

import autotrick

_PACKAGES = ("torch", "torchvision", "timm", "numpy", "numba", "ray", "optuna")


def environment(device: str = "cpu") -> dict[str, str | bool | None]:
    """Return versions, the processor, the GPU and the source's git commit, as plain JSON."""
    return _machine() | {
        "device": device,
        "gpu": torch.cuda.get_device_name(device) if device.startswith("cuda") else None,
    }


@functools.cache
def _machine() -> dict[str, str | bool | None]:
    commit, dirty = _git(Path(autotrick.__file__).parent)
    return {
        "autotrick": autotrick.__version__,
        "commit": commit,
        "dirty": dirty,
        "python": platform.python_version(),
        **{name: _version(name) for name in _PACKAGES},
        "cuda": torch.version.cuda if torch.cuda.is_available() else None,
        "platform": platform.platform(),
        "processor": _processor(),
        "vectors": torch.backends.cpu.get_cpu_capability(),
        "node": socket.gethostname(),
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")


def _git(folder: Path) -> tuple[str | None, bool | None]:
    """Return the commit of autotrick's source and whether files changed since."""

    def ask(*words: str) -> str:
        command = ["git", "-C", str(folder), *words]
        quiet = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
        done = subprocess.run(command, capture_output=True, text=True, env=quiet, check=True)
        return done.stdout.strip()

    try:
        return ask("rev-parse", "HEAD"), bool(ask("status", "--porcelain", "--", "."))
    except (OSError, subprocess.CalledProcessError):
        return None, None
