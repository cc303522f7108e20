"""Run a temporary PostgreSQL server on a Unix socket in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


@contextmanager
def postgresql() -> Iterator[str | None]:
    """Yield the URL of an empty database; None if no server is installed."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="autotrick-pg-", dir="/tmp") as scratch:
        folder = Path(scratch)
        user = _unprivileged()
        if user:
            shutil.chown(folder, user)
        pg_ctl = [*(["setpriv", f"--reuid={user}", "--init-groups"] if user else [])]
        pg_ctl += [str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-s", "-w"]
        _run(folder, *pg_ctl, "initdb", "-o", "-U autotrick -A trust -E UTF8 --no-locale")
        # With one process per connection, the cost of a query can be read from it.
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        options += " -c max_parallel_workers_per_gather=0"
        _run(folder, *pg_ctl, "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://autotrick@/postgres?host={quote(scratch)}"
        finally:
            _run(folder, *pg_ctl, "-m", "fast", "stop")


def _binaries() -> Path | None:
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    found = shutil.which("postgres") or next(iter(newest_first), None)
    return Path(found).resolve().parent if found else None


def _unprivileged() -> str | None:
    """Return the user to run the server as, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    return "postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"


def _run(folder: Path, *command: str) -> None:
    # The server must not inherit a pipe of this process, which would wait for its end.
    with (folder.parent / f"{folder.name}.out").open("wb+") as out:
        Path(out.name).unlink()
        done = subprocess.run(command, stdout=out, stderr=out, cwd=folder, check=False)
        out.seek(0)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {out.read().decode()[-2000:]}")
