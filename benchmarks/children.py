"""Run measurements in fresh processes and report progress."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE_S = 600.0
_QUIET = {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONWARNINGS": "ignore"}
_START = time.monotonic()


def say(text: str) -> None:
    """Print what is being measured."""
    print(f"[{time.monotonic() - _START:4.0f} s] {text}", file=sys.stderr, flush=True)


def python(
    *words: str, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter in the folder with one thread and return its output.

    Raises:
        RuntimeError: It failed; the message contains the end of its output.
    """
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    known = os.environ | _QUIET | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=known | dict(environment or {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(words)} exited with {done.returncode}: {done.stderr[-2000:]}"
        )
    return done


def memory_mib() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
