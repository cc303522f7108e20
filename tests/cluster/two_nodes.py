"""A study on two real Ray nodes on this machine; the second is killed while it trains.

    unshare --net --pid --fork --mount-proc python tests/cluster/two_nodes.py

Runs inside network and process namespaces of its own: Ray listens on all interfaces, and here there
is only loopback. Prints one JSON object.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autotrick import records
from autotrick.errors import AutotrickError

EPOCHS = 30
SPACE = f"""
question = "Does a study survive the loss of a node?"

[data]
name = "digits"
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


def ray(*words: str) -> None:
    command = [sys.executable, "-m", "ray.scripts.scripts", *words, "--disable-usage-stats"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def raylets() -> list[int]:
    """Return the process ids of the nodes, oldest first."""
    found = subprocess.run(["pgrep", "-x", "raylet"], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def busy(url: str) -> set[str]:
    """Return the nodes that train a trial now, which has an epoch behind it and most before it."""
    try:
        with records.open_database(url, create=False) as database:
            tries = [
                attempt
                for row in records.trials(database, "nodes")
                if row.epochs < EPOCHS // 2
                for attempt in records.attempts(database, "nodes", row.number)
            ]
    except AutotrickError:
        return set()
    return {str(a.node) for a in tries if a.state == "open" and a.environment}


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with tempfile.TemporaryDirectory(prefix="autotrick-nodes-") as folder:
        url = f"sqlite:///{folder}/nodes.db"
        space = Path(folder) / "nodes.toml"
        space.write_text(SPACE)
        head = ["--head", "--node-ip-address=127.0.0.1", "--port=6399", "--include-dashboard=false"]
        ray("start", *head, "--num-cpus=1", f"--temp-dir={folder}/ray")
        ray("start", f"--address={ADDRESS}", "--num-cpus=1")
        first, second = raylets()
        words = ["search", str(space), "--trials", "4", "--database", url, "--address", ADDRESS]
        output = Path(folder) / "output.txt"
        with output.open("wb") as file:
            command = [sys.executable, "-m", "autotrick", *words, "--storage", f"{folder}/files"]
            driver = subprocess.Popen(command, stdout=file, stderr=file, cwd=folder)
        while driver.poll() is None and len(busy(url)) < 2:
            time.sleep(0.05)
        os.kill(second, signal.SIGKILL)
        code = driver.wait()
        with records.open_database(url, create=False) as database:
            rows = records.trials(database, "nodes")
            tries = [a for r in rows for a in records.attempts(database, "nodes", r.number)]
            curves = records.reports(database, "nodes")
        found = {
            "exit": code,
            "nodes_used": len({attempt.node for attempt in tries if attempt.environment}),
            "complete": sum(row.state == "complete" for row in rows),
            "lost_attempts": sum(attempt.state == "lost" for attempt in tries),
            "open_attempts": sum(attempt.state == "open" for attempt in tries),
            "epochs": sorted(len(curve) for curve in curves.values()),
        }
        sys.stdout.write(json.dumps(found) + "\n")
        if code:
            sys.stderr.write(output.read_text()[-3000:])
        os.kill(first, signal.SIGKILL)


if __name__ == "__main__":
    main()
