"""The demo data is believable at whatever hour it is made, and is made once."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, func, select

from app import demo
from app.access import House, opened
from app.content import prompt
from app.database import Moment
from app.demo_words import ANA, MONTHS, Month
from app.founding import Charter
from app.models import caseload, entry, openings, today
from app.models.caseload import Case
from app.models.entry import Entry
from app.models.people import Episode
from app.models.program import Program
from app.models.reviews import Review
from app.models.rules import DEFAULT
from app.models.schedule import is_program_day
from app.owned import guarded
from app.record import Record
from tests.conftest import NOON, Browser, Clock, Stage
from tests.words import shaming

NEW_YORK = ZoneInfo("America/New_York")
CLOCKS = {
    "noon": NOON,
    "half past midnight": datetime(2026, 11, 19, 0, 30, tzinfo=NEW_YORK),
    "the day after the clocks went back": datetime(2026, 11, 2, 8, 0, tzinfo=NEW_YORK),
    "the day after the clocks went forward": datetime(2026, 3, 9, 0, 30, tzinfo=NEW_YORK),
    "a Saturday night": datetime(2026, 11, 21, 23, 50, tzinfo=NEW_YORK),
}
# What the month tells does not depend on the database, and making it takes ten seconds.
IN_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CORAS = {
    "Jules Tran": "late", "Ana Keller": "reply", "Nadia Brook": "reply", "Theo Lang": "unread", "Marisol Vega": "flag",
    "Imani Reed": "fine", "Hank Olsen": "flag", "Priya Nair": "fine", "Luis Ortega": "flag", "Grace Kim": "fine",
    "Wes Dunn": "fine",
}  # fmt: skip
PRIVATE = {page.words for page in ANA.pages if not page.shared}


def keepers(stage: Stage) -> Iterator[Record]:
    """Each program, opened to who sees all of it."""
    for program in (stage.cast.harbor, stage.cast.meadow):
        with opened(stage.house, program, "keeper", program) as record:
            yield record


def cases(stage: Stage, coach: str) -> dict[str, Case]:
    with stage.coached(coach) as record:
        return {case.name: case for case in caseload.cases(record)}


def rows(record: Record) -> int:
    counts = (select(func.count()).select_from(model) for model in guarded().values())
    return sum(record.session.scalar(count) or 0 for count in counts)


def texts(month: Month) -> Iterator[str]:
    """Everything that is said in somebody's month."""
    yield from month.fridays
    for written in chain(month.notes, month.pages):
        yield from (value for value in asdict(written).values() if isinstance(value, str))


# --- once -----------------------------------------------------------------------------------------------


def test_it_is_made_once(house: House) -> None:
    def counted() -> list[int]:
        with house.database.session(writes=False) as session:
            programs = session.exec(select(Program.id)).all()
        found = []
        for program in programs:
            with opened(house, program, "keeper", program) as record:
                found.append(rows(record))
        return found

    started = time.perf_counter()
    demo.make_once(house)
    print(f"demo_data = {time.perf_counter() - started:.1f} s")
    first = counted()
    assert len(first) == 2 and min(first) > 50
    demo.make_once(house)
    assert counted() == first


@pytest.mark.parametrize(
    ("database", "after"),
    [("sqlite", "make_cast"), ("sqlite", "join"), ("sqlite", "accompany"), ("postgresql", "join")],
    indirect=["database"],
)
def test_a_start_that_is_killed_on_the_way_has_made_nothing_and_the_next_makes_all(
    house: House, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    done = getattr(demo, after)

    def killed(*what: Any) -> None:
        done(*what)
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, after, killed)
    with pytest.raises(KeyboardInterrupt):
        demo.make_once(house)
    monkeypatch.undo()
    demo.make_once(house)
    with house.database.session(writes=False) as session:
        programs = session.exec(select(Program)).all()
    assert sorted(program.name for program in programs) == ["Harbor IOP", "Meadow Program"]
    for program in programs:
        with opened(house, program.id, "keeper", program.id) as record:
            assert rows(record) > 50 and record.session.exec(select(Review.id)).first()


def test_the_cast_alone_has_nobody_else_and_nothing_written(stage: Stage) -> None:
    assert list(cases(stage, "cora")) == ["Ana Keller"] and list(cases(stage, "dov")) == ["Ben Ruiz"]
    assert [record.session.exec(select(Entry.id)).first() for record in keepers(stage)] == [None, None]


# --- when -----------------------------------------------------------------------------------------------


@IN_SQLITE
@pytest.mark.parametrize("clock", [Clock(now.astimezone(UTC)) for now in CLOCKS.values()], ids=CLOCKS)
def test_it_is_believable_at_any_hour(month: Stage) -> None:
    for record in keepers(month):
        nothing_is_in_the_future(record)
        everybody_keeps_hours(record)
        nobody_writes_before_they_came(record)
        what_is_read_is_read_within_the_promise(record)
    caseloads_show_every_reason(month)
    ana_waits_for_an_answer_that_is_still_promised(month)
    ana_has_an_answer_from_the_last_program_day(month)
    ben_has_been_quiet(month)


# What is planned has its days ahead, not the moment at which it was.
PLANS = {"assignment_change", "change", "coaching", "consent", "cover", "follow_up", "holiday", "homework", "series"}


def nothing_is_in_the_future(record: Record) -> None:
    dated = ((model, column) for table, model in guarded().items() for column in table.columns)
    for model, column in dated:
        if column.table.name in PLANS and column.type.python_type is date:
            continue
        if isinstance(column.type, Moment) or column.type.python_type is date:
            latest = record.session.scalar(select(func.max(getattr(model, column.name))).select_from(model))
            assert latest is None or latest <= (record.now if isinstance(latest, datetime) else record.today), column


def everybody_keeps_hours(record: Record) -> None:
    zone, weekdays = ZoneInfo(record.zone), record.program.weekdays()
    for at, day in record.session.execute(select(Entry.happened_at, Entry.local_day)):
        assert 6 <= at.astimezone(zone).hour <= 23 and at.astimezone(zone).date() == day
    for read_at in record.session.scalars(select(Review.at)):
        local = read_at.astimezone(zone)
        assert 10 <= local.hour < 17 and is_program_day(local.date(), weekdays, frozenset())


def nobody_writes_before_they_came(record: Record) -> None:
    came = dict(record.session.execute(select(Episode.participant_id, Episode.started_on)).all())
    first = select(Entry.participant_id, func.min(col(Entry.local_day))).group_by(col(Entry.participant_id))
    days = record.session.execute(first).all()
    assert days and all(came[person] <= day for person, day in days)


def what_is_read_is_read_within_the_promise(record: Record) -> None:
    pairs = select(Entry.kept_at, Review.at).join(Review, col(Review.entry_id) == col(Entry.id))
    found = record.session.execute(pairs).all()
    assert found and all(kept < read <= record.program.answer_by(kept) for kept, read in found)


def caseloads_show_every_reason(month: Stage) -> None:
    assert {name: case.why for name, case in cases(month, "cora").items()} == CORAS
    assert {case.why for case in cases(month, "dov").values()} >= {"unread", "fine"}
    assert {name: case.why for name, case in cases(month, "fay").items()} == {"Eli Novak": "unread"}


def ana_waits_for_an_answer_that_is_still_promised(month: Stage) -> None:
    now, case = month.house.clock(), cases(month, "cora")["Ana Keller"]
    assert case.waiting_since and case.answer_by and case.waiting_since < now < case.answer_by
    assert case.crossing and (case.crossing.days, case.crossing.week) == (31, 5)
    assert sum(mood is not None for mood in case.moods) >= 11


def ana_has_an_answer_from_the_last_program_day(month: Stage) -> None:
    with month.mine("ana") as record:
        line = today.answer(record)
    assert line
    [read] = line.reads
    assert read.words.startswith("You called your sister") and read.by == "Cora Diaz"
    # From Friday's answer to Monday afternoon at most.
    assert month.house.clock() - read.at < timedelta(days=3)


def ben_has_been_quiet(month: Stage) -> None:
    """The clock raises a flag for it on the third whole program day; until then he is on no list."""
    case = cases(month, "dov")["Ben Ruiz"]
    assert case.unread == 0 and case.why in ("fine", "quiet", "flag")
    assert case.why == "fine" or case.quiet_days >= DEFAULT.quiet_days


@pytest.mark.parametrize("charter", [demo.HARBOR, demo.MEADOW], ids=["east", "west"])
@pytest.mark.parametrize("first", [datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 3, 6, tzinfo=UTC)], ids=str)
def test_pages_that_depend_on_the_hour_find_theirs(first: datetime, charter: Charter) -> None:
    program = Program(id=UUID(int=1), name="", zone=charter.zone, key=b"")
    for now in (first + timedelta(hours=hours, minutes=11) for hours in range(24 * 8)):
        calendar = demo.Calendar(program, now)
        when = {page.ago: calendar.when(page) for month in MONTHS for page in month.pages}
        assert when["lately"] < now < program.answer_by(when["lately"])
        assert calendar.read_at(when["answered"]) < now
        assert program.answer_by(when["overdue"]) < now
        assert max(now - when["answered"], now - when["overdue"]) < timedelta(days=5)


# --- who ------------------------------------------------------------------------------------------------


@IN_SQLITE
def test_it_gets_easier_for_ana_but_on_fridays(month: Stage) -> None:
    with month.mine("ana") as record:
        days = entry.between(record, date.min, record.today, ("check-in",))
    friday = {line.local_day: line.part.urge for line in days if line.local_day.weekday() == demo.FRIDAY}
    other = [line.part.urge for line in days if line.local_day not in friday]
    assert sum(other[:7]) / 7 > 2 + sum(other[-7:]) / 7
    assert sum(friday.values()) / len(friday) > 1 + sum(other) / len(other)
    assert days[-1].part.sleep_hours > days[0].part.sleep_hours
    assert any(line.part.tired for line in days) and any(line.part.lonely for line in days)


@IN_SQLITE
def test_ana_shares_half_of_her_journal(month: Stage, signed_in: Callable[[str], Browser]) -> None:
    with month.mine("ana") as record:
        pages, thrown = entry.between(record, date.min, record.today, ("journal",)), entry.binned(record)
        looks = openings.seen(record)
    assert 12 <= len(pages) <= 20 and 0.4 <= sum(page.visibility == "shared" for page in pages) / len(pages) <= 0.7
    assert [bool(page.reads) for page in pages if page.wants_answer] == [True, False]
    assert len(thrown) == 1 and {page.words for page in [*pages, *thrown]} >= PRIVATE
    assert {look.by for look in looks} == {"Cora Diaz"} and {look.what for look in looks} == {"record", "entry"}
    cora_sees_only_what_is_shared(month, signed_in("cora"))


def cora_sees_only_what_is_shared(month: Stage, cora: Browser) -> None:
    with month.coached("cora", "ana") as record:
        seen = {line.words for line in entry.everything(record)}
    assert not PRIVATE & seen and {page.words for page in ANA.pages} - PRIVATE <= seen
    page = cora.look(f"/caseload/{month.cast.ana}")
    assert page.status_code == 200 and not [words for words in PRIVATE if words[:20] in page.text]


# --- words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", MONTHS, ids=lambda month: month.key)
def test_nobody_is_shamed(month: Any) -> None:
    assert [word for text in texts(month) for word in shaming(text)] == []


@pytest.mark.parametrize("month", MONTHS, ids=lambda month: month.key)
def test_a_month_fits_together(month: Any) -> None:
    assert all(prompt(page.prompt, month.language) for page in month.pages if page.prompt)
    assert all(0 < note.ago <= month.days for note in month.notes)
    assert len({note.ago for note in month.notes}) == len(month.notes)
    assert all(page.shared for page in month.pages if page.asks or page.answer)


def test_words_and_first_names_are_used_once() -> None:
    words = [text for month in MONTHS for text in texts(month) if " " in text and len(text) > 20]
    assert len(set(words)) == len(words)
    assert len({month.key for month in MONTHS}) == len(MONTHS)


# --- signing in -----------------------------------------------------------------------------------------


@IN_SQLITE
def test_everybody_printed_can_sign_in(month: Stage, signed_in: Callable[[str], Browser]) -> None:
    printed = demo.how_to_sign_in(month.house.settings)
    names = re.findall(r"^ +(\w+)@footbridge\.example", printed, re.MULTILINE)
    assert {"ana", "ben", "luis", "cora", "dov", "sam", "pat", "eli", "fay"} == set(names)
    assert demo.PASSPHRASE in printed and month.house.settings.public_url in printed
    for name in names:
        signed_in(name)
