from math import log10
from pathlib import Path

import pytest

from autotrick.errors import ResourceError
from autotrick.report.lr_find import lr_find_figure, write_lr_find

RATES = [0.001, 0.01, 0.1, 1.0]
SUGGESTIONS = {"valley": 0.01, "minimum": 0.1}


def test_curve_and_suggestions_are_drawn() -> None:
    drawn = lr_find_figure(
        RATES, [2.0, 1.5, 1.0, 9.0], [2.0, 1.8, 1.4, 5.0], SUGGESTIONS, setting="adam.lr"
    )

    assert [trace.name for trace in drawn.data] == ["loss of the update", "smoothed"]
    assert list(drawn.data[1].x) == RATES
    assert drawn.layout.xaxis.type == "log" and drawn.layout.xaxis.title.text == "adam.lr"
    assert [shape.x0 for shape in drawn.layout.shapes] == [0.01, 0.1]
    texts = {note.text: note.x for note in drawn.layout.annotations}
    assert texts == {"valley 0.01": log10(0.01), "minimum 0.1": log10(0.1)}
    low, high = drawn.layout.yaxis.range
    assert low < 1.4 and 2.0 < high < 5.0


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    drawn = lr_find_figure(RATES, RATES, RATES, {}, setting="base_lr")

    write_lr_find(tmp_path / "rates.html", drawn, "a <b>space</b>")

    page = (tmp_path / "rates.html").read_text()
    assert "<script src=" not in page and "a &lt;b&gt;space" in page.replace("\\u0026", "&")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    drawn = lr_find_figure(RATES, RATES, RATES, {}, setting="base_lr")

    with pytest.raises(ResourceError, match=r"cannot write .*rates\.html"):
        write_lr_find(tmp_path / "no" / "rates.html", drawn, "title")
