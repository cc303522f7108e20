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
from tests.postgres import PostgresServer
from tests.synthetic import Clock, a_space, fill, put_trial

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def served(url: str) -> Iterator[str]:
    app = create_app(url).server
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.config["DATABASE"].close()


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


def test_pages_run_their_own_scripts_alone(browser: Chrome, address: str) -> None:
    browser.get(f"{address}/study/digits")
    wait_for(browser, "Settings side by side")

    browser.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.planted = 1';"
        "document.body.append(s);"
        "const i = new Image(); i.src = 'http://127.0.0.1:1/stolen.png'; document.body.append(i);"
    )

    assert browser.execute_script("return window.planted") is None
    assert all("Content Security Policy" in message for message in errors(browser))


def test_a_page_comes_back_when_its_database_does(browser: Chrome) -> None:
    with PostgresServer.running() as server:
        url = server.new_database()
        fill(url, 4)
        with served(url) as address:
            server.kill()
            browser.get(f"{address}/study/digits/trials")
            wait_for(browser, "tries again every 10 seconds")

            server.start()

            wait_for(browser, "4 trials")
            browser.get(address)
            wait_for(browser, "1 in this database")
            server.kill()
            wait_for(browser, "cannot be used")
            server.start()
            wait_for(browser, "1 in this database")
            browser.get("about:blank")
    assert errors(browser) == []
