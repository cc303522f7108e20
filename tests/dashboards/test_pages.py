import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dash.development.base_component import Component

from autotrick import records
from autotrick.errors import AutotrickError, RecordsError, ResourceError
from autotrick.records import open_database
from autotrick.sample import initial_recipes
from dashboards.app import create_app, page, run
from dashboards.study import _content, version
from tests.synthetic import Clock, a_space, put_trial


def text_of(component: Any) -> str:
    """Return all text of a page, as the browser gets it."""
    if isinstance(component, Component):
        return text_of(getattr(component, "children", None))
    if isinstance(component, list | tuple):
        return " ".join(text_of(part) for part in component)
    return "" if component is None else str(component)


def links_of(component: Any) -> list[str]:
    found = re.findall(
        r'"href": "([^"]*)"', json.dumps(component, default=lambda c: c.to_plotly_json())
    )
    return [str(link) for link in found]


def a_page(url: str, path: str, search: str = "") -> Component:
    with open_database(url, create=False) as database:
        return page(database, path, search)


def test_studies_page_lists_every_study_with_its_counts(filled: str) -> None:
    shown = a_page(filled, "/")

    assert "Which tricks help a small network" in text_of(shown)
    assert "/study/digits" in links_of(shown)
    assert "/study/begun%20%3Cb%3Etoday%3C%2Fb%3E%2F%3F" in links_of(shown)


def test_a_name_with_any_letters_has_a_page(filled: str) -> None:
    shown = a_page(filled, "/study/begun%20%3Cb%3Etoday%3C%2Fb%3E%2F%3F/trials")

    assert "3 trials, numbers 0 to 2" in text_of(shown)


def test_trials_page_narrows_by_the_filter_language(filled: str) -> None:
    shown = text_of(a_page(filled, "/study/digits/trials", "?where=state+%3D+%22failed%22"))

    assert "1 trial, numbers 24 to 24" in shown
    assert "failed (nan_loss)" in shown


def test_a_wrong_filter_shows_its_message(filled: str) -> None:
    shown = text_of(a_page(filled, "/study/digits/trials", "?where=mixpu"))

    assert "unknown name 'mixpu'. Did you mean 'mixup'?" in shown


@pytest.mark.parametrize(
    "where", ["1; DROP TABLE trials", "number > '' OR 1=1 --", "\x00", "(" * 99, "9" * 5000]
)
def test_junk_in_the_filter_is_refused_in_a_sentence(filled: str, where: str) -> None:
    from urllib.parse import urlencode

    shown = a_page(filled, "/study/digits/trials", "?" + urlencode({"where": where}))

    assert "failure" in json.dumps(shown, default=lambda c: c.to_plotly_json())


def test_pages_of_trials_follow_each_other(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.trials._PAGE", 25)

    first = a_page(filled, "/study/digits/trials")
    second = a_page(filled, "/study/digits/trials", "?after=24")

    assert "/study/digits/trials?after=24" in links_of(first)
    assert "15 trials, numbers 25 to 39" in text_of(second)
    assert not any("after=" in link for link in links_of(second))


def test_study_page_begins_with_the_answer_and_its_tiles(filled: str) -> None:
    with open_database(filled, create=False) as database:
        page = list(_content(database, records.study(database, "digits")))

    section = page[0]
    first = text_of(section)
    assert first.startswith("In short ")
    kinds = [getattr(part, "className", "") for part in section.children]
    assert kinds[1] == "answer" and kinds.index("tiles") < len(kinds) - 2
    assert "trials, " in first and "tricks with a clear verdict" in first
    assert "This study has no screen" in first


def test_trial_page_has_recipe_curve_attempts_and_environment(filled: str) -> None:
    shown = text_of(a_page(filled, "/study/digits/trial/3"))

    assert "Proposed by random" in shown
    assert '"base_lr"' in shown
    assert "autotrick reproduce digits 3" in shown
    assert "2.9.0" in shown


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/study/nope", "no study named 'nope'"),
        ("/study/digits/trial/99", "has no trial 99"),
        ("/nowhere", "there is no page at /nowhere"),
        ("/study/digits/trial/x", "there is no page"),
    ],
)
def test_an_address_without_a_page_says_so(filled: str, path: str, message: str) -> None:
    with pytest.raises(AutotrickError, match=message):
        a_page(filled, path)


def test_version_changes_with_a_trial_and_not_without(growing: str) -> None:
    with open_database(growing, clock=Clock()) as database:
        before = version(database, "digits")
        again = version(database, "digits")

        put_trial(database, 1, a_recipe(), "random", 12, {})

        assert before == again != version(database, "digits")


def test_a_missing_database_is_said_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="no database at"):
        create_app(f"sqlite:///{tmp_path / 'none.db'}")


def test_the_application_answers_without_a_browser(filled: str) -> None:
    answer = create_app(filled).server.test_client().get("/study/digits")

    assert answer.status_code == 200
    assert "https://" not in answer.text


def test_a_port_that_is_taken_is_said_in_a_sentence(filled: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ResourceError, match=f"cannot listen at 127.0.0.1:{port}: .* another"):
            run(filled, port=port)


def test_importing_loads_neither_torch_nor_ray() -> None:
    code = "import sys, dashboards.app; sys.exit(str({'torch', 'ray'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == "set()"


def a_recipe() -> Any:

    return initial_recipes(a_space())[0][1]
