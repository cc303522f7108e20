"""What a conductor hears where workers die: `python -m tests.tune.losses`.

Prints, for each moment at which a worker dies, a JSON list of what was asked and told, until two pieces
of work are done or one has been tried too often.
"""

import faulthandler
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from autotrick.tune.cluster import engine


def mortal() -> type[Any]:
    """Return what runs in workers; Ray is imported after the engine, as a search does."""
    from ray import tune

    class Mortal(tune.Trainable):  # type: ignore[misc]
        """Works one step, and dies where its configuration says so, unless the file is there."""

        def setup(self, config: dict[str, Any]) -> None:
            self._die(config, "starting")

        def reset_config(self, new_config: dict[str, Any]) -> bool:
            self._die(new_config, "reset")
            return True

        def step(self) -> dict[str, Any]:
            return {"message": "done"}

        def save_checkpoint(self, checkpoint_dir: str) -> None:
            """Ray saves what ends."""

        def load_checkpoint(self, checkpoint: dict[str, Any] | None) -> None:
            """There is nothing to go on from."""

        def _die(self, config: dict[str, Any], when: str) -> None:
            file = Path(config["file"])
            if config["dies"] == when and not file.exists():
                file.touch()
                os._exit(1)

    return Mortal


class Witness:
    """Assigns two pieces of work, each again when it is lost."""

    def __init__(self, dies: str, file: Path) -> None:
        self._config = {"dies": dies, "file": str(file)}
        self._left = [0, 1]
        self._given: dict[str, int] = {}
        self.heard: list[str] = []

    @property
    def finished(self) -> bool:
        return not (self._left or self._given) or len(self.heard) > 20

    halted = False

    def next(self, handle: str) -> dict[str, Any] | None:
        if not self._left:
            return None
        self._given[handle] = self._left.pop(0)
        return self._config

    def on_start(self, handle: str, node: str) -> None:
        self.heard.append(f"{self._given[handle]} started")

    def on_message(self, handle: str, text: str) -> bool:
        self.heard.append(f"{self._given.pop(handle)} {text}")
        return False

    def on_lost(self, handle: str) -> None:
        piece = self._given.pop(handle)
        self.heard.append(f"{piece} lost")
        self._left.append(piece)

    def renew(self) -> None:
        """Time is of no concern."""

    def hanging(self) -> list[str]:
        return []


def signal_state() -> list[Any]:
    """Return who handles signals in this process, which Ray and Tune change."""
    handled = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    return [*map(signal.getsignal, handled), faulthandler.is_enabled()]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="at-", dir="/tmp") as folder:
        os.environ["RAY_TMPDIR"] = folder  # sockets: short paths
        heard = {}
        before = signal_state()
        with engine.cluster(None, slots=1, cpus=1, gpus=0):
            for dies in ("starting", "reset"):
                witness = Witness(dies, Path(folder) / dies)
                engine.run(witness, mortal(), name=dies, shares={"cpu": 1}, concurrency=1)
                heard[dies] = witness.heard
        assert signal_state() == before, (signal_state(), before)
        sys.stdout.write(json.dumps(heard) + "\n")
