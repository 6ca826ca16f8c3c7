"""How often tabs look: all looks while they are quick, fewer where they are slow, one in 3 s at least."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from pages.parts.run import looks
from pages.server.poll_interval import LONGEST, SLOW, PollInterval
from tests.server.browser_session import Browser, begun, finished, frame

look = frame(fragment="live", timer=True)


@given(st.lists(st.floats(0, 60), max_size=200))
def test_a_tab_is_never_kept_from_looking_for_three_seconds(durations: list[float]):
    interval = PollInterval()
    for seconds in durations:
        interval.took(seconds)
        assert 0 <= interval.seconds <= LONGEST < 2  # the timer's next second is the second one


def test_slow_looks_slow_the_pace_and_quick_ones_bring_it_back():
    interval = PollInterval()
    interval.took(SLOW / 2)
    assert interval.seconds == 0
    for _ in range(10):
        interval.took(2 * SLOW)
    assert interval.seconds == LONGEST
    for _ in range(200):
        interval.took(SLOW / 2)
    assert interval.seconds < 0.1


def test_looks_that_come_too_early_are_left_out_but_no_click_is():
    async def passed() -> list[bytes]:
        browser = Browser()
        browser.poll_interval.seconds = 60.0
        browser.ask(look)
        later = (look, frame(1, "stop", "live"), look, frame(2, "train"), look)
        asyncio.get_running_loop().call_later(0.1, browser.ask, *later)
        return await browser.passed(0.5)

    assert asyncio.run(passed()) == [look, frame(1, "stop", "live"), frame(2, "train")]


def test_a_look_is_timed_from_the_request_to_the_end_of_its_script(monkeypatch):
    async def pace_after(seconds: float) -> float:
        browser = Browser()
        browser.ask(look)
        reading = asyncio.create_task(browser.session.read())
        await browser.session.receive()
        await asyncio.sleep(seconds)  # what the look takes
        await browser.session.send({"type": "websocket.send", "bytes": finished()})
        reading.cancel()
        return browser.poll_interval.seconds

    monkeypatch.setattr("pages.server.poll_interval.SLOW", 0.1)
    assert asyncio.run(pace_after(0.0)) == 0
    assert asyncio.run(pace_after(0.2)) > 1


def test_a_look_that_would_show_the_same_again_is_left_out(monkeypatch):
    monkeypatch.setattr(looks, "is_needless", lambda session, fragment: (session, fragment) == ("me", "live"))
    other = frame(fragment="other", timer=True)

    async def passed() -> list[bytes]:
        browser = Browser()
        await browser.session.send({"type": "websocket.send", "bytes": begun("me")})
        browser.ask(look, other, look)
        return await browser.passed(0.3)

    assert asyncio.run(passed()) == [other]
