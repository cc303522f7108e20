from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from werkzeug.serving import make_server

from autotrick.records import open_database
from autotrick.sample import Sampler
from dashboards.app import create_app
from tests.browsing import errors
from tests.synthetic import Clock, a_space, put_trial

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def served(url: str) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(url).server, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def address(filled: str) -> Iterator[str]:
    with served(filled) as address:
        yield address


def wait_for(browser: Chrome, text: str, *, within: float = 60) -> None:
    """Wait until the page says so; the message names what it said instead."""
    said = ""

    def there(_: Chrome) -> bool:
        nonlocal said
        said = str(browser.execute_script("return document.body.innerText"))
        return text in said

    WebDriverWait(browser, within).until(there, f"{text!r} is not on the page")


def test_from_the_studies_to_one_trial(browser: Chrome, address: str) -> None:
    browser.get(address)
    wait_for(browser, "2 in this database")

    browser.find_element(By.LINK_TEXT, "digits").click()
    wait_for(browser, "Settings side by side")
    browser.find_element(By.LINK_TEXT, "All trials").click()
    wait_for(browser, "40 trials, numbers 0 to 39")
    browser.find_element(By.LINK_TEXT, "3").click()
    wait_for(browser, "autotrick reproduce digits 3")

    assert browser.current_url == f"{address}/study/digits/trial/3"
    assert errors(browser) == []


def test_every_figure_of_a_study_is_drawn_and_nothing_comes_from_elsewhere(
    browser: Chrome, address: str
) -> None:
    browser.get(f"{address}/study/digits")
    wait_for(browser, "Settings side by side")

    def drawn(_: object) -> bool:
        graphs = browser.find_elements(By.CSS_SELECTOR, ".dash-graph")
        plots = browser.find_elements(By.CSS_SELECTOR, ".js-plotly-plot .main-svg")
        return 6 <= len(graphs) <= len(plots)

    WebDriverWait(browser, 60).until(drawn)
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map(e => e.name)"
    )
    assert [name for name in loaded if not name.startswith((address, "data:", "blob:"))] == []
    assert errors(browser) == []


def test_the_filter_narrows_and_a_wrong_one_shows_its_message(
    browser: Chrome, address: str
) -> None:
    browser.get(f"{address}/study/digits/trials")
    wait_for(browser, "40 trials")

    browser.find_element(By.ID, "trials-where").send_keys('state = "failed"', Keys.ENTER)
    wait_for(browser, "1 trial, numbers 24 to 24")
    asked = browser.find_element(By.ID, "trials-where")
    asked.send_keys(Keys.CONTROL, "a")
    asked.send_keys("mixpu", Keys.ENTER)
    wait_for(browser, "unknown name 'mixpu'. Did you mean 'mixup'?")

    assert "where=mixpu" in browser.current_url


def test_a_study_s_page_grows_with_the_study(browser: Chrome, growing: str) -> None:
    space = a_space()
    recipe = Sampler(space, method="random", seed=7).ask(12).recipe
    with served(growing) as address:
        browser.get(f"{address}/study/digits")
        wait_for(browser, "12 trials:")

        with open_database(growing, clock=Clock()) as database:
            put_trial(database, 1, recipe, "random", 12, {})

        wait_for(browser, "13 trials:")
        browser.get("about:blank")
    assert errors(browser) == []
