"""What a browser asks, on its way to Streamlit: nothing is lost, and never more than the bounds at once."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.server import address as addresses
from pages.server.address import Address, key_of
from pages.server.bucket import Bucket
from pages.server.requests import ALLOWED, read
from pages.server.session import READING, WORKING
from tests.server.browser_session import Browser, frame

GONE = {"type": "websocket.disconnect", "code": 1001}


def slider(data: bytes) -> int:
    return BackMsg.FromString(data).rerun_script.widget_states.widgets[0].int_value


def test_a_bucket_gives_so_much_at_once_and_so_much_a_second():
    now = 0.0
    bucket = Bucket(3, 2.0, lambda: now)
    taken = 0
    for tenth in range(100):
        now = tenth / 10
        while bucket.wait() == 0:
            bucket.take()
            taken += 1
    assert taken == 3 + int(2.0 * now)
    assert bucket.wait() == pytest.approx(0.2, abs=0.3)


def test_the_last_value_of_a_slider_always_arrives_and_few_of_those_before():
    async def drag() -> list[int]:
        browser = Browser()
        browser.ask(*(frame(value) for value in range(150)))
        return [slider(data) for data in await browser.passed(0.3)]

    values = asyncio.run(drag())
    assert values[-1] == 149
    assert values == sorted(values)
    assert len(values) <= WORKING[0] + 4


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.booleans(), st.booleans()), max_size=15))
def test_every_click_arrives_and_the_newest_of_everything(asked: list[tuple[str, bool, bool]]):
    """Requests by people and by timers, of the page and of fragments, some of them with a click."""
    frames = [
        frame(k, click=f"button-{k}" if click else "", fragment=fragment, timer=timer and not click)
        for k, (fragment, click, timer) in enumerate(asked)
    ]

    async def burst() -> list[bytes]:
        browser = Browser()
        for sent in frames:
            browser.session._add(sent)
        return [request.frame for request in browser.session._requests]

    left = asyncio.run(burst())
    assert [data for data in left if b"button" in data] == [data for data in frames if b"button" in data]
    assert left == sorted(left, key=frames.index)
    assert left[-1:] == frames[-1:]
    for fragment in ("", "a", "b"):  # what nobody replaced: the newest of each that no later page run covers
        mine = [k for k, (name, _, _) in enumerate(asked) if name == fragment]
        pages = [k for k, (name, _, _) in enumerate(asked) if not name]
        if mine and pages[-1:] <= mine[-1:]:
            assert frames[mine[-1]] in left


def test_what_a_timer_asks_never_replaces_what_a_person_asks():
    assert not read(frame(1, timer=True)).replaces(read(frame(2)))
    assert read(frame(1, timer=True)).replaces(read(frame(2, timer=True)))
    assert read(frame(1)).replaces(read(frame(2, timer=True)))


def test_another_page_does_not_replace_this_one():
    other = BackMsg()
    other.rerun_script.page_script_hash = "other"
    assert not read(other.SerializeToString()).replaces(read(frame(1)))


@pytest.mark.parametrize("kind", [field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields])
def test_only_what_the_pages_need_is_answered(kind: str):
    message = BackMsg()
    field = BackMsg.DESCRIPTOR.fields_by_name[kind]
    if field.message_type is None:
        setattr(message, kind, "x" if field.type == field.TYPE_STRING else True)
    else:
        getattr(message, kind).SetInParent()
    assert (read(message.SerializeToString()) is not None) == (kind in ALLOWED)


def test_who_sends_more_than_a_browser_does_is_hung_up_on():
    async def flood() -> tuple[list[bytes], dict, Counter]:
        browser = Browser()
        browser.ask(*[frame()] * 2000)
        frames = await browser.passed(2.0)
        return frames, await browser.session.receive(), browser.counts

    frames, last, counts = asyncio.run(flood())
    assert len(frames) <= WORKING[0]
    assert last["type"] == "websocket.disconnect"
    assert counts["hung_up"] == 1
    assert counts["passed"] + counts["replaced"] <= READING[0]


def test_a_browser_that_goes_leaves_nothing_to_work_on():
    async def leave() -> list[bytes]:
        browser = Browser()
        browser.session.bucket.take()
        for _ in range(int(WORKING[0])):
            browser.session.bucket.take()
        browser.ask(frame(1))
        browser.events.put_nowait(GONE)
        return await browser.passed(5.0)

    assert asyncio.run(leave()) == []


def test_text_and_nonsense_do_no_harm():
    async def nonsense() -> tuple[list[bytes], Counter]:
        browser = Browser()
        browser.events.put_nowait({"type": "websocket.receive", "text": "hello"})
        browser.ask(b"\xff\xff\xff")  # for Streamlit to refuse
        return await browser.passed(0.2), browser.counts

    frames, counts = asyncio.run(nonsense())
    assert frames == [b"\xff\xff\xff"]
    assert counts["dropped"] == 1


def test_those_who_ask_for_much_run_few_scripts_at_once_and_who_asks_for_little_runs_at_once():
    async def rush() -> tuple[int, bool, list[bool]]:
        address = Address()
        greedy = [Browser(address).session for _ in range(10)]
        for session in greedy:
            session.bucket.take(WORKING[0] - 1)  # all but one
        allowed = [address.may_run(session) for session in greedy]
        calm = Browser(address).session
        at_once = address.may_run(calm)
        address.ended(calm)
        waiting = [session for session, may in zip(greedy, allowed, strict=True) if not may]
        address.ended(greedy[0])
        await asyncio.sleep(0.05)  # longer than the pause after a script that ended at once
        return sum(allowed), at_once, [session._changed.is_set() for session in waiting]

    running, at_once, woken = asyncio.run(rush())
    assert running == addresses.MOST_RUNNING
    assert at_once
    assert sum(woken) == 1


def test_a_script_that_waits_does_not_hold_up_others_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(addresses, "RUN_SECONDS", 0.05)

    async def wait() -> bool:
        address = Address()
        sessions = [Browser(address).session for _ in range(addresses.MOST_RUNNING + 1)]
        for session in sessions:
            session.bucket.take(WORKING[0] - 1)  # all but one
        assert [address.may_run(session) for session in sessions][-1] is False
        await asyncio.sleep(0.3)  # nothing but time lets it run
        return address.may_run(sessions[-1])

    assert asyncio.run(wait())


def test_where_much_is_asked_half_of_the_time_is_left_for_others():
    async def run_for(seconds: float) -> bool:
        address = Address()
        sessions = [Browser(address).session for _ in range(addresses.MOST_RUNNING + 1)]
        for session in sessions:
            session.bucket.take(WORKING[0] - 1)  # all but one
        assert [address.may_run(session) for session in sessions][-1] is False
        await asyncio.sleep(seconds)  # the script's, after which others have as much
        address.ended(sessions[0])
        at_once = address.may_run(sessions[-1])
        await asyncio.sleep(1.5 * seconds)
        return not at_once and address.may_run(sessions[-1])

    assert asyncio.run(run_for(0.1))


def test_thirty_learners_of_one_address_who_each_watch_a_run_are_never_held_up():
    """A look a second each, and a page in ten seconds, for a minute; the clock is set by hand."""

    async def watch(monkeypatch: pytest.MonkeyPatch) -> None:
        now = 0.0
        monkeypatch.setattr(Bucket.__init__, "__defaults__", (lambda: now,))
        address = Address()
        sessions = [Browser(address).session for _ in range(30)]
        for second in range(60):
            for k, session in enumerate(sessions):
                now = second + k / 30
                session.bucket.take()
                assert address.may_run(session, addresses.FRAGMENT)
                address.ended(session)
                if (second + k) % 10 == 0:
                    session.bucket.take()
                    assert address.may_run(session, addresses.PAGE)
                    address.ended(session)

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(watch(patch))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("unix", "unix", True),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool):
    assert (key_of(one) == key_of(other)) == same
