"""Names as they were typed: no mark of theirs is read as markup, and none asks another host for a thing."""

import json
import random
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.browser import driver

FOREIGN = "http://127.0.0.1:9999"
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
        expect(page.locator(f".st-key-text_{len(texts) - 1} [role=alert]")).to_be_visible()
        for k, text in enumerate(texts):
            isolated = re.compile("[\u2068\u2069]")
            shown = [isolated.sub("", one) for one in page.evaluate(SHOWN, f"text_{k}")]
            plain = isolated.sub("", text)
            assert shown == [plain, f"A run “{plain}” and {plain} 1", *[plain] * 5], text
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
