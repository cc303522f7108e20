"""A user's package, installed as a wheel, searched on two real Ray nodes, of which only one has it.

    unshare --net --pid --fork --mount-proc python tests/cluster/user_package_nodes.py

A fresh environment gets the wheels of autotrick and of `tests/user_package`; all else comes from this
environment, so nothing is downloaded. The second node sees neither the package nor the first node's
cache: it gets code and data from the driver. Prints one JSON object.
"""

import json
import os
import secrets
import shlex
import site
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from autotrick import records

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tests" / "user_package"
ADDRESS = "127.0.0.1:6397"


def environment(folder: Path) -> Path:
    """Make an environment with both wheels, and return its Python."""
    wheels = folder / "wheels"
    for source in (ROOT, PACKAGE):
        build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
        wheels.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-c", build, str(wheels)], cwd=source, check=True, stdout=2)
    home = folder / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    where = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    packages = next(home.glob("lib/python*/site-packages"))
    for wheel in sorted(wheels.glob("*.whl")):
        subprocess.run([*where, "--target", str(packages), str(wheel)], check=True, stdout=2)
    # What both need, from here; a path file that is named in a path file is not read, so that
    # autotrick is that of the wheel.
    shared = "\n".join(site.getsitepackages())
    (packages / "shared.pth").write_text(f"{shared}\n")
    return python


def start(python: Path, hidden: list[Path], cache: Path, *words: str) -> None:
    """Start a node with a data cache of its own, which does not see some folders."""
    command = [str(python), "-m", "ray.scripts.scripts", "start", *words]
    hide = "".join(f"mount -t tmpfs none {folder} && " for folder in hidden)
    line = f"{hide}exec {shlex.join(command)} --disable-usage-stats"
    seen = os.environ | {"XDG_CACHE_HOME": str(cache)}
    apart = ["unshare", "--mount", "sh", "-c", line]
    subprocess.run(apart, check=True, env=seen, stdout=2, stderr=2)


def run(python: Path, folder: Path, *words: str) -> tuple[int, str]:
    """Run autotrick of the environment; return its status and what it printed."""
    seen = os.environ | {"XDG_CACHE_HOME": str(folder / "first")}
    done = subprocess.run(
        [str(python), "-P", "-m", "autotrick", *words],
        cwd=folder,
        env=seen,
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stderr.write(done.stderr[-3000:])
    return done.returncode, done.stdout


def recorded(url: str) -> dict[str, Any]:
    """Return what the study came to, and where it ran."""
    with records.open_database(url, create=False) as database:
        rows = records.trials(database, "dots")
        tries = [a for row in rows for a in records.attempts(database, "dots", row.number)]
        return {
            "states": sorted(row.state for row in rows),
            "reasons": [row.reason for row in rows],
            "nodes": len({attempt.node for attempt in tries if attempt.environment}),
            "code": sorted({unit for row in rows for unit in row.recipe.code}),
        }


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    os.environ.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory(
        prefix="autotrick-package-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        python = environment(folder)
        space = folder / "dots.toml"
        space.write_text((PACKAGE / "dots.toml").read_text())
        url = f"sqlite:///{folder}/dots.db"
        head = ["--head", "--node-ip-address=127.0.0.1", "--port=6397", "--include-dashboard=false"]
        package = next((folder / "venv").glob("lib/python*/site-packages/dotpack"))
        start(python, [], folder / "first", *head, "--num-cpus=1", f"--temp-dir={folder}/ray")
        start(python, [package], folder / "second", f"--address={ADDRESS}", "--num-cpus=1")
        words = ["--database", url]
        searched = ["search", str(space), "--trials", "4", "--address", ADDRESS]
        code, _ = run(python, folder, *searched, "--storage", f"file://{folder}/files", *words)
        found: dict[str, Any] = {"search": code}
        found |= recorded(url)
        found["reproduce"], found["said"] = run(python, folder, "reproduce", "dots", "0", *words)
        exported = ["export-model", "dots", "0", "-o", "model", "--json"]
        found["export"], found["files"] = run(python, folder, *exported, *words)
        _, found["catalogue"] = run(python, folder, "catalogue", "dot_noise", "--json")
        layers = package / "layers.py"
        layers.write_text(layers.read_text() + "\n# A change that trains the same.\n")
        _, found["changed"] = run(python, folder, "reproduce", "dots", "0", *words)
        layers.unlink()
        _, found["best"] = run(python, folder, "best", "dots", "--json", *words)
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
