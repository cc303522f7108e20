"""A private PostgreSQL server, which tests stop, kill and start again."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote

from sqlalchemy import make_url


def _name(url: str) -> str:
    return make_url(url).database or ""


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL here, or None."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    found = shutil.which("postgres") or next(iter(newest_first), None)
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """A private PostgreSQL server on a Unix socket in a folder of its own."""

    def __init__(self, binaries: Path, folder: Path, user: str | None) -> None:
        self.folder = folder
        self._binaries = binaries
        # PostgreSQL refuses to run as root.
        self._as_user = ["setpriv", f"--reuid={user}", "--init-groups"] if user else []
        self._process: subprocess.Popen[bytes] | None = None
        self._free: list[str] = []
        self._made = 0
        self._run(
            "initdb",
            "-D",
            folder / "data",
            "-U",
            "autotrick",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
        )
        self.start()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["PostgresServer"]:
        """Give a server in a temporary folder; stop it and delete the folder at the end."""
        found = binaries()
        assert found is not None
        folder = Path(tempfile.mkdtemp(prefix="autotrick-pg-", dir="/tmp"))
        user = None
        if os.geteuid() == 0:
            known = {entry.pw_name for entry in pwd.getpwall()}
            user = "postgres" if "postgres" in known else "nobody"
            shutil.chown(folder, user)
        server = cls(found, folder, user)
        try:
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder)

    def start(self) -> None:
        self._process = self._begin()
        for _ in range(600):
            if not self._psql("SELECT 1", check=False):
                return
            if (
                self._process.poll() is not None
            ):  # shared memory of one that was killed is still held
                self._process = self._begin()
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def _begin(self) -> subprocess.Popen[bytes]:
        command = self._command("postgres", "-D", self.folder / "data", "-k", self.folder)
        command += ["-c", "listen_addresses=", "-c", "fsync=off"]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    def stop(self) -> None:
        """Cut every connection and end."""
        assert self._process is not None
        self._process.send_signal(SIGINT)
        self._process.wait()

    def kill(self) -> None:
        """End at once, as a crash does: what was committed is there after the next start."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def new_database(self) -> str:
        """Return the URL of a database with nothing in it."""
        if self._free:
            url = self._free.pop()
            self._psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", database=_name(url))
            return url
        self._made += 1
        self._psql(f"CREATE DATABASE test_{self._made}")
        return f"postgresql://autotrick@/test_{self._made}?host={quote(str(self.folder))}"

    def give_back(self, url: str) -> None:
        """Let another test have the database, emptied."""
        self._free.append(url)

    def _psql(self, sql: str, *, database: str = "postgres", check: bool = True) -> int:
        where = ("-h", self.folder, "-U", "autotrick", "-d", database)
        return self._run("psql", *where, "-qtc", sql, check=check)

    def _command(self, program: str, *options: str | Path) -> list[str]:
        return [*self._as_user, str(self._binaries / program), *map(str, options)]

    def _run(self, program: str, *options: str | Path, check: bool = True) -> int:
        command = self._command(program, *options)
        done = subprocess.run(command, capture_output=True, cwd=self.folder, check=False)
        assert not check or done.returncode == 0, done.stderr.decode()
        return done.returncode
