"""Write a figure as a picture, by Chromium."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import plotly.graph_objects as go

from benchmarks.children import say

WIDTH = 900
"Pixels."


def draw(figure: Callable[[], go.Figure], picture: Path, said: str) -> None:
    """Write a figure, if Chromium is installed; say so if it is not.

    Args:
        figure: Called only if the figure can be written.
        said: What is missing without Chromium, as the beginning of that sentence.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        say(f"{said}, since there is no Chromium")
        return
    drawn = figure()
    drawn.update_layout(paper_bgcolor="white", plot_bgcolor="white")
    with TemporaryDirectory(prefix="autotrick-picture-") as folder:
        file = Path(folder) / "figure.html"
        drawn.write_html(file, config={"staticPlot": True})
        size = f"--window-size={WIDTH},{drawn.layout.height + 16}"
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size)
        profile = f"--user-data-dir={folder}/profile"
        command = (chromium, *options, profile, "--virtual-time-budget=10000")
        subprocess.run(
            [*command, f"--screenshot={picture}", file.as_uri()],
            check=True,
            capture_output=True,
            timeout=120,
        )
