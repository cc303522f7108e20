"""A search sent to a real Ray cluster with token authentication; then followed, stopped, resumed.

    unshare --net --pid --fork --mount-proc python tests/cluster/submitted.py

Runs inside network and process namespaces of its own, as `two_nodes.py`. Prints one JSON object.
"""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from autotrick import records
from autotrick.cli import main as command_line
from autotrick.errors import AutotrickError

SPACE = """
question = "Does a search go on without the machine that sent it?"

[data]
name = "digits"
image_size = 16
validation = 0.2

[fixed]
epochs = 100
architecture = "lenet5"
batch_size = 64

[search]
base_lr = { low = 0.03, high = 0.6, log = true }

[pruning]
method = "none"
"""
DASHBOARD = "http://127.0.0.1:8299"
HEAD = "127.0.0.1:6398"
METRICS = "http://127.0.0.1:8298/metrics"
SECRET = secrets.token_hex(8)


def run(*words: str, **variables: str) -> tuple[int, str, str]:
    """Run autotrick on the machine of whoever sends searches: it has no database of its own."""
    command = [sys.executable, "-m", "autotrick", *words]
    environment = {k: v for k, v in os.environ.items() if k != "AUTOTRICK_DATABASE"} | variables
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout, done.stderr


def ray(*words: str) -> str:
    command = [sys.executable, "-m", "ray.scripts.scripts", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def epochs(url: str) -> int:
    try:
        with records.open_database(url, create=False) as database:
            return sum(row.epochs for row in records.trials(database, "sent"))
    except AutotrickError:
        return 0


def shown_by_ray() -> str:
    """Return all that Ray tells about its jobs."""
    from ray.job_submission import JobSubmissionClient

    client = JobSubmissionClient(DASHBOARD)
    jobs = client.list_jobs()
    logs = [client.get_job_logs(job.submission_id) for job in jobs if job.submission_id]
    return "\n".join([*map(repr, jobs), *logs, ray("job", "list", f"--address={DASHBOARD}")])


def scrape(seen: dict[str, str]) -> None:
    """Note again and again what autotrick tells on Ray's metrics port: names, and a sample of each."""
    while True:
        with suppress(OSError), urllib.request.urlopen(METRICS, timeout=5) as page:
            lines = page.read().decode().splitlines()
            samples = [line for line in lines if line.startswith("ray_autotrick_")]
            seen |= {re.split(r"[{ ]", line)[0]: line for line in samples}
        time.sleep(0.2)


def life(space: Path, url: str, files: str) -> dict[str, Any]:
    """Send a search, stop it halfway, and send it again; return what was seen."""
    exported: dict[str, str] = {}
    threading.Thread(target=scrape, args=(exported,), daemon=True).start()
    send = ("submit", str(space), "--address", DASHBOARD, "--storage", files)
    sent = run(*send, "--trials", "2")
    if sent[0] != 0:
        raise RuntimeError(sent)
    space.unlink()
    follow = ("follow", "sent", "--wait", "90s", "--database", url)
    watcher = subprocess.Popen(
        [sys.executable, "-m", "autotrick", *follow],
        stderr=subprocess.PIPE,
        text=True,
        stdout=subprocess.PIPE,
    )
    while watcher.poll() is None and epochs(url) < 3:
        time.sleep(0.2)
    # In this process: to start another one takes as long as some trials.
    asked = CliRunner().invoke(command_line, ["stop", "sent", "--database", url])
    stopped = asked.exit_code, asked.output
    out, err = watcher.communicate()
    with records.open_database(url, create=False) as database:
        halfway = records.study(database, "sent")
        reasons = [records.attempts(database, "sent", n)[-1].reason for n in range(2)]
    again = run("stop", "sent", "--database", url)
    space.write_text(SPACE)
    stranger = {"RAY_AUTH_TOKEN": secrets.token_hex(32), "AUTOTRICK_DATABASE": url}
    strange = run("search", str(space), "--address", HEAD, "--storage", files, **stranger)
    resent = run(*send)
    last = run(*follow)
    with records.open_database(url, create=False) as database:
        row = records.study(database, "sent")
        tries = [len(records.attempts(database, "sent", n)) for n in range(2)]
        curves = records.reports(database, "sent")
    return {
        "sent": sent,
        "stopped": stopped,
        "followed": [watcher.returncode, out, err],
        "halfway": [halfway.state, halfway.owner, halfway.counts],
        "reasons": reasons,
        "again": again,
        "strange": strange,
        "resent": resent,
        "last": last,
        "end": [row.state, row.counts],
        "tries": tries,
        "epochs": [[r.epoch for r in curves[n]] for n in range(2)],
        "metrics": exported,
        "secret_shown": SECRET in shown_by_ray(),
    }


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with tempfile.TemporaryDirectory(prefix="autotrick-sent-") as folder:
        # SQLite has no passwords; this word of the address stands for one.
        url = f"sqlite:///{folder}/{SECRET}.db"
        os.environ |= {"AUTOTRICK_DATABASE": url, "XDG_CACHE_HOME": folder}
        # The head starts where autotrick is installed: its `python` is this one.
        os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        space = Path(folder) / "sent.toml"
        space.write_text(SPACE)
        head = ["--head", "--node-ip-address=127.0.0.1", "--port=6398", "--dashboard-port=8299"]
        # Ray tells its metrics every ten seconds, which is too late for a study as short as this.
        head += ["--metrics-export-port=8298", '--system-config={"metrics_report_interval_ms":500}']
        ray("start", *head, "--num-cpus=2", f"--temp-dir={folder}/ray", "--disable-usage-stats")
        found = life(space, url, f"{folder}/files")
        sys.stdout.write(json.dumps(found) + "\n")
        raylet = subprocess.run(
            ["pgrep", "-x", "raylet"], capture_output=True, text=True, check=False
        )
        for pid in raylet.stdout.split():
            os.kill(int(pid), signal.SIGKILL)


if __name__ == "__main__":
    main()
