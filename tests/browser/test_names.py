"""Names as they were typed: no mark of theirs is read as markup, and none asks another host for a thing."""

import json
import random
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store
from tests.browser import driver

FOREIGN = "http://127.0.0.1:9999"
SPEC = read_spec({"architecture": "ff_autoencoder", "epochs": 1})
NAMES = [
    "lr=$10^{-3}$",
    f"[prize]({FOREIGN}/x)",
    f"![x]({FOREIGN}/p.png)",
    f"see {FOREIGN}/y or www.example.com or a@example.com",
    "a :sunglasses: b :+1: :material/home: :streamlit:",
    "~~b~~ **c** _d_ `e`",
    ":red[hi] :blue-background[x]{a=b}",
    "# Head",
    "1. first",
    "12) second",
    "- a -> b <- c >= d -- e",
    "<script>1</script>",
    f"<img src={FOREIGN}/q.png> &amp; &#58;",
    "abc\u202edef",
    "\u2069\u202egnp.exe",
    "🧑\u200d🔬 lab",
    "می\u200cخواهم",
    "עברית 123",
    "x{y}z | w",
]
PIECES = [
    *"\\`*_{}[]()<>#+-.!|~$:@&=%^/\"';,? ab1é",
    "www.",
    "http://",
    "](",
    "![",
    ":red[",
    "->",
    "1.",
    "&#58;",
]
ELEMENTS = 7  # of each text on the page
SHOWN = """key => [...document.querySelectorAll(`.st-key-${key} :is(p, h2, a p, button p)`)]
    .filter(node => !node.querySelector('p')).map(node => node.textContent)"""


def random_texts(n: int) -> list[str]:
    """Of the marks that Markdown and Streamlit know, the same at every run."""
    dice = random.Random(11)
    texts = ("".join(dice.choices(PIECES, k=dice.randint(1, 12))) for _ in range(n))
    return [re.sub(" +", " ", text).strip() or "x" for text in texts]


def test_in_every_element_texts_appear_as_they_are(browser: Browser, tmp_path: Path):
    texts = [*NAMES, *random_texts(120)]
    file = tmp_path / "texts.json"
    file.write_text(json.dumps(texts), "utf-8")
    script = str(Path(__file__).with_name("typed_text_page.py"))
    command = [sys.executable, "-m", "streamlit", "run", script]
    environment = {"TEXTS": str(file), "PYTHONPATH": str(driver.ROOT)}
    with (
        driver.serve(tmp_path / "lab", command=command, **environment) as server,
        driver.new_learner(browser) as learner,
    ):
        page = learner.new_page()
        asked = foreign_requests(page, server.url)
        driver.open_page(page, server.url)
        for k in range(len(texts)):  # what lies below may be drawn before what lies above
            page.wait_for_function(f"key => ({SHOWN})(key).length >= {ELEMENTS}", arg=f"text_{k}")
        for k, text in enumerate(texts):
            isolated = re.compile("[\u2068\u2069]")
            shown = [isolated.sub("", text) for text in page.evaluate(SHOWN, f"text_{k}")]
            plain = isolated.sub("", text)
            assert shown == [plain, f"A run “{plain}” and {plain} 1", *[plain] * (ELEMENTS - 2)], text
        markup = ".stMain :is(p, h2, button) :is(a, img, code, em, del, .katex, script, [role=img])"
        assert page.locator(markup).count() == 0
        assert asked == []


def foreign_requests(page: Page, home: str) -> list[str]:
    """Every address of another host that the page asks for, from now on."""
    asked: list[str] = []
    here = urlsplit(home).netloc

    def note(url: str) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).netloc != here:
            asked.append(url)

    page.on("request", lambda request: note(request.url))
    page.on("websocket", lambda socket: note(socket.url))
    return asked


@pytest.fixture
def named_runs(server: driver.Server, page: Page, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A finished run of the page's learner for each name, by its id."""
    driver.open_page(page, server.url)
    page.wait_for_function("document.cookie.includes('fmnist_learner')")
    learner = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "fmnist_learner")
    monkeypatch.setenv("FMNIST_HOME", str(server.log.parent))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    store = Store()
    runs = {store.create_run(SPEC, learner, name, status="finished"): name for name in NAMES}
    store.close()
    return runs


def test_on_every_page_names_appear_as_typed_and_ask_no_other_host(
    server: driver.Server, page: Page, named_runs: dict[str, str]
):
    asked = foreign_requests(page, server.url)
    for k, (run_id, name) in enumerate(named_runs.items()):  # which of the two, no name decides
        if k % 2:
            driver.open_page(page, f"{server.url}/autoencoder?run={run_id}")
            expect(driver.keyed(page, "run_heading").locator("h2")).to_have_text(shown_as(name))
        else:
            driver.open_page(page, f"{server.url}/classifier?run={run_id}")
            link = page.get_by_test_id("stMain").get_by_test_id("stPageLink")
            expect(link.filter(has_text="on the other page")).to_contain_text(shown_as(name))
        assert hrefs(page, server.url) == []
    ids = list(named_runs)
    for k in range(0, len(ids), 6):
        driver.open_page(page, f"{server.url}/runs?runs={','.join(ids[k : k + 6])}")
        names = page.locator(".lab-compared").first.locator("thead th")
        expect(names).to_have_count(len(ids[k : k + 6]))
        for heading, run_id in zip(names.all(), ids[k : k + 6], strict=True):
            expect(heading).to_have_text(shown_as(named_runs[run_id]))
        assert hrefs(page, server.url) == []
    for name in NAMES:
        expect(page.locator(".runs").get_by_text(shown_as(name)).first).to_be_attached()
    driver.open_page(page, server.url)  # whose list holds the latest five
    assert hrefs(page, server.url) == []
    assert asked == []


def test_a_comma_is_understood_in_spanish_and_a_number_that_is_none_is_answered(
    server: driver.Server, open_learner
):
    page = open_learner(locale="es-AR")
    driver.open_page(page, f"{server.url}/classifier?lang=es")
    rate = page.locator("[class*=st-key-cl_learning_rate] input")
    for text in ("0,002", "1.000,5"):
        rate.click()
        rate.press("Control+a")
        rate.press_sequentially(text)
        rate.press("Enter")
        if text == "0,002":
            page.wait_for_url(re.compile(r"cl_learning_rate=0\.002(&|$)"))
    expect(page.get_by_role("alert").filter(has_text="1.000,5")).to_contain_text("por ejemplo 0,001")


def test_sliders_write_numbers_as_the_page_does_whatever_the_browser_speaks(
    server: driver.Server, open_learner
):
    page = open_learner(locale="en-GB")
    driver.open_page(
        page, f"{server.url}/autoencoder?lang=es&ae_dropout=0.123&ae_optimizer=sgd&ae_momentum=0.9"
    )
    shown = page.get_by_test_id("stSliderThumbValue")
    expect(shown).to_have_text(["0,123", "0,9"])
    page.get_by_role("slider", name="Dropout").press("ArrowRight")
    expect(shown).to_have_text(["0,15", "0,9"])
    page.wait_for_url(re.compile("ae_dropout=0.15"))
    page.get_by_text("English", exact=True).click()
    expect(shown).to_have_text(["0.15", "0.9"])
    page.get_by_role("slider", name="Momentum").press("ArrowLeft")
    page.wait_for_url(re.compile("ae_momentum=0.89"))
    expect(shown).to_have_text(["0.15", "0.89"])
    assert "ae_dropout=0.15" in page.url
    driver.open_page(page, f"{server.url}/?lang=en")
    page.get_by_role("slider", name="Moment of the training").press("Home")
    page.get_by_text("Español", exact=True).click()
    moment = page.get_by_role("slider", name="Momento del entrenamiento")
    expect(moment).to_have_attribute("aria-valuetext", "antes de entrenar")
    driver.open_page(page, f"{server.url}/transfer?lang=en&tr_train_size=1000")
    expect(page.get_by_test_id("stSliderThumbValue").first).to_have_text("1,000")
    page.get_by_text("Español", exact=True).click()
    expect(page.get_by_role("heading", name="Transferencia", exact=True)).to_be_visible()
    driver.settle(page)
    expect(page.get_by_test_id("stSliderThumbValue").first).to_have_text(re.compile(r"1\s000"))
    page.get_by_role("slider", name="Dropout").press("ArrowRight")
    page.wait_for_url(re.compile("tr_dropout=0.15"))
    expect(page.get_by_test_id("stSliderThumbValue").first).to_have_text(re.compile(r"1\s000"))


def shown_as(name: str) -> re.Pattern[str]:
    """The name's characters, between marks of direction or not."""
    return re.compile(re.escape(" ".join(name.split())))


def hrefs(page: Page, home: str) -> list[str]:
    """The addresses of links and pictures on the page that lead to another host, except the lab's own."""
    images = page.evaluate(
        "[...document.querySelectorAll('.stMain :is(a, img)')].map(one => one.href || one.src)"
    )
    return [url for url in images if url and not url.startswith((home, "data:", "blob:"))]
