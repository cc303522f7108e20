"""Databases on disks that are read-only, or full."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.disks import disk_at

Run = Callable[..., "subprocess.CompletedProcess[str]"]
pytestmark = pytest.mark.slow


def runs(study: Path, size: str, then: str) -> Run:
    """Return what runs a command with the study's database on a disk of its own."""
    disk = study.parent / "disk"
    disk.mkdir()
    before = disk_at(disk, size, first=f"cp {study} {disk}/a.db && {then}")

    def run(*words: str, shell: str = "") -> "subprocess.CompletedProcess[str]":
        start = ["sh", "-c", shell, "sh"] if shell else [sys.executable, "-m", "autotrick"]
        command = [*before, *start, *words]
        command += ["--database", f"sqlite:///{disk}/a.db"]
        return subprocess.run(command, capture_output=True, check=False, text=True)

    return run


def test_a_study_on_a_read_only_disk_is_shown_and_not_changed(study: Path) -> None:
    run = runs(study, "size=8m", f"mount -o remount,ro {study.parent}/disk")

    shown, changed = run("best", "digits", "--json"), run("rename", "digits", "numerals")

    assert (shown.returncode, shown.stderr, len(shown.stdout.splitlines())) == (0, "", 9)
    assert changed.returncode == 1
    said = f"cannot be used: the folder {study.parent}/disk cannot be written.\n"
    assert changed.stderr.endswith(said)
    assert len(changed.stderr.splitlines()) == 1


def test_a_report_that_has_no_room_leaves_the_one_before(study: Path) -> None:
    disk = study.parent / "disk"
    run = runs(study, "size=2m", f"echo before > {disk}/r.html")
    look = f'{sys.executable} -m autotrick "$@" -o {disk}/r.html; cat {disk}/r.html; ls -A {disk}'

    done = run("report", "digits", shell=look)

    assert done.stderr.endswith(f"cannot be written to {disk}/r.html: No space left on device.\n")
    assert done.stdout == "before\na.db\nr.html\n"


def test_a_full_disk_is_called_full(study: Path) -> None:
    run = runs(study, "size=600k", f"cat /dev/zero 2>/dev/null > {study.parent}/disk/rest; true")

    done = run("best", "digits")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("cannot be used: there is no space left on its disk.\n")
    assert len(done.stderr.splitlines()) == 1
