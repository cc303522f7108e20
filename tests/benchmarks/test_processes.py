from pathlib import Path

import pytest

from benchmarks import overhead, startup
from benchmarks.children import python
from benchmarks.histories import STUDY, write_ours, write_theirs


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.parametrize(("side", "write"), [("autotrick", write_ours), ("optuna", write_theirs)])
def test_a_measurement_sees_every_trial_and_report(tmp_path: Path, side: str, write) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path / "run.db", 2)
    found = overhead._measure(side, tmp_path, 3, 4)
    kinds = {kind: len(moments) for kind, moments in found.moments.items()}
    assert kinds == {"trials": 3, "reports": 8, "awaited": 8}
    walls = [wall for wall, _ in found.moments["reports"]]
    assert walls == sorted(walls)
    assert 50 < found.mib < 2000


@pytest.mark.slow
def test_reading_commands_answer_without_torch_and_ray(tmp_path: Path) -> None:
    write_ours(tmp_path / "autotrick.db", 3)
    row = startup._command(("best", STUDY), tmp_path, 1)
    assert row.name == "startup: autotrick best (neither torch nor ray imported)"
    assert row.goal == 1.0


@pytest.mark.slow
def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"exited with 3.*broken"):
        python("-c", "import sys; print('broken', file=sys.stderr); sys.exit(3)", folder=tmp_path)


@pytest.mark.slow
def test_heavy_imports_are_seen(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("")
    done = python("-X", "importtime", "-c", "import torch", folder=tmp_path)
    assert startup._IMPORT.findall(done.stderr) == ["torch"]
