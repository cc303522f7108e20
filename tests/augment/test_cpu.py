"""What holds for all operations of the CPU backend."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import autotrick
from autotrick.augment import cpu
from autotrick.augment.policies import OPERATIONS


def test_a_batch_is_changed_in_place() -> None:
    images = np.arange(96, dtype=np.uint8).reshape(2, 4, 4, 3)

    flipped = cpu.flip(images, np.array([True, True]))

    assert flipped is images and images[0, 0, 0, 0] == 9


def test_rows_of_a_memory_map_are_a_batch(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", np.arange(96, dtype=np.uint8).reshape(2, 4, 4, 3))
    images = np.load(tmp_path / "images.npy", mmap_mode="r")

    inverted = cpu.apply(
        images[np.array([1])], np.array([[OPERATIONS.index("Invert")]]), np.zeros((1, 1))
    )

    np.testing.assert_array_equal(inverted, 255 - images[[1]])


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 4, 4, 3), np.float32),
        np.zeros((2, 4, 4, 2), np.uint8),
        np.zeros((2, 3, 4, 4), np.uint8).transpose(0, 2, 3, 1),
        np.frombuffer(bytes(96), np.uint8).reshape(2, 4, 4, 3),
    ],
    ids=["float", "two channels", "channels first", "read only"],
)
def test_anything_else_is_a_bug_of_the_caller(images: np.ndarray) -> None:
    with pytest.raises(AssertionError):
        cpu.flip(images, np.array([True, True]))


def test_an_empty_batch_stays_empty() -> None:
    images = np.zeros((0, 4, 4, 3), np.uint8)

    assert cpu.apply(images, np.zeros((0, 2), int), np.zeros((0, 2))).shape == (0, 4, 4, 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_standardised_equals_torch_bit_for_bit(channels: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (7, 9, 5, channels), dtype=np.uint8)
    shift = np.array([125.3, 122.9, 113.8], np.float32)[:channels]
    spread = np.array([63.2, 61.9, 66.7], np.float32)[:channels]

    floats = cpu.normalise(images, shift, spread)

    pixels = torch.from_numpy(images).float()
    expected = pixels.sub_(torch.from_numpy(shift)).div_(torch.from_numpy(spread))
    assert torch.equal(torch.from_numpy(floats), expected)


def test_plans_and_pictures_load_without_numba() -> None:
    code = (
        "import sys, autotrick.augment.plans, autotrick.augment.pictures\n"
        "sys.exit('numba' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_compiled_code_is_kept_until_a_kernel_changes(tmp_path: Path) -> None:
    shutil.copytree(
        Path(autotrick.__file__).parent,
        tmp_path / "autotrick",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    code = (
        "import numpy as np\n"
        "from autotrick.augment import cpu\n"
        "from autotrick.augment.kernels import single_operations\n"
        "images = np.array([1, 2, 3, 4], np.uint8).reshape(1, 1, 4, 1)\n"
        "print(cpu.flip(images, np.array([True])).ravel().tolist())\n"
        "print(sum(single_operations.flip_each.stats.cache_hits.values()))"
    )

    def answer() -> list[str]:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    kernel = tmp_path / "autotrick" / "augment" / "kernels" / "single_operations.py"

    compiled, loaded = answer(), answer()
    kernel.write_text(kernel.read_text().replace("len(row) // 2", "0"))
    changed = answer()

    assert compiled == ["[4, 3, 2, 1]", "0"]
    assert loaded == ["[4, 3, 2, 1]", "1"]
    assert changed == ["[1, 2, 3, 4]", "0"]
