"""A study on two real Ray nodes on this machine; the second is killed while it trains.

    unshare --net --pid --fork --mount-proc python tests/cluster/two_nodes.py

Runs inside network and process namespaces of its own: Ray listens on all interfaces, and here there
is only loopback. The second node sees neither the images nor the first node's data cache: it gets the
data from there, and checkpoints go to a URL. Prints one JSON object.
"""

import json
import os
import secrets
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image
from sklearn.datasets import load_digits

from autotrick import records
from autotrick.errors import AutotrickError

EPOCHS = 40
SPACE = f"""
question = "Does a study survive the loss of a node?"

[data]
name = "folder:images"
image_size = 16
validation = 0.2

[fixed]
epochs = {EPOCHS}
architecture = "fastnet"
batch_size = 16

[architectures.fastnet]
width = 0.25

[search]
base_lr = {{ low = 0.03, high = 0.6, log = true }}

[tricks.mixup]

[tricks.cosine_decay]

[pruning]
method = "none"
"""
ADDRESS = "127.0.0.1:6399"


def draw(folder: Path) -> None:
    """Write handwritten digits as PNG files, a folder a class."""
    images, labels = load_digits(return_X_y=True)
    for i, (image, label) in enumerate(zip(images.reshape(-1, 8, 8)[:700], labels, strict=False)):
        file = folder / f"{label}" / f"{i}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15).astype("uint8")).save(file)


def start(hidden: str, cache: str, *words: str) -> None:
    """Start a node with a data cache of its own, which does not see the folder `hidden`."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", *words]
    hide = f"mount -t tmpfs none {hidden} && " if hidden else ""
    line = f"{hide}exec {shlex.join(command)} --disable-usage-stats"
    environment = os.environ | {"XDG_CACHE_HOME": cache}
    apart = ["unshare", "--mount", "sh", "-c", line]
    quiet = subprocess.DEVNULL
    subprocess.run(apart, check=True, env=environment, stdout=quiet, stderr=quiet)


def sent(logs: Path) -> list[str]:
    """Return where data were sent, a line each."""
    lines = [line for log in logs.glob("worker-*.out") for line in log.read_text().splitlines()]
    return [line for line in lines if line.startswith("sending ")]


def raylets() -> list[int]:
    """Return the process ids of the nodes, oldest first."""
    found = subprocess.run(["pgrep", "-x", "raylet"], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def name_of(raylet: int) -> str:
    """Return a node's name as attempts record it: the start of the id that Ray gave it."""
    words = Path(f"/proc/{raylet}/cmdline").read_text().split("\0")
    return next(word for word in words if word.startswith("--node_id=")).partition("=")[2][:8]


def epochs_on(url: str, node: str) -> int:
    """Return how far the trials are that train on the node now, by what is recorded; 0 for none."""
    try:
        with records.open_database(url, create=False) as database:
            return sum(
                row.epochs
                for row in records.trials(database, "nodes")
                if 0 < row.epochs < EPOCHS
                for attempt in records.attempts(database, "nodes", row.number)
                if attempt.state == "open" and attempt.environment
                if str(attempt.node).endswith(node)
            )
    except AutotrickError:
        return 0


def await_silence(url: str, node: str) -> None:
    """Wait until a node that was stopped has brought nothing new for a second."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < 1:
        if (now := epochs_on(url, node)) != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.05)


def kill_while_it_trains(raylet: int, url: str, driver: subprocess.Popen[bytes]) -> None:
    """Kill a node with its workers, as a lost machine: on their own they live on for a moment.

    They are stopped first, until all that they had said is recorded: however fast the machine is, a
    trial is lost.
    """
    node = name_of(raylet)
    while driver.poll() is None:
        if epochs_on(url, node):
            subprocess.run(["pkill", "-STOP", "-P", str(raylet)], check=False)
            await_silence(url, node)
            if epochs_on(url, node):
                break
            subprocess.run(["pkill", "-CONT", "-P", str(raylet)], check=False)
        time.sleep(0.05)
    subprocess.run(["pkill", "-KILL", "-P", str(raylet)], check=False)
    os.kill(raylet, signal.SIGKILL)


def found(url: str, folder: Path) -> dict[str, Any]:
    """Return what the study came to, and what lies where."""
    with records.open_database(url, create=False) as database:
        rows = records.trials(database, "nodes")
        tries = [a for r in rows for a in records.attempts(database, "nodes", r.number)]
        curves = records.reports(database, "nodes")
    return {
        "nodes_used": len({attempt.node for attempt in tries if attempt.environment}),
        "complete": sum(row.state == "complete" for row in rows),
        "lost_attempts": sum(attempt.state == "lost" for attempt in tries),
        "open_attempts": sum(attempt.state == "open" for attempt in tries),
        "sent": len(sent(folder / "ray" / "session_latest" / "logs")),
        "cached": [
            len(list(folder.glob(f"{c}/autotrick/*/manifest.json"))) for c in ("first", "second")
        ],
        "left": len(list(folder.glob("files/*/trial-*/*.checkpoint"))),
        "epochs": sorted(len(curve) for curve in curves.values()),
    }


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with tempfile.TemporaryDirectory(prefix="autotrick-nodes-") as folder:
        url = f"sqlite:///{folder}/nodes.db"
        near = Path(folder) / "near"
        draw(near / "images")
        space = near / "nodes.toml"
        space.write_text(SPACE)
        head = ["--head", "--node-ip-address=127.0.0.1", "--port=6399", "--include-dashboard=false"]
        caches = [f"{folder}/first", f"{folder}/second"]
        start("", caches[0], *head, "--num-cpus=1", f"--temp-dir={folder}/ray")
        start(str(near), caches[1], f"--address={ADDRESS}", "--num-cpus=1")
        first, second = raylets()
        words = ["search", str(space), "--trials", "4", "--database", url, "--address", ADDRESS]
        words += ["--data-dir", str(near), "--storage", f"file://{folder}/files"]
        output = Path(folder) / "output.txt"
        with output.open("wb") as file:
            command = [sys.executable, "-m", "autotrick", *words]
            seen = os.environ | {"XDG_CACHE_HOME": caches[0]}
            driver = subprocess.Popen(command, stdout=file, stderr=file, cwd=near, env=seen)
        kill_while_it_trains(second, url, driver)
        code = driver.wait()
        sys.stdout.write(json.dumps({"exit": code} | found(url, Path(folder))) + "\n")
        if code:
            sys.stderr.write(output.read_text()[-3000:])
        os.kill(first, signal.SIGKILL)


if __name__ == "__main__":
    main()
