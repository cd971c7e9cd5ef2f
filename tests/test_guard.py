"""The second and third walls: what a session reads and keeps is what a door opened it to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Table,
    bindparam,
    case,
    column,
    delete,
    distinct,
    exists,
    extract,
    func,
    insert,
    join,
    literal,
    literal_column,
    table,
    text,
    true,
    tuple_,
    union,
    update,
)
from sqlalchemy import select as core_select
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import aliased
from sqlalchemy.orm import join as orm_join
from sqlmodel import SQLModel, select

from app.access import opened
from app.database import keep, new_id
from app.models import (
    caseload,
    checkins,
    consents,
    entry,
    flags,
    journal,
    moods,
    openings,
    people,
    queue,
    reviews,
    sharing,
)
from app.models.answering import Answering
from app.models.assignments import Assignment, AssignmentChange, Step
from app.models.attendance import Attendance, Claim, Mark
from app.models.checkins import CheckIn, CheckInForm
from app.models.consents import Consent
from app.models.contacts import Contact
from app.models.entry import Entry
from app.models.flags import Clearance, Flag
from app.models.follow_ups import FollowUp
from app.models.journal import Journal, JournalForm
from app.models.letters import Letter
from app.models.measures import Measure
from app.models.moods import MoodForm
from app.models.notes import Note
from app.models.openings import Opening
from app.models.people import Coaching, Episode, Person, PersonKey
from app.models.phases import PhaseChange
from app.models.practices import Practice
from app.models.program import Phase
from app.models.readings import ReadingMark
from app.models.recovery import Recovery
from app.models.reviews import Review
from app.models.revisions import Revision
from app.models.sessions import Away, Seat
from app.models.setbacks import Setback
from app.models.sharing import Sharing
from app.models.skills import Favourite, OwnSkill
from app.models.triggers import Trigger
from app.models.urges import Urge
from app.owned import InProgram, Owned, Unopened, guarded
from app.record import NotYours, Record
from tests.conftest import NOON, Clock, Stage

only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def page(record: Record, words: str, mood: int, visibility: str = "shared") -> UUID:
    form = JournalForm(id=new_id(), words=words, mood=mood, visibility=visibility, prompt="evening")
    return journal.keep(record, form).id


def check_in(record: Record, urge: int, visibility: str = "shared") -> UUID:
    return checkins.keep(record, CheckInForm(id=new_id(), urge=urge, visibility=visibility)).id


@dataclass(frozen=True)
class Lives:
    """What lies in the tables. To her coach, of Ana there are only the shared page (mood 2) and check-in (urge 3)."""

    shared: UUID
    private: UUID
    binned: UUID
    closed: UUID
    checked: UUID
    unchecked: UUID
    ben: UUID
    eli: UUID
    flag: UUID
    review: UUID

    @property
    def to_cora(self) -> set[UUID]:
        return {self.shared, self.checked}

    @property
    def of_ana(self) -> set[UUID]:
        return {self.shared, self.private, self.binned, self.closed, self.checked, self.unchecked}


@pytest.fixture
def lives(stage: Stage) -> Lives:
    with stage.mine("ana") as record:
        pages = {
            "shared": page(record, "for Cora", 2), "private": page(record, "for me", 5, "private"),
            "binned": page(record, "thrown away", 4), "checked": check_in(record, 3),
            "unchecked": check_in(record, 9, "private"),
            "closed": moods.keep(record, MoodForm(id=new_id(), mood=1)).id,
        }  # fmt: skip
    # Read by Cora while they were open to her; then taken back in three ways.
    with stage.coached("cora", "ana") as record:
        for name in ("shared", "binned", "closed"):
            reviews.read(record, entry.find(record, pages[name]).id, review := new_id(), "an answer")
            pages.setdefault("review", review)
    with stage.mine("ana") as record:
        entry.throw(record, pages["binned"])
        sharing.stop(record, "mood")
    for name in ("ben", "eli"):
        with stage.mine(name) as record:
            pages[name] = page(record, f"of {name}", 3)
    with stage.coached("cora", "ana") as record:
        assert flags.by_hand(record, pages.setdefault("flag", new_id()), None, "low", "a look")
    return Lives(**pages)


@contextmanager
def seen_by(stage: Stage, who: str, role: str, whose: str | None = None) -> Iterator[Record]:
    """A record opened to somebody of the cast as whatever they are."""
    program = stage.cast.meadow if who in ("eli", "fay") else stage.cast.harbor
    participant = getattr(stage.cast, whose) if whose else None
    with opened(stage.house, program, role, getattr(stage.cast, who), participant) as record:
        yield record


def ids(record: Record, model: Any = Entry) -> set[UUID]:
    return set(record.session.exec(select(model.id)))


# --- what is not shared is not there


def test_v8_2_2_what_is_not_shared_is_not_there_for_the_coach(stage: Stage, lives: Lives) -> None:
    with stage.coached("cora", "ana") as record:
        assert {line.id for line in entry.timeline(record)[0]} == lives.to_cora
        assert {line.words for line in entry.everything(record)} == {"for Cora", ""}
        assert entry.binned(record) == []
        for hidden in lives.of_ana - lives.to_cora | {lives.ben, lives.eli}:
            assert record.session.get(Entry, (stage.cast.harbor, hidden)) is None
            with pytest.raises(NotYours):
                entry.find(record, hidden)


def test_numbers_and_reviews_are_hidden_with_the_entry_they_belong_to(stage: Stage, lives: Lives) -> None:
    with stage.coached("cora", "ana") as record:
        assert ids(record, CheckIn) == {lives.checked}
        assert ids(record, Journal) == {lives.shared}
        assert record.session.exec(select(Review.entry_id)).all() == [lives.shared]
        assert record.session.exec(select(func.max(CheckIn.urge))).one() == 3
    with stage.mine("ana") as record:
        assert ids(record, Journal) == {lives.shared, lives.private, lives.binned}
        assert len(ids(record, Review)) == 3


def test_counts_of_the_caseload_know_nothing_of_what_is_not_shared(stage: Stage, lives: Lives) -> None:
    with stage.coached("cora") as record:
        [ana] = caseload.cases(record)
        assert (ana.person_id, ana.unread, ana.moods[-1]) == (stage.cast.ana, 1, 2.0)
        assert [line.id for line in queue.waiting(record)] == [lives.checked]


def test_v8_4_1_each_sees_theirs_and_nobody_of_another_program(stage: Stage, lives: Lives) -> None:
    everything = lives.of_ana | {lives.ben}
    sees = {
        ("ana", "participant", "ana"): lives.of_ana,
        ("ben", "participant", "ben"): {lives.ben},
        ("ben", "participant", "ana"): set(),
        ("cora", "coach", "ana"): lives.to_cora,
        ("cora", "coach", None): lives.to_cora,
        ("cora", "coach", "ben"): set(),
        ("cora", "coach", "eli"): set(),
        ("dov", "coach", "ana"): set(),
        ("dov", "coach", None): {lives.ben},
        ("sam", "supporter", "ana"): set(),
        ("pat", "manager", None): set(),
        ("pat", "manager", "ana"): set(),
        ("fay", "coach", None): {lives.eli},
        ("fay", "coach", "ana"): set(),
        ("eli", "participant", "eli"): {lives.eli},
        ("pat", "keeper", None): everything,
    }
    found = {}
    for who in sees:
        with seen_by(stage, *who) as record:
            found[who] = ids(record)
    assert found == sees


def test_a_supporter_sees_the_kinds_shared_with_them_for_as_long_as_they_are(
    stage: Stage, lives: Lives, clock: Clock
) -> None:
    # Pat could be somebody's supporter too: as the manager, Pat still sees nothing.
    for reader in (stage.cast.sam, stage.cast.pat):
        with stage.mine("ana") as record:
            since = NOON + timedelta(hours=1)
            record.session.add(Sharing(id=new_id(), kind="mood", since=since, reader_id=reader))
    seen = []
    for _ in range(2):
        with seen_by(stage, "sam", "supporter", "ana") as sams:
            seen.append(ids(sams))
        clock.go(hours=1)
    with seen_by(stage, "pat", "manager", "ana") as pats:
        seen.append(ids(pats))
    with stage.mine("ana") as record:
        for row in record.session.exec(select(Sharing).where(Sharing.reader_id == stage.cast.sam)):
            row.ended_at = record.now
    with seen_by(stage, "sam", "supporter", "ana") as sams:
        seen.append(ids(sams))
    assert seen == [set(), {lives.closed}, set(), set()]


def test_who_is_where_and_with_whom_is_for_the_office(stage: Stage) -> None:
    sees = {
        ("ana", "participant", "ana"): 1, ("cora", "coach", None): 2, ("dov", "coach", "ana"): 1,
        ("pat", "manager", None): 2, ("sam", "supporter", None): 0, ("sam", "supporter", "ana"): 0,
        ("fay", "coach", None): 1,
    }  # fmt: skip
    for who, rows in sees.items():
        with seen_by(stage, *who) as record:
            assert (len(ids(record, Episode)), len(ids(record, Coaching))) == (rows, rows), who
            assert len(ids(record, Person)) == (2 if who[0] == "fay" else 6)


@pytest.mark.parametrize(("until", "sees"), [(0, True), (-1, False)])
def test_coaching_that_has_ended_opens_nothing(stage: Stage, lives: Lives, until: int, sees: bool) -> None:
    with seen_by(stage, "pat", "keeper") as record:
        for row in record.session.exec(select(Coaching).where(Coaching.participant_id == stage.cast.ana)):
            row.until = record.today + timedelta(days=until)
    with stage.coached("cora", "ana") as record:
        assert ids(record) == (lives.to_cora if sees else set())
        assert bool(ids(record, CheckIn) | ids(record, Review)) is sees


def test_coaching_that_has_not_begun_opens_nothing(stage: Stage, lives: Lives) -> None:
    with seen_by(stage, "pat", "keeper") as record:
        for row in record.session.exec(select(Coaching).where(Coaching.participant_id == stage.cast.ana)):
            row.since = record.today + timedelta(days=1)
    with stage.coached("cora", "ana") as record:
        assert ids(record) | ids(record, Review) == set()


def test_a_list_is_there_while_it_is_shared_and_without_what_was_removed(
    stage: Stage, lives: Lives, clock: Clock
) -> None:
    with stage.mine("ana") as record:
        record.session.add(new_row(stage, Trigger))
        record.session.add(new_row(stage, Trigger, removed_at=NOON))
        record.session.add(Sharing(id=new_id(), kind="trigger", since=NOON + timedelta(hours=1)))
    with stage.mine("ben") as record:
        record.session.add(new_row(stage, Trigger))
    seen = []
    for _ in range(2):
        for who, role in (("cora", "coach"), ("dov", "coach"), ("sam", "supporter"), ("pat", "manager")):
            with seen_by(stage, who, role, "ana") as record:
                seen.append(len(ids(record, Trigger)))
        clock.go(hours=1)
    assert seen == [0, 0, 0, 0, 1, 0, 0, 0]
    with stage.coached("cora") as record:
        assert len(ids(record, Trigger)) == 1
    with stage.mine("ana") as record:
        assert len(ids(record, Trigger)) == 2


# --- every shape of statement

OTHER = aliased(Entry)
RAW = SQLModel.metadata.tables["entry"]
RAW_OTHER = RAW.alias()
PROGRAM = SQLModel.metadata.tables["program"]

# Each asks for moods in its own way. To Cora there is one entry with a mood, and that is 2.
READS: dict[str, Any] = {
    "rows": select(Entry.mood),
    "an alias": select(OTHER.mood),
    "both, side by side": select(Entry.mood, OTHER.mood).where(OTHER.id == Entry.id),
    "an expression": select(func.coalesce(Entry.mood, 2)),
    "an aggregate": select(func.max(Entry.mood), func.min(Entry.mood)),
    "distinct": select(func.max(distinct(Entry.mood))),
    "a count": select(func.count(Entry.mood) + 1),
    "a count of rows": select(func.count()).select_from(Entry),
    "a count in a condition": select(func.count()).where(Entry.kind != "mood"),
    "the table itself beside its model": select(Entry.mood, RAW.c.mood),
    "a subquery": select(select(Entry.mood).subquery().c.mood),
    "an alias of a subquery": select(select(Entry.mood).subquery().alias().c.mood),
    "a scalar subquery": select(select(func.max(Entry.mood)).scalar_subquery()),
    "a scalar subquery of a table nobody guards": core_select(
        select(func.max(Entry.mood)).scalar_subquery()
    ).select_from(PROGRAM),
    "a condition beside a table nobody guards": core_select(Entry.mood).where(PROGRAM.c.id == Entry.program_id),
    "a common table expression": select(select(Entry.mood).cte().c.mood),
    "a union": union(select(Entry.mood), select(OTHER.mood)),
    "a union in a subquery": select(union(select(Entry.mood), select(OTHER.mood)).subquery().c.mood),
    "a mapped subquery": select(aliased(Entry, select(Entry).subquery()).mood),
    "a case": select(case((select(Entry.id).where(Entry.mood != 2).exists(), 5), else_=2)),
    "a condition only": select(literal(2)).where(Entry.mood.is_not(None)),
    "exists in a condition": select(func.count() + 1).select_from(Person).where(exists().where(Entry.mood > 2)),
    "joined": select(Entry.mood).join(Review, Review.entry_id == Entry.id),
    "joined from the other side": select(Entry.mood).select_from(Review).join(Entry, Review.entry_id == Entry.id),
    "joined in a condition": select(Entry.mood).where(Review.entry_id == Entry.id),
    "joined with its numbers": select(Entry.mood).join(Journal, Journal.id == Entry.id),
    "outer joined": select(Entry.mood).select_from(Review).outerjoin(Entry, Review.entry_id == Entry.id),
    "joined with a subquery": select(Entry.mood).join(select(OTHER.id).subquery(), true()),
    "in a list": select(Entry.mood).where(tuple_(Entry.id, Entry.id).in_(select(OTHER.id, OTHER.id))),
    "correlated": select(select(Entry.mood).where(Entry.id == Review.entry_id).correlate(Review).scalar_subquery()),
    "in the order": select(Entry.mood).order_by(select(OTHER.mood).where(OTHER.id == Entry.id).scalar_subquery()),
    "grouped": select(Entry.mood).group_by(Entry.mood).having(func.max(Entry.mood) > 0),
}  # fmt: skip

# Here SQLAlchemy adds no criteria, or none that fit: the guard refuses what it cannot filter.
REFUSED: dict[str, Any] = {
    "the table itself": core_select(RAW.c.mood),
    "all of the table": core_select(RAW),
    "an alias of the table": core_select(RAW_OTHER.c.mood),
    "an alias of the table beside the model": select(Entry.mood, RAW_OTHER.c.mood),
    "the table beside an alias of the model": select(OTHER.mood, RAW.c.mood),
    "the table in a condition": select(Person.id).where(exists().where(RAW.c.mood > 2)),
    "the table below the model": select(Entry.mood).where(exists(core_select(RAW.c.id).where(RAW.c.mood > 2))),
    "the table in the order": select(Person.id).order_by(core_select(RAW.c.mood).limit(1).scalar_subquery()),
    "a sample of the table": select(Entry.mood).select_from(Entry, RAW.tablesample(100)),
    "a model over the table": select(aliased(Entry, core_select(RAW).subquery()).mood),
    "a window": select(func.row_number().over(order_by=Entry.mood)),
    "a filtered aggregate": select(func.count().filter(Entry.mood > 2)),
    "a part of a time": select(extract("year", Entry.kept_at)),
    "the group only": select(func.count()).group_by(Entry.mood),
    "the order only": select(literal(1)).order_by(Entry.mood),
    "after grouping only": select(func.count(Person.id)).having(func.max(Entry.mood) > 2),
    "a join of the core": select(Entry.mood).select_from(join(Review, Entry, Review.entry_id == Entry.id)),
    "a join of the core, no columns": select(func.count()).select_from(join(Person, RAW, true())),
    "a join of the models": select(Review.id).select_from(orm_join(Review, Entry, Review.entry_id == Entry.id)),
    "an alias joined to its model": select(OTHER.mood).select_from(Entry).outerjoin(OTHER, true()),
    "an alias joined": select(Review.id).join(OTHER, OTHER.id == Review.entry_id),
    "SQL in words": text("select mood from entry"),
    "SQL in words, as rows": select(Entry).from_statement(text("select * from entry")),
    "SQL in words, in a condition": select(Person.id).where(text("exists (select 1 from entry where mood > 2)")),
    "a literal": core_select(literal_column("(select max(mood) from entry)")),
    "a table by its name": core_select(column("mood")).select_from(table("entry")),
    "changed from the table": update(Entry).values(mood=RAW_OTHER.c.mood).where(RAW_OTHER.c.id == Entry.id),
    "changed from another": update(Review).values(words=Entry.words).where(Review.entry_id == Entry.id),
    "destroyed by another": delete(Review).where(Entry.id == Review.entry_id, Entry.visibility == "private"),
}  # fmt: skip


def moods_told(record: Record, statement: Any) -> set[int]:
    rows = record.session.execute(statement).all()
    return {value for row in rows for value in row if value is not None}


def test_v8_2_2_every_shape_of_statement_tells_the_coach_the_same(stage: Stage, lives: Lives) -> None:
    with stage.coached("cora", "ana") as record:
        told = {shape: moods_told(record, statement) for shape, statement in READS.items()}
    assert {shape: moods for shape, moods in told.items() if moods != {2}} == {
        "exists in a condition": {1},  # there is no such entry, so no person is counted
    }


def outcome(record: Record, statement: Any) -> Any:
    try:
        return record.session.execute(statement).all()
    except Unopened:
        return "refused"


def test_what_the_guard_cannot_filter_is_refused_to_everybody(stage: Stage, lives: Lives) -> None:
    for whose in (stage.coached("cora", "ana"), stage.mine("ana")):
        with whose as record:
            outcomes = {shape: outcome(record, statement) for shape, statement in REFUSED.items()}
        assert {shape: rows for shape, rows in outcomes.items() if rows != "refused"} == {}


def test_a_prebuilt_statement_tells_each_reader_their_own(stage: Stage, lives: Lives) -> None:
    asked = select(Entry.mood).where(Entry.mood > bindparam("least"))
    told = []
    for _ in range(2):
        for whose in (stage.mine("ana"), stage.coached("cora", "ana"), stage.coached("dov"), stage.mine("eli")):
            with whose as record:
                told.append(set(record.session.scalars(asked, {"least": 0})))
    assert told == [{1, 2, 4, 5}, {2}, {3}, {3}] * 2


@pytest.mark.parametrize("statement", [select(Entry), select(Person), core_select(RAW), text("select 1")])
def test_nothing_is_read_unopened(stage: Stage, statement: Any) -> None:
    with stage.house.database.session() as session, pytest.raises(Unopened):
        session.execute(statement)


def test_tables_that_nobody_owns_are_read_unopened(stage: Stage) -> None:
    with stage.house.database.session() as session:
        assert set(session.scalars(core_select(PROGRAM.c.id))) == {stage.cast.harbor, stage.cast.meadow}


def test_a_new_table_cannot_be_forgotten(stage: Stage) -> None:
    named = {table.name for table in guarded()}
    assert {model.__tablename__ for model in guarded().values() if issubclass(model, Owned)} <= named
    assert all(isinstance(table, Table) and issubclass(model, InProgram) for table, model in guarded().items())


# --- what is kept


def mood_of(stage: Stage, name: str, entry_id: UUID) -> int | None:
    with stage.mine(name) as record:
        return entry.find(record, entry_id).mood


HOMEWORK = {"words": b"sealed", "due_on": NOON.date(), "by": new_id(), "made_at": NOON}
CONSENT = dict.fromkeys(consents.SEALED, b"sealed") | {
    "first_on": NOON.date(), "expires_on": NOON.date(), "signed_at": NOON, "signed_in": "UTC", "version": 1,
    "digest": b"sealed",
}  # fmt: skip


def new_row(stage: Stage, model: Any, **also: Any) -> Any:
    """A row of any owned table, as far as its columns ask for something."""
    given: dict[Any, dict[str, Any]] = {
        Entry: {"kind": "journal", "happened_at": NOON, "kept_at": NOON, "local_day": NOON.date(), "offset_minutes": 0},
        Review: {"coach_id": stage.cast.cora, "at": NOON},
        Revision: {"review_id": new_id(), "number": 1, "what": "seen", "by": stage.cast.ana, "at": NOON},
        Answering: {"coach_id": stage.cast.cora, "since": NOON, "until": NOON},
        FollowUp: {"coach_id": stage.cast.cora, "day": NOON.date(), "made_at": NOON},
        Flag: {"rule": "quiet", "level": "medium", "key": str(new_id()), "raised_at": NOON},
        Clearance: {"by": stage.cast.cora, "at": NOON, "words": b"sealed"},
        Opening: {"reader_id": stage.cast.cora, "role": "coach", "at": NOON, "what": "record"},
        Sharing: {"kind": "mood", "since": NOON},
        Contact: {"kept_at": NOON, "name": b"sealed", "phone": b"sealed"},
        Trigger: {"kept_at": NOON, "name": b"sealed", "group": "places", "risk": 5},
        OwnSkill: {"kept_at": NOON, "name": b"sealed"},
        Urge: {"before": 5},
        Measure: {"instrument": "phq-9", "version": "1"},
        Setback: {"word": "used"},
        Recovery: {"kept_at": NOON},
        Attendance: {"session_id": new_id(), "series_id": new_id(), "day": NOON.date(), "arriving": True},
        Claim: {"session_id": new_id(), "arriving": True, "proof": "tap", "at": NOON, "kept_at": NOON},
        Mark: {"session_id": new_id(), "state": "here", "at": NOON, "by": stage.cast.cora},
        Favourite: {"skill": "body-scan", "at": NOON},
        Coaching: {"coach_id": stage.cast.dov, "since": NOON.date()},
        Episode: {"started_on": NOON.date()},
        Seat: {"series_id": new_id(), "since": NOON.date(), "by": stage.cast.pat, "made_at": NOON},
        PhaseChange: {"number": 2, "since": NOON.date(), "by": stage.cast.pat, "made_at": NOON},
        Away: {"session_id": new_id(), "reason": "work", "said_at": NOON},
        Assignment: HOMEWORK | {"task_id": new_id(), "session_id": new_id(), "series_id": new_id()},
        AssignmentChange: {"homework_id": new_id(), "was_due_on": NOON.date(), "by": stage.cast.cora, "at": NOON},
        ReadingMark: {"reading": "sleep", "at": NOON, "kept_at": NOON},
        Step: {"homework_id": new_id(), "step": "seen", "at": NOON},
        Consent: CONSENT,
        Letter: {"consent_id": new_id(), "by": stage.cast.pat, "at": NOON},
        Note: {"note_id": new_id(), "version": 1, "words": b"sealed", "by": stage.cast.cora, "at": NOON},
    }
    return model(id=new_id(), **given.get(model, {}), **also)


@pytest.mark.parametrize("way", ["add", "keep"])
def test_a_row_of_somebody_else_is_refused(stage: Stage, lives: Lives, way: str) -> None:
    for also in ({"participant_id": stage.cast.ben}, {"program_id": stage.cast.meadow}):
        with pytest.raises(Unopened), stage.mine("ana") as record:
            row = new_row(stage, Entry, **also)
            _put(record, row, way)


def _put(record: Record, row: Any, way: str) -> None:
    if way == "keep":
        assert keep(record.session, row)
    else:
        record.session.add(row)
        record.session.flush()


@pytest.mark.parametrize("way", ["add", "keep"])
def test_a_row_gets_the_owner_to_whom_the_session_is_open(stage: Stage, way: str) -> None:
    with stage.mine("ana") as record:
        _put(record, row := new_row(stage, Entry), way)
        assert (row.program_id, row.participant_id) == (stage.cast.harbor, stage.cast.ana)
    with stage.coached("cora", "ana") as record:
        _put(record, row := new_row(stage, Opening), "add")
        assert row.participant_id == stage.cast.ana


def test_v8_2_1_who_may_write_what(stage: Stage, lives: Lives) -> None:
    """By role, with Ana's record open: the tables that take a row. The same on both walls."""
    mine = {"acknowledgement", "check_in", "contact", "entry", "favourite", "journal", "own_skill", "practice"}
    mine |= {"away", "measure", "recovery", "setback", "sharing", "trigger", "urge"}
    mine |= {"attendance", "claim", "consent", "flag", "homework_step", "reading_mark", "revision"}
    office = {"episode", "coaching", "mark", "homework", "assignment_change", "letter", "phase_change", "seat"}
    hers = {"review", "opening", "clearance", "note", "answering", "follow_up"}
    may = {
        ("ana", "participant"): mine,
        ("cora", "coach"): {"flag", "revision"} | hers | office,
        ("pat", "manager"): office,
        ("sam", "supporter"): {"opening"},
        ("pat", "keeper"): mine | hers | office,
    }
    written: dict[Any, set[str]] = {who: set() for who in may}
    for who, role in may:
        for model in (model for model in guarded().values() if issubclass(model, Owned)):
            with pytest.raises((Unopened, Undone)), seen_by(stage, who, role, "ana") as record:
                _add_to(record, model, stage, lives)
                written[who, role].add(model.__tablename__)
                raise Undone
    assert written == may


class Undone(Exception):
    """Takes a transaction back."""


def _add_to(record: Record, model: Any, stage: Stage, lives: Lives) -> None:
    also: dict[str, Any] = {"participant_id": stage.cast.ana, "program_id": stage.cast.harbor}
    if "entry_id" in model.model_fields:
        also["entry_id"] = lives.shared
    row = new_row(stage, model, **also)
    if model in (Attendance, CheckIn, Journal, Measure, Practice, Setback, Urge):
        row.id = lives.closed
    if model is Clearance:
        row.id = lives.flag
    if model is Revision:
        row.review_id = lives.review
    if model.__tablename__ == "acknowledgement":
        row.version, row.at = 99, NOON
    record.session.add(row)
    record.session.flush()


def test_nobody_else_changes_what_a_participant_wrote(stage: Stage, lives: Lives) -> None:
    by_key = [{"program_id": stage.cast.harbor, "id": lives.shared, "mood": 5}]
    statements = [
        (update(Entry).values(mood=5),), (delete(Entry),), (update(Entry), by_key), (delete(Journal),),
        (insert(Entry).values(id=new_id()),), (update(Sharing).values(ended_at=None),), (delete(CheckIn),),
    ]  # fmt: skip
    others = [("cora", "coach", "ana"), ("cora", "coach", None), ("pat", "manager", "ana"), ("sam", "supporter", "ana")]
    before = everything_of(stage, "ana")
    for who in others:
        for said in statements:
            with pytest.raises(Unopened), seen_by(stage, *who) as record:
                record.session.execute(*said)
    for change in (changed, record_deleted):
        with pytest.raises(Unopened), stage.coached("cora", "ana") as record:
            for row in record.session.exec(select(Entry)).all():
                change(record, row)
            record.session.flush()
    assert everything_of(stage, "ana") == before


def changed(_: Record, row: Entry) -> None:
    row.mood = 5


def record_deleted(record: Record, row: Entry) -> None:
    record.session.delete(row)


def everything_of(stage: Stage, name: str) -> list[str]:
    with stage.mine(name) as record:
        owned = [model for model in guarded().values() if issubclass(model, Owned)]
        return [repr(row) for model in owned for row in record.session.exec(select(model).order_by(model.id))]


def test_nobody_writes_as_a_participant_in_the_record_of_another(stage: Stage) -> None:
    with pytest.raises(Unopened), seen_by(stage, "ben", "participant", "ana") as record:
        _put(record, new_row(stage, Entry), "add")


def test_across_a_caseload_nothing_is_written(stage: Stage, lives: Lives) -> None:
    """A coach answers with one record open: what they write has one owner, and is seen by whom it is about."""
    for said in (update(Review).values(words=None), delete(Review), delete(Opening)):
        with pytest.raises(Unopened), stage.coached("cora") as record:
            record.session.execute(said)
    with pytest.raises(Unopened), stage.coached("cora") as record:
        record.session.add(new_row(stage, Review, entry_id=lives.shared, participant_id=stage.cast.ana))
        record.session.flush()


def test_statements_that_change_reach_ones_own_rows_only(stage: Stage, lives: Lives) -> None:
    with stage.mine("ana") as record:
        assert record.session.execute(update(Entry).values(mood=1)).rowcount == len(lives.of_ana)
    assert (mood_of(stage, "ben", lives.ben), mood_of(stage, "eli", lives.eli)) == (3, 3)
    with stage.mine("ana") as record:
        assert record.session.execute(delete(Entry).where(Entry.id == lives.ben)).rowcount == 0
        nested = select(OTHER.id).where(OTHER.mood == 3)
        assert record.session.execute(delete(Entry).where(Entry.id.in_(nested))).rowcount == 0
    with stage.coached("cora", "ana") as record:
        assert record.session.execute(delete(Review)).rowcount == 1
    with stage.mine("ana") as record:
        assert len(ids(record, Review)) == 2
    with seen_by(stage, "pat", "keeper") as record:
        assert record.session.execute(update(Entry).values(mood=1)).rowcount == len(lives.of_ana) + 1
    assert mood_of(stage, "eli", lives.eli) == 3


def test_statements_by_key_and_inserts_are_refused_to_their_owner_too(stage: Stage, lives: Lives) -> None:
    by_key = [{"program_id": stage.cast.harbor, "id": lives.ben, "mood": 5}]
    row = {"program_id": stage.cast.harbor, "id": new_id(), "participant_id": stage.cast.ben, "kind": "mood"}
    for said, values in ((update(Entry), by_key), (insert(Entry), [row]), (insert(Entry).values(row), None)):
        with stage.mine("ana") as record, pytest.raises(Unopened):
            record.session.execute(said, values)
    assert mood_of(stage, "ben", lives.ben) == 3


def test_a_row_is_not_handed_over_to_somebody_else(stage: Stage, lives: Lives) -> None:
    with pytest.raises(Unopened), stage.mine("ana") as record:
        row = record.session.exec(select(Entry).where(Entry.id == lives.shared)).one()
        row.participant_id = stage.cast.ben
        record.session.flush()
    with stage.mine("ben") as record:
        row = record.session.exec(select(Entry).where(Entry.id == lives.ben)).one()
    with pytest.raises(Unopened), stage.mine("ana") as record:
        record.session.add(row)
        row.mood = 1
        record.session.flush()
    assert mood_of(stage, "ben", lives.ben) == 3


def test_an_id_that_is_kept_already_is_not_kept_again_and_not_shown(stage: Stage, lives: Lives) -> None:
    for name in ("ben", "ana"):
        with stage.mine(name) as record:
            row = new_row(stage, Entry)
            row.id = lives.shared
            assert not keep(record.session, row)
    with stage.mine("ben") as record, pytest.raises(NotYours):
        moods.keep(record, MoodForm(id=lives.shared, mood=1))
    with stage.mine("eli") as record:
        # Ids are of a program: another one may have the same, and neither knows of the other.
        assert moods.keep(record, MoodForm(id=lives.shared, mood=1)).mood == 1
    assert mood_of(stage, "ana", lives.shared) == 2


def test_nothing_is_added_unopened(stage: Stage) -> None:
    for row in (new_row(stage, Entry), Phase(id=new_id(), number=9, name="x", weeks=1, sessions_a_week=1)):
        with pytest.raises(Unopened), stage.house.database.session() as session:
            session.add(row)
            session.flush()


# --- the third wall: the same, by the database itself

READERS = [
    ("ana", "participant", "ana"), ("ben", "participant", "ben"), ("ben", "participant", "ana"),
    ("cora", "coach", "ana"), ("cora", "coach", None), ("cora", "coach", "ben"), ("dov", "coach", None),
    ("dov", "coach", "ana"), ("sam", "supporter", "ana"), ("sam", "supporter", None), ("pat", "manager", None),
    ("pat", "manager", "ana"), ("pat", "keeper", None), ("eli", "participant", "eli"), ("fay", "coach", None),
    ("fay", "coach", "ana"),
]  # fmt: skip


def raw_ids(record: Record, name: str) -> set[UUID]:
    """Past the guard: SQL in words, on the connection."""
    return set(record.session.connection().scalars(text(f"select id from {name}")))  # noqa: S608


@only_postgresql
def test_the_database_hides_what_the_guard_hides(stage: Stage, lives: Lives) -> None:
    with stage.mine("ana") as record:
        record.session.add(Sharing(id=new_id(), kind="journal", since=NOON, reader_id=stage.cast.sam))
        record.session.add(new_row(stage, Contact))
        record.session.add(Sharing(id=new_id(), kind="trigger", since=NOON))
        record.session.add(Sharing(id=new_id(), kind="trigger", since=NOON, reader_id=stage.cast.sam))
        record.session.add_all([new_row(stage, Trigger), new_row(stage, Trigger, removed_at=NOON)])
    with stage.mine("ben") as record:
        record.session.add(new_row(stage, Trigger))
    with stage.coached("cora", "ana") as record:
        openings.opened(record)
    seen, differ = 0, {}
    for who in READERS:
        with seen_by(stage, *who) as record:
            for table, model in guarded().items():
                by_guard, by_database = ids(record, model), raw_ids(record, table.name)
                seen += len(by_guard)
                if by_guard != by_database:
                    differ[who, table.name] = by_database - by_guard
    assert seen > 100
    # The policy of `entry` has to look at what is open to its reader.
    assert {name for _, name in differ} <= {"sharing"}
    assert {who[1] for who, _ in differ} <= {"coach", "supporter"}


@only_postgresql
def test_what_is_not_shared_is_not_there_for_sql_in_words(stage: Stage, lives: Lives) -> None:
    with stage.coached("cora", "ana") as record:
        said = record.session.connection().execute
        assert said(text("select max(mood), count(*) from entry")).one() == (2, 2)
        assert said(text("select max(urge) from check_in")).scalar_one() == 3
        assert said(text("select e.id from review r full join entry e on e.id = r.entry_id")).rowcount == 2
        said(text("update entry set mood = 5"))
        said(text("delete from entry"))
    assert mood_of(stage, "ana", lives.shared) == 2
    assert mood_of(stage, "ana", lives.private) == 5


@only_postgresql
def test_the_tests_are_not_a_superuser_for_whom_no_wall_holds(stage: Stage) -> None:
    me = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
    owned = "select count(*) from pg_tables where tablename = 'entry' and tableowner = current_user"
    with stage.house.database.engine.connect() as connection:
        assert connection.scalar(text(me)) is False
        # The wall is FORCEd: it holds for the owner of the tables as well.
        assert connection.scalar(text(owned)) == 1


def settings_of(connection: Any) -> set[str]:
    names = ("program", "person", "role", "participant", "now", "today")
    asked = ", ".join(f"current_setting('footbridge.{name}', true)" for name in names)
    return {value for value in connection.execute(text(f"select {asked}")).one() if value}


@only_postgresql
def test_unopened_there_is_nothing(stage: Stage, lives: Lives) -> None:
    with stage.house.database.engine.connect() as connection:
        assert settings_of(connection) == set()
        for table in guarded():
            assert connection.scalar(text(f"select count(*) from {table.name}")) == 0, table.name  # noqa: S608


@only_postgresql
@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_what_was_open_does_not_leak_through_the_pool(stage: Stage, lives: Lives, ends: str) -> None:
    engine = stage.house.database.engine
    with pytest.raises(Undone), stage.mine("ana") as record:
        process = record.session.connection().scalar(text("select pg_backend_pid()"))
        assert len(settings_of(record.session.connection())) == 5  # person and participant are one
        if ends == "rollback":
            raise Undone
        record.session.commit()
        # The next transaction of the very same session is as closed as a new one.
        assert raw_ids(record, "entry") == set()
        raise Undone
    connections = [engine.connect() for _ in range(8)]
    again = [one for one in connections if one.scalar(text("select pg_backend_pid()")) == process]
    assert again
    assert settings_of(again[0]) == set()
    assert again[0].scalar(text("select count(*) from entry")) == 0
    for one in connections:
        one.close()


ENTRY = text(
    "insert into entry (program_id, id, participant_id, kind, happened_at, local_day, offset_minutes, kept_at,"
    " visibility, wants_answer, version) values (:program, :id, :whose, 'mood', now(), now(), 0, now(), 'shared',"
    " false, 1)"
)


@only_postgresql
def test_the_database_takes_no_row_for_anybody_else(stage: Stage, lives: Lives) -> None:
    cast = stage.cast
    mine = {"program": cast.harbor, "whose": cast.ana}
    tries = [
        ("ana", "participant", "ana", mine | {"whose": cast.ben}),
        ("ana", "participant", "ana", mine | {"program": cast.meadow}),
        ("cora", "coach", "ana", mine), ("pat", "manager", None, mine), ("sam", "supporter", "ana", mine),
        ("fay", "coach", "ana", mine), ("ben", "participant", "ana", mine),
    ]  # fmt: skip
    for *who, values in tries:
        with pytest.raises(ProgrammingError, match="row-level security"), seen_by(stage, *who) as record:
            record.session.connection().execute(ENTRY, values | {"id": new_id()})
    with stage.mine("ana") as record:
        record.session.connection().execute(ENTRY, mine | {"id": new_id()})
        moved = text("update entry set participant_id = :whose where id = :id")
        with pytest.raises(DBAPIError, match="row-level security"), record.session.begin_nested():
            record.session.connection().execute(moved, {"whose": cast.ben, "id": lives.shared})
        assert record.session.connection().execute(text("delete from review")).rowcount == 0


@only_postgresql
def test_the_database_lets_write_whom_the_guard_lets(stage: Stage, lives: Lives) -> None:
    """The rows that the guard would refuse, kept past it."""
    columns = {
        "entry": {"kind": "mood", "happened_at": NOON, "kept_at": NOON, "local_day": NOON.date(), "offset_minutes": 0,
                  "visibility": "shared", "wants_answer": False, "version": 1},
        "review": {"entry_id": lives.shared, "coach_id": stage.cast.cora, "at": NOON},
        "flag": {"rule": "quiet", "level": "medium", "key": "a day", "raised_at": NOON},
        "clearance": {"id": lives.flag, "by": stage.cast.cora, "at": NOON, "words": b"sealed"},
        "revision": {"entry_id": lives.shared, "review_id": lives.review, "number": 9, "what": "edited",
                     "by": stage.cast.cora, "at": NOON},
        "answering": {"entry_id": lives.shared, "coach_id": stage.cast.cora, "since": NOON, "until": NOON,
                      "typing": False},
        "follow_up": {"coach_id": stage.cast.cora, "day": NOON.date(), "made_at": NOON},
        "opening": {"reader_id": stage.cast.cora, "role": "coach", "at": NOON, "what": "record"},
        "sharing": {"kind": "mood", "since": NOON}, "acknowledgement": {"version": 99, "at": NOON},
        "coaching": {"coach_id": stage.cast.dov, "since": NOON.date()}, "episode": {"started_on": NOON.date()},
        "attendance": {"id": lives.closed, "session_id": new_id(), "series_id": new_id(), "day": NOON.date(),
                       "arriving": True},
        "claim": {"session_id": new_id(), "arriving": True, "proof": "tap", "at": NOON, "kept_at": NOON},
        "mark": {"session_id": new_id(), "state": "here", "mode": "room", "at": NOON, "by": stage.cast.dov},
        "seat": {"series_id": new_id(), "since": NOON.date(), "by": stage.cast.pat, "made_at": NOON},
        "phase_change": {"number": 2, "since": NOON.date(), "by": stage.cast.pat, "made_at": NOON},
        "away": {"session_id": new_id(), "reason": "work", "said_at": NOON},
        "homework": HOMEWORK | {"task_id": new_id(), "session_id": new_id(), "series_id": new_id()},
        "assignment_change": {"homework_id": new_id(), "was_due_on": NOON.date(), "by": stage.cast.cora, "at": NOON},
        "reading_mark": {"reading": "sleep", "at": NOON, "kept_at": NOON},
        "homework_step": {"homework_id": new_id(), "step": "seen", "at": NOON},
        "consent": CONSENT, "letter": {"consent_id": new_id(), "by": stage.cast.pat, "at": NOON},
        "journal": {"id": lives.closed, "prompt": ""},
        "check_in": {"id": lives.closed} | dict.fromkeys(checkins.HALT, False),
        "contact": {"kept_at": NOON, "name": b"sealed", "phone": b"sealed", "version": 1},
        "trigger": {"kept_at": NOON, "name": b"sealed", "group": "places", "risk": 5, "version": 1},
        "practice": {"id": lives.closed, "skill": "body-scan"}, "favourite": {"skill": "body-scan", "at": NOON},
        "own_skill": {"kept_at": NOON, "name": b"sealed", "version": 1},
        "urge": {"id": lives.closed, "before": 5, "skill": "", "triggers": "", "done": True},
        "measure": {"id": lives.closed, "instrument": "phq-9", "version": "1", "scores": {}, "share": False,
                    "done": False},
        "setback": {"id": lives.closed, "word": "used", "triggers": "", "small": "", "done": True},
        "recovery": {"kept_at": NOON, "called": "sober", "word": "drank"},
        "note": {"note_id": new_id(), "version": 1, "words": b"sealed", "by": stage.cast.cora, "at": NOON},
    }  # fmt: skip
    owned = {model.__tablename__: model for model in guarded().values() if issubclass(model, Owned)}
    assert set(columns) == set(owned)
    for who, role in (
        ("ana", "participant"),
        ("cora", "coach"),
        ("sam", "supporter"),
        ("pat", "manager"),
        ("pat", "keeper"),
    ):
        for name, model in owned.items():
            may = role == "keeper" or role in model.kept_by
            key = {"program_id": stage.cast.harbor, "participant_id": stage.cast.ana, "id": new_id()}
            with pytest.raises(Undone if may else DBAPIError), seen_by(stage, who, role, "ana") as record:
                record.session.connection().execute(insert(SQLModel.metadata.tables[name]).values(key | columns[name]))
                raise Undone


def test_the_names_of_people_stay_in_their_program(stage: Stage) -> None:
    for who, role, others in (("pat", "manager", ("eli", "fay")), ("fay", "coach", ("ana", "cora", "pat"))):
        with seen_by(stage, who, role) as record:
            assert [record.name(getattr(stage.cast, other)) for other in others] == [""] * len(others)
            assert people.names(record, [getattr(stage.cast, other) for other in others]) == {}


@pytest.mark.parametrize("whom", ["another", "a key"])
def test_v8_2_who_coaches_changes_nobody_and_no_key(stage: Stage, whom: str) -> None:
    """Persons, keys and memberships are written by invites; a person's own row also by that person."""
    with pytest.raises(Unopened), stage.coached("cora", "ana") as record:
        key = (record.program.id, stage.cast.ana)
        row = record.session.get_one(Person if whom == "another" else PersonKey, key)
        if isinstance(row, Person):
            row.language = "es"
        else:
            record.session.delete(row)
        record.session.flush()


def test_a_person_changes_their_own_row(stage: Stage) -> None:
    with stage.mine("ana") as record:
        record.session.get_one(Person, (record.program.id, stage.cast.ana)).language = "es"
    with stage.mine("ana") as record:
        assert record.session.get_one(Person, (record.program.id, stage.cast.ana)).language == "es"
