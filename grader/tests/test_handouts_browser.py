"""The course's own handouts in a browser that has no network.

Chromium runs in a network namespace of its own, in which there is nothing but its
own loopback device; it is told what to do through a pipe.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.handouts import convert, pages, site
from grader.handouts.links import Site
from grader.house import House
from grader.tests.test_handouts import faults

pytest.importorskip("selenium", reason="python3-selenium is missing")

from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

pytestmark = pytest.mark.xdist_group("browser")

Browser = Any  # selenium of Debian 12 has no types
OFFLINE = '#!/bin/sh\nexec bwrap --dev-bind / / --unshare-net /usr/bin/chromium "$@"\n'
ARGUMENTS = "--headless=new --no-sandbox --disable-gpu --remote-debugging-pipe".split()
ARGUMENTS += "--no-first-run --disable-extensions --disable-dev-shm-usage".split()
PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
DESK = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
SECONDS = 60

PALE = (Path(__file__).parent / "handouts" / "pale.js").read_text()


@pytest.fixture(scope="module")
def top(real: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the course itself, of a copy of its pages."""
    root = tmp_path_factory.mktemp("course")
    for name in ("lectures", "exercises"):
        shutil.copytree(real.root / name, root / name)
    (root / "build").mkdir()
    real.cache.mkdir(parents=True, exist_ok=True)
    (root / "build" / "cache").symlink_to(real.cache)  # what is made is made once
    house = House(root)
    every = Site(pages.load(house))
    site.write(house, every, convert.convert_all(house, every), set())
    return site.folder(house)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, without a network."""
    folder = tmp_path_factory.mktemp("browser")
    wrapper = folder / "chromium"
    wrapper.write_text(OFFLINE)
    wrapper.chmod(0o755)
    options: Any = webdriver.ChromeOptions()
    options.binary_location = str(wrapper)
    for argument in (*ARGUMENTS, f"--user-data-dir={folder}/profile", "about:blank"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        yield driver
    finally:
        driver.quit()


def wait_for(true: Callable[[], object]) -> None:
    """Waits until `true` is."""
    until = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.02)


def look(
    browser: Browser, path: Path, screen: dict[str, Any], theme: str, more: str = ""
) -> None:
    """Opens a page on a screen of that size, where people have chosen that theme."""
    send = browser.execute_cdp_cmd
    send("Emulation.setDeviceMetricsOverride", screen)
    chosen = [{"name": "prefers-color-scheme", "value": theme}]
    send("Emulation.setEmulatedMedia", {"features": chosen})
    browser.get("about:blank")  # or an address with another # would load nothing
    browser.get(path.as_uri() + more)


def press(browser: Browser, *keys: str) -> None:
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def lecture(top: Path, suffix: str = ".html") -> Path:
    """The lecture on character devices, which has something of everything."""
    return top / "lectures" / f"13-character-devices{suffix}"


def requested(browser: Browser) -> list[str]:
    """What was asked for since the last call."""
    events = [
        json.loads(one["message"])["message"] for one in browser.get_log("performance")
    ]
    return [
        one["params"]["request"]["url"]
        for one in events
        if one["method"] == "Network.requestWillBeSent"
    ]


def test_the_real_site_has_no_link_that_leads_nowhere(top: Path) -> None:
    assert faults(top) == []


def test_no_page_asks_for_anything_but_its_own_files(
    browser: Browser, top: Path
) -> None:
    requested(browser)
    for path in (top / "index.html", lecture(top), lecture(top, ".slides.html")):
        look(browser, path, DESK, "light")
    urls = requested(browser)
    assert (top / "slides.js").as_uri() in urls
    own = (top.as_uri(), "about:", "data:", "chrome:")
    assert [url for url in urls if not url.startswith(own)] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_can_be_told_from_what_is_behind_it(
    browser: Browser, top: Path, theme: str
) -> None:
    for path in (
        top / "index.html",
        lecture(top),
        top / "exercises" / "18-later.html",
        lecture(top, ".slides.html"),
    ):
        look(browser, path, DESK, theme)
        found = browser.execute_script(PALE)
        assert found["pale"] == [], path.name
        assert found["seen"] > 5
        paper = "return getComputedStyle(document.documentElement).backgroundColor"
        dark = browser.execute_script(paper) == "rgb(21, 24, 27)"
        assert dark == (theme == "dark")


def test_the_button_changes_the_theme_and_the_next_page_has_it(
    browser: Browser, top: Path
) -> None:
    look(browser, top / "index.html", DESK, "light")
    theme = "return document.documentElement.dataset.theme"
    browser.find_element("id", "theme").click()
    assert browser.execute_script(theme) == "dark"
    browser.get(lecture(top).as_uri())
    assert browser.execute_script(theme) == "dark"
    browser.find_element("id", "theme").click()
    assert browser.execute_script(theme) == "light"
    browser.execute_script("localStorage.clear()")


def test_nothing_is_wider_than_a_phone(browser: Browser, top: Path) -> None:
    wider = "return document.documentElement.scrollWidth - innerWidth"
    every = sorted(top.rglob("*.html"))
    narrow = [path for path in every if not path.name.endswith(".slides.html")]
    for path in (*narrow, lecture(top, ".slides.html")):
        look(browser, path, PHONE, "dark")
        inner = browser.execute_script("return innerWidth")
        assert inner == PHONE["width"], path.name  # or the browser makes room
        assert browser.execute_script(wider) <= 0, path.name


def test_what_is_wide_can_be_moved_by_the_keyboard(browser: Browser, top: Path) -> None:
    look(browser, lecture(top), PHONE, "light")
    wide = browser.execute_script(
        "return [...document.querySelectorAll('pre, .scroll, .figure')]"
        ".filter((box) => box.scrollWidth > box.clientWidth)"
        ".map((box) => [box.tabIndex, box.role, box.ariaLabel])"
    )
    names = {name for index, role, name in wide if (index, role) == (0, "region")}
    assert len(wide) > 5 and names >= {"Code", "Figure"}
    assert all(index == 0 for index, _, _ in wide)


def test_the_copy_button_copies_code_and_of_a_transcript_what_is_typed(
    browser: Browser, top: Path
) -> None:
    look(browser, lecture(top), DESK, "light")
    browser.execute_script(
        "window.copied = [];"
        "document.addEventListener('copy', () => copied.push(String(getSelection())"
        " || document.activeElement.value));"
        "navigator.clipboard.writeText = async (text) => copied.push(text);"
    )
    for kind, begins in (
        ("pre.transcript", "ls -l /dev/null"),
        ("pre.sourceCode", "static const struct file_operations slate_fops = {\n"),
    ):
        box = browser.find_element("css selector", f".copyable:has({kind})")
        button = box.find_element("css selector", ".copy")
        browser.execute_script("arguments[0].click()", button)
        wait_for(lambda: button.text == "Copied")
        text = browser.execute_script("return copied.at(-1)")
        assert text.startswith(begins)
        assert "crw-" not in text and "# " not in text


def test_the_first_tab_leads_past_the_navigation(browser: Browser, top: Path) -> None:
    look(browser, lecture(top), DESK, "light")
    press(browser, Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.text == "Skip to the text" and skip.rect["x"] >= 0
    press(browser, Keys.ENTER)
    wait_for(lambda: browser.execute_script("return location.hash") == "#content")


def test_slides_go_by_keys_and_the_address_says_where(
    browser: Browser, top: Path
) -> None:
    look(browser, lecture(top, ".slides.html"), DESK, "light", "#2")
    shown = (
        "return [...document.querySelectorAll('main > section')]"
        ".filter((one) => one.checkVisibility()).map((one) => Number(one.id))"
    )
    count = browser.execute_script("return document.querySelectorAll('.body').length")
    assert count > 10 and browser.execute_script(shown) == [2]
    for key, number in (
        (Keys.ARROW_RIGHT, 3),
        (Keys.SPACE, 4),
        (Keys.PAGE_DOWN, 5),
        (Keys.ARROW_LEFT, 4),
        (Keys.END, count),
        (Keys.ARROW_RIGHT, count),
        (Keys.HOME, 1),
        (Keys.ARROW_LEFT, 1),
    ):
        press(browser, key)
        assert browser.execute_script(shown) == [number]
        assert browser.execute_script("return location.hash") == f"#{number}"


def test_notes_come_and_go_by_key_and_slides_fit_the_window(
    browser: Browser, top: Path
) -> None:
    look(browser, lecture(top, ".slides.html"), DESK, "dark", "#3")
    notes = browser.find_element("css selector", ".now .notes")
    assert not notes.is_displayed()
    press(browser, "n")
    assert notes.is_displayed()
    press(browser, "n")
    assert not notes.is_displayed()
    press(browser, Keys.HOME)
    cut = (
        "const box = document.querySelector('.now .body');"
        "return box.scrollHeight > box.clientHeight + 1"
    )
    count = browser.execute_script("return document.querySelectorAll('.body').length")
    for number in range(1, count + 1):
        assert not browser.execute_script(cut), f"slide {number}"
        press(browser, Keys.ARROW_RIGHT)


def test_the_presenter_has_the_notes_in_a_window_that_moves_along(
    browser: Browser, top: Path
) -> None:
    look(browser, lecture(top, ".slides.html"), DESK, "light", "#3")
    main = browser.current_window_handle
    press(browser, "p")
    wait_for(lambda: len(browser.window_handles) == 2)
    (other,) = set(browser.window_handles) - {main}
    count = "return document.getElementById('count').textContent"
    try:
        browser.switch_to.window(other)
        wait_for(lambda: browser.execute_script(count).startswith("3 of"))
        assert browser.find_element("css selector", ".now .notes").is_displayed()
        assert browser.find_element("css selector", ".next").text.startswith("Next: ")
        press(browser, Keys.ARROW_RIGHT)
        browser.switch_to.window(main)
        wait_for(lambda: browser.execute_script(count).startswith("4 of"))
    finally:
        browser.switch_to.window(other)
        browser.close()
        browser.switch_to.window(main)
