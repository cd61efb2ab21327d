"""The explorer page in a real Chromium; .ci/run installs it where it is missing."""

import base64
import os

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.serving.servers import development_server, development_server_of_main, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(exported):
    with development_server_of_main(os.path.dirname(exported)) as address:
        yield address


@pytest.fixture
def page(browser, address):
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(f"{address}/")
    eventually(lambda: loaded(browser, "wall"))
    return browser


def loaded(browser, place):
    """Whether all images of a place show a face."""
    widths = browser.execute_script(
        f"return [...document.querySelectorAll('#{place} img')].map((it) => it.naturalWidth)"
    )
    return widths and set(widths) == {32}


def find(browser, place):
    return browser.find_element(By.CSS_SELECTOR, place)


def all_of(browser, place):
    return browser.find_elements(By.CSS_SELECTOR, place)


def sources(browser, place):
    return [it.get_attribute("src") for it in all_of(browser, f"#{place} img")]


def set_slider(browser, name, value):
    browser.execute_script(
        "const it = document.getElementById(arguments[0]); it.value = arguments[1];"
        "it.dispatchEvent(new Event('input')); it.dispatchEvent(new Event('change'));",
        name,
        value,
    )


def save_screenshot(browser, name):
    """Keeps a picture of the page where EXPLORER_SCREENSHOTS names a folder."""
    folder = os.environ.get("EXPLORER_SCREENSHOTS")
    if folder:
        browser.save_screenshot(os.path.join(folder, f"{name}.png"))


def test_the_wall_shows_faces_that_differ_and_can_be_told(page):
    assert len(set(sources(page, "wall"))) == 32
    images = all_of(page, "#wall img")
    assert images[3].get_attribute("alt") == "Face 3"
    find(page, "#more").click()
    eventually(lambda: len(all_of(page, "#wall img")) == 64 and loaded(page, "wall"))
    assert find(page, "#status").text == ""
    assert page.get_log("browser") == []  # no error, no violation of the policy


def test_kept_faces_are_shared_by_the_address(page):
    for seed in (2, 5):
        find(page, f"#wall button[data-seed='{seed}']").click()
    eventually(lambda: loaded(page, "kept"))
    assert find(page, "#wall button[data-seed='2']").get_attribute("aria-pressed") == "true"
    assert not find(page, "#none-kept").is_displayed()
    kept = sources(page, "kept")
    shared = page.current_url
    assert "kept=2%2C5" in shared
    page.get("about:blank")
    page.get(shared)
    eventually(lambda: loaded(page, "kept"))
    assert sources(page, "kept") == kept
    download = find(page, "#kept a")
    assert download.get_attribute("download") == "face-2.png"
    assert download.get_attribute("href") == kept[0]
    assert base64.b64decode(kept[0].split(",")[1]).startswith(b"\x89PNG")
    find(page, "#kept li button").click()
    assert len(all_of(page, "#kept li")) == 1
    assert "kept=5" in page.current_url


def test_a_walk_leads_from_one_kept_face_to_the_other(page):
    assert not find(page, "#walk").is_displayed()
    for seed in (2, 5):
        find(page, f"#wall button[data-seed='{seed}']").click()
    eventually(lambda: loaded(page, "walk") and loaded(page, "kept"))
    begin = find(page, "#walker").get_attribute("src")
    set_slider(page, "fraction", 32)
    eventually(lambda: find(page, "#walker").get_attribute("src") != begin)
    end = find(page, "#walker").get_attribute("src")
    assert [begin, end] == sources(page, "kept")
    find(page, "#play").click()
    assert find(page, "#play").text == "Pause"
    eventually(lambda: find(page, "#walker").get_attribute("src") not in (begin, end))
    save_screenshot(page, "walk")
    find(page, "#play").click()
    assert find(page, "#play").text == "Play"


def test_without_truncation_all_faces_are_the_average_one(page):
    set_slider(page, "truncation", 0)
    eventually(lambda: len(set(sources(page, "wall"))) == 1)
    assert find(page, "#truncation-value").text == "0 %"
    assert "truncation=0" in page.current_url


def test_everything_works_by_keyboard(page):
    find(page, "#new").send_keys(Keys.TAB)
    first = page.switch_to.active_element
    assert first.get_attribute("data-seed") == "0"
    first.send_keys(Keys.SPACE)
    assert len(all_of(page, "#kept li")) == 1
    assert page.switch_to.active_element == first


def test_an_address_puts_no_text_into_the_page(page, address):
    hostile = "kept=<img/src=x/onerror=alert(1)>,3,3,-1,9999999999&first=x&truncation=7&count=-3"
    page.get("about:blank")
    page.get(f"{address}/#{hostile}&from=<b>&step=99")
    eventually(lambda: loaded(page, "wall") and loaded(page, "kept"))
    names = [it.text for it in all_of(page, "#kept li span")]
    assert names == ["3", str(2**31 - 1)]
    assert len(all_of(page, "#wall img")) == 32
    assert "onerror" not in page.page_source


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(page, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    colour = find(page, "body").value_of_css_property("background-color")
    red = int(colour.split("(")[1].split(",")[0])
    assert (red > 128) == (scheme == "light")
    save_screenshot(page, scheme)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_fits_a_phone(page):
    size = {"width": 360, "height": 700, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for seed in (0, 1):
        find(page, f"#wall button[data-seed='{seed}']").click()
    eventually(lambda: loaded(page, "walk"))
    assert page.execute_script("return document.documentElement.scrollWidth") <= 360
    save_screenshot(page, "phone")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_says_when_the_server_is_away_and_goes_on_when_it_is_back(browser, base_path):
    with development_server(base_path) as address:
        browser.get(f"{address}/")
        eventually(lambda: loaded(browser, "wall"))
    find(browser, "#new").click()
    eventually(lambda: "server is away" in find(browser, "#status").text)
    assert find(browser, "#status").get_attribute("role") == "status"
    save_screenshot(browser, "away")
    with development_server(base_path, port=address.rsplit(":", 1)[1]):
        eventually(lambda: loaded(browser, "wall") and not find(browser, "#status").text)
