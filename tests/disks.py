"""Disks of their own for commands that are to find one full, or read-only."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def disk_at(folder: Path, size: str, *, first: str = "true") -> tuple[str, ...]:
    """Return the words before a command that give it a disk of its own in a folder.

    Args:
        size: As `mount` takes it: `size=2500k`.
        first: What the shell does with the disk before the command; `mount -o remount,ro FOLDER`
            lets nobody write there.
    """
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    mount = f'mount -t tmpfs -o {size} none {folder} && {first} && exec "$@"'
    words = ("unshare", "--mount", *as_root, "sh", "-c", mount, "sh")
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("no disk of its own can be given to a process here")
    return words
