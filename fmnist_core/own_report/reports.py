"""Reports in the store: pins in their order, texts by section, the learners who write one together.

Whoever knows a report's code may join and write; whoever knows its link may read. Two who write in one
section at once lose nothing: what was there stays, and the other's text follows it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from fmnist_core.own_report.pin import Content, PinError, unpacked
from fmnist_core.own_report.report import Pin, Report, Text, is_answer
from fmnist_core.own_report.sections import SECTIONS, TEMPLATES, USUAL, home_of_pins
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store.database import StoreError
from fmnist_core.store.rows import in_utc
from fmnist_core.store.run_names import one_line
from fmnist_core.store.runs import Store
from fmnist_core.store.schema import AnyRow, pins, report_members, reports

MOST_PINS, MOST_CHARACTERS, MOST_IN_A_LINE = 40, 20_000, 300
BETWEEN = "\n\n* * *\n\n"  # two texts for one place, written at the same time
BOTH_KEPT = Sentence(
    "Somebody else has written here meanwhile. Both texts are kept, yours below the other: make one of them."
)


class ReportNotFound(StoreError):
    """There is no report of this code, or of this link."""


class TooLong(LabError):
    """A text that is longer than any is kept; nothing of it is."""


class WrittenMeanwhile(LabError):
    """Somebody else has written in the same place; nothing is lost."""


@dataclass(frozen=True)
class OwnReport:
    """The report that a learner writes, alone or with others. Methods raise `StoreError`s, in sentences."""

    store: Store
    learner: str

    def read(self) -> Report | None:
        """`None` as long as nothing is pinned or written."""
        with self.store.database.reading() as connection:
            code = _code_of(connection, self.learner)
            return None if code is None else _report(connection, reports.c.id == code)

    def pin(
        self,
        content: Content,
        caption: str,
        runs: Sequence[Mapping[str, Any]],
        section: str | None = None,
        language: str = "",
    ) -> str:
        """Its id; it stands last, its caption a draft. Raises `PinError` if it or the report is too full."""
        packed, id = content.packed(), _new_id()
        with self.store.database.writing() as connection:
            code = self._begun(connection)
            row = connection.execute(select(reports.c.template).where(reports.c.id == code)).one()
            mine = select(func.count(), func.max(pins.c.place)).where(pins.c.report_id == code)
            count, last = connection.execute(mine).one()
            if count >= MOST_PINS:
                raise PinError(
                    Sentence(
                        "Your report has {n} pins, and no more fit. Delete one on Results › My report.",
                        n=count,
                    )
                )
            values = {
                "id": id,
                "report_id": code,
                "place": 0 if last is None else last + 1,
                "section": section or home_of_pins(row.template),
                "caption": caption[:MOST_CHARACTERS],
                "kind": content.kind,
                "content": packed,
                "runs": json.dumps(list(runs), ensure_ascii=False),
                "created": datetime.now(UTC),
                "language": language,
                "is_draft": True,
            }
            connection.execute(insert(pins).values(**values))
        return id

    def arrange(self, template: str) -> None:
        if template in TEMPLATES:
            with self.store.database.writing() as connection:
                code = self._begun(connection)
                connection.execute(update(reports).where(reports.c.id == code).values(template=template))

    def retitle(self, name: Literal["title", "authors"], line: str, before: str) -> None:
        """The line, which `before` was changed to be.

        Raises `WrittenMeanwhile` if that is not what stands there: the other's stays, and this one is quoted.
        """
        mine, column = one_line(line)[:MOST_IN_A_LINE], reports.c[name]
        with self.store.database.writing() as connection:
            code = self._begun(connection)
            row = connection.execute(select(column).where(reports.c.id == code).with_for_update()).one()
            clash = row[0] not in (before, mine)
            if not clash:
                connection.execute(update(reports).where(reports.c.id == code).values({column: mine}))
        if clash:
            raise WrittenMeanwhile(
                Sentence(
                    "Somebody else has changed this line meanwhile, and theirs stands. You wrote: “{mine}”.",
                    mine=mine,
                )
            )

    def write(self, section: str, text: str, version: int, heading: str = "") -> None:
        """The text of a section, or of an answer, which `version` of it was changed to be.

        Raises `WrittenMeanwhile` if it is not the latest: then this text follows the other; `TooLong`, and
        nothing is changed, if it is.
        """
        if section not in SECTIONS and not is_answer(section):
            return
        mine = _within(text)
        with self.store.database.writing() as connection:
            code = self._begun(connection)
            row = connection.execute(select(reports).where(reports.c.id == code).with_for_update()).one()
            texts = _texts(row)
            latest = texts.get(section, Text())
            clash = latest.version != version and latest.text != mine
            whole = _both(latest.text, mine) if clash else mine
            texts[section] = Text(whole, latest.version + 1, one_line(heading)[:MOST_IN_A_LINE])
            written = json.dumps({name: [t.text, t.version, t.heading] for name, t in texts.items()})
            connection.execute(update(reports).where(reports.c.id == code).values(texts=written))
        if clash:
            raise WrittenMeanwhile(BOTH_KEPT)
        if section in SECTIONS and section not in TEMPLATES[_template(row)]:
            raise WrittenMeanwhile(
                Sentence(
                    "Somebody else has chosen other sections meanwhile, and “{section}” is not among them. "
                    "What you wrote there is kept: it is shown as soon as sections with it are chosen.",
                    section=SECTIONS[section],
                )
            )

    def describe_pin(self, id: str, caption: str, before: str) -> None:
        """The caption, which `before` was changed to be. Raises `LabError`s as `write` does."""
        mine = _within(caption)
        with self.store.database.writing() as connection:
            which = self._mine(connection, id)
            row = connection.execute(select(pins.c.caption).where(which).with_for_update()).one_or_none()
            if row is None:
                raise WrittenMeanwhile(
                    Sentence("This pin was deleted meanwhile. Its caption was: “{mine}”.", mine=mine[:1000])
                )
            clash = row.caption not in (before, mine)
            whole = _both(row.caption, mine) if clash else mine
            if whole != row.caption:
                connection.execute(update(pins).where(which).values(caption=whole, is_draft=False))
        if clash:
            raise WrittenMeanwhile(BOTH_KEPT)

    def place_pin(self, id: str, section: str) -> None:
        if section in SECTIONS:
            with self.store.database.writing() as connection:
                connection.execute(update(pins).where(self._mine(connection, id)).values(section=section))

    def delete_pin(self, id: str) -> None:
        with self.store.database.writing() as connection:
            connection.execute(delete(pins).where(self._mine(connection, id)))

    def move_pin(self, id: str, by: int) -> None:
        """Changes places with the pin before it in its section (-1) or behind it (1), if there is one."""
        with self.store.database.writing() as connection:
            code = self._begun(connection)
            report = _report(connection, reports.c.id == code)
            stand = [[pin.id for pin in report.pins_of(name)] for name in TEMPLATES[report.template]]
            ids = next((ids for ids in stand if id in ids), [])
            if id not in ids or not 0 <= ids.index(id) + by < len(ids):
                return
            other = ids[ids.index(id) + by]
            places = {
                row.id: row.place
                for row in connection.execute(
                    select(pins.c.id, pins.c.place).where(pins.c.id.in_([id, other]))
                )
            }
            for moved, place in ((id, places[other]), (other, places[id])):
                connection.execute(update(pins).where(pins.c.id == moved).values(place=place))

    def join(self, code: str) -> None:
        """Writes the report of this code from now on; one's own stays, and is found again by its own code.

        Raises `ReportNotFound`.
        """
        with self.store.database.writing() as connection:
            if connection.execute(select(reports.c.id).where(reports.c.id == code)).first() is None:
                raise ReportNotFound(
                    Sentence(
                        "There is no report with the code “{code}”. Look at it once more.", code=code[:40]
                    )
                )
            connection.execute(delete(report_members).where(report_members.c.learner == self.learner))
            connection.execute(insert(report_members).values(learner=self.learner, report_id=code))

    def begin(self) -> Report:
        """An empty one, if there is none yet."""
        with self.store.database.writing() as connection:
            code = self._begun(connection)
            return _report(connection, reports.c.id == code)

    def _begun(self, connection: Connection) -> str:
        code = _code_of(connection, self.learner)
        if code is None:
            code = _new_id()
            values = {"title": "", "authors": "", "template": USUAL, "texts": "{}"}
            connection.execute(
                insert(reports).values(id=code, link=_new_id(), created=datetime.now(UTC), **values)
            )
            connection.execute(insert(report_members).values(learner=self.learner, report_id=code))
        return code

    def _mine(self, connection: Connection, id: str) -> Any:
        return (pins.c.id == id) & (pins.c.report_id == (_code_of(connection, self.learner) or ""))


def read_by_link(store: Store, link: str) -> Report:
    """Raises `ReportNotFound`."""
    with store.database.reading() as connection:
        return _report(connection, reports.c.link == link)


def _within(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise TooLong(
            Sentence(
                "This text has {n:,} characters, and at most {most:,} are kept. Nothing was changed: shorten "
                "it, or it is lost with this page.",
                n=len(text),
                most=MOST_CHARACTERS,
            )
        )
    return text


def _both(other: str, mine: str) -> str:
    return f"{other}{BETWEEN}{mine}" if other else mine


def _new_id() -> str:
    return secrets.token_urlsafe(9)


def _code_of(connection: Connection, learner: str) -> str | None:
    query = select(report_members.c.report_id).where(report_members.c.learner == learner)
    code: str | None = connection.execute(query).scalar()
    return code


def _report(connection: Connection, which: Any) -> Report:
    row = connection.execute(select(reports).where(which)).one_or_none()
    if row is None:
        raise ReportNotFound(
            Sentence("This report is not there any more, or its link is not whole. Ask for the link again.")
        )
    pinned = connection.execute(
        select(pins).where(pins.c.report_id == row.id).order_by(pins.c.place, pins.c.id)
    )
    shown = tuple(_pin(pin) for pin in pinned)
    return Report(row.id, row.link, row.title, row.authors, _template(row), _texts(row), shown)


def _template(row: AnyRow) -> str:
    return row.template if row.template in TEMPLATES else USUAL


def _texts(row: AnyRow) -> dict[str, Text]:
    try:
        return {
            name: Text(str(text), int(version), *map(str, heading))
            for name, (text, version, *heading) in json.loads(row.texts).items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _pin(row: AnyRow) -> Pin:
    try:
        content = unpacked(row.kind, row.content)
        runs = json.loads(row.runs)
    except (PinError, ValueError):
        content, runs = None, []
    return Pin(
        row.id,
        row.section,
        row.caption,
        content,
        tuple(runs),
        in_utc(row.created),
        row.language,
        row.is_draft,
    )
