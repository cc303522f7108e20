"""The page on what counts as an image and a label says what the code does."""

from docs import data
from docs.make import HERE, MADE


def test_the_page_is_as_the_code_says() -> None:
    assert (HERE / "data.md").read_text() == MADE + data.page(), "run: make docs"


def test_every_example_of_a_layout_is_read_or_refused_in_one_line() -> None:
    rows = [line for line in data.page().splitlines() if "`<br>`" in line]

    assert len(rows) == len(data.LAYOUTS) + len(data.PARQUET)
    assert all("train: " in row or "refused: " in row for row in rows)
