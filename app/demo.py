"""Demo data: the cast, and a believable month for each, written through the functions that the app itself uses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from app import (
    demo_after,
    demo_assignments,
    demo_covers,
    demo_flags,
    demo_measures,
    demo_notes,
    demo_reviews,
    demo_room,
    demo_schedule,
)
from app.access import House, opened
from app.database import Database, new_id
from app.demo_words import ANA, BEN, ELI, MONTHS, Fall, Friend, Month, Note, Page, Risk, Used, Wave
from app.founding import Charter, found
from app.lib.passwords import hash_passphrase
from app.lib.vault import name_hash
from app.models import (
    checkins,
    contacts,
    entry,
    invites,
    journal,
    moods,
    openings,
    practices,
    reviews,
    setbacks,
    triggers,
    urges,
    welcome,
)
from app.models.caseload import TO_READ
from app.models.checkins import CheckInForm
from app.models.contacts import Card, ContactForm
from app.models.entry import Line
from app.models.invites import Plan
from app.models.journal import JournalForm
from app.models.moods import MoodForm
from app.models.practices import PracticeForm
from app.models.program import Program
from app.models.schedule import local_day
from app.models.setbacks import SetbackForm
from app.models.triggers import TriggerForm
from app.models.urges import UrgeForm
from app.record import Record
from app.settings import Settings

PASSPHRASE = "river stone kettle lamp"  # noqa: S105 - printed for everybody to read
ADDRESS = "{}@footbridge.example"
HARBOR = Charter("Harbor IOP", "America/New_York", "Harbor evening line", "+1-555-010-0100")
MEADOW = Charter("Meadow Program", "America/Los_Angeles", "Meadow line", "+1-555-010-0200")
COMES_AT = "10:00"
FRIDAY = 4
LATELY_HOURS = (20, 16, 12, 7)


@dataclass(frozen=True)
class Cast:
    """Who is who. Eli and Fay are in a second program, so that a leak between programs has somebody to leak to."""

    harbor: UUID
    meadow: UUID
    pat: UUID
    cora: UUID
    dov: UUID
    ana: UUID
    ben: UUID
    sam: UUID
    fay: UUID
    eli: UUID


def make_cast(house: House, now: datetime) -> Cast:
    """The two programs and the people in them, as they came: staff first, Ana four weeks ago, Ben this week."""
    harbor, meadow = found(house, HARBOR), found(house, MEADOW)
    hashed = hash_passphrase(PASSPHRASE)

    def comes(program: UUID, name: str, role: str, days_ago: int, coach: UUID | None = None) -> UUID:
        at = moment(MEADOW.zone if program == meadow else HARBOR.zone, now, days_ago, COMES_AT)
        return admit(house, program, Plan(role, name, address(name), coach=coach), hashed, at)

    pat = comes(harbor, "Pat Moreno", "manager", 90)
    cora, dov = comes(harbor, "Cora Diaz", "coach", 80), comes(harbor, "Dov Stein", "coach", 80)
    fay = comes(meadow, "Fay Lindqvist", "coach", 80)
    return Cast(
        harbor=harbor, meadow=meadow, pat=pat, cora=cora, dov=dov, fay=fay,
        ana=comes(harbor, ANA.name, "participant", ANA.days, cora),
        ben=comes(harbor, BEN.name, "participant", BEN.days, dov),
        sam=comes(harbor, "Sam Keller", "supporter", 28),
        eli=comes(meadow, ELI.name, "participant", ELI.days, fay),
    )  # fmt: skip


def address(name: str) -> str:
    return ADDRESS.format(name.split()[0].lower())


def admit(house: House, program: UUID, plan: Plan, hashed: str, at: datetime) -> UUID:
    """Somebody comes in, and a participant is told who reads what they write. Answers the person's id."""
    hashed_name = name_hash(invites.names_key(house.master), plan.sign_in_name)
    with opened(house, program, "keeper", program, at=at) as record:
        person = invites.admit(record, plan, hashed, hashed_name)
    if plan.role == "participant":
        with opened(house, program, "participant", person, person, at=at) as record:
            welcome.acknowledge(record)
    return person


def make_month(house: House, cast: Cast, now: datetime) -> None:
    """What happened since they came: to the cast, and to the others on the same caseloads, who come with it."""
    demo_schedule.plan(house, cast, now)
    hashed, persons = hash_passphrase(PASSPHRASE), {}
    for month in MONTHS:
        program = cast.meadow if month.coach == "fay" else cast.harbor
        coach: UUID = getattr(cast, month.coach)
        person = getattr(cast, month.key, None) or join(house, program, coach, month, hashed, now)
        persons[month.name] = person
        answers = live(house, program, person, month, now)
        accompany(house, program, coach, person, answers, now)
    demo_room.fill(house, cast, now, [persons[name] for name in demo_after.QUIET if name in persons])
    demo_after.follow(house, cast, persons, now)
    demo_covers.stand_in(house, cast, now)
    demo_measures.fill(house, cast, now)
    demo_assignments.ask(house, cast, now)
    demo_notes.jot(house, cast, now)
    demo_reviews.plan(house, cast.harbor, cast.cora, cast.ana, now)
    demo_flags.tend(house, cast, persons, now)


def join(house: House, program: UUID, coach: UUID, month: Month, hashed: str, now: datetime) -> UUID:
    plan = Plan("participant", month.name, address(month.name), month.language, coach)
    return admit(house, program, plan, hashed, moment(HARBOR.zone, now, month.days, COMES_AT))


# --- when -----------------------------------------------------------------------------------------------


def moment(zone: str, now: datetime, ago: int, clock: str) -> datetime:
    """A local time of day, so many days ago, in UTC."""
    day = local_day(now, zone) - timedelta(days=ago)
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True)
class Calendar:
    """The days of a program up to `now`. Nothing of the demo data may be later than that."""

    program: Program
    now: datetime

    def day(self, ago: int) -> date:
        return self.program.today(self.now) - timedelta(days=ago)

    def at(self, ago: int, clock: str) -> datetime:
        return moment(self.program.zone, self.now, ago, clock)

    def read_at(self, sent: datetime) -> datetime:
        """When a coach comes to an entry: on the day of the promise, half an hour to six hours before it."""
        return self.program.answer_by(sent) - timedelta(minutes=30 + 6 * sent.minute)

    def when(self, page: Page) -> datetime:
        """When a page was written (`demo_words.Lately` says what the words stand for)."""
        match page.ago:
            case "lately":
                return self._lately(page.clock)
            case "answered":
                return self._evening(page.clock, self.read_at)
            case "overdue":
                return self._evening(page.clock, self.program.answer_by)
            case ago:
                return self.at(ago, page.clock)

    def _lately(self, clock: str) -> datetime:
        # Yesterday evening at the latest: the next program day, and with it the promise, is still ahead.
        clocks = [f"{hour:02}:{clock[3:]}" for hour in LATELY_HOURS]
        past = (at for ago in (0, 1) for at in (self.at(ago, one) for one in clocks) if at < self.now)
        return next(past)

    def _evening(self, clock: str, done: Callable[[datetime], datetime]) -> datetime:
        evenings = (self.at(ago, clock) for ago in count(1))
        return next(evening for evening in evenings if done(evening) < self.now)


# --- what a participant does ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """Something that a participant keeps, and what their coach will answer to it."""

    at: datetime
    keep: Callable[[Record], Line]
    to_read: bool = False
    answer: str = ""


def live(house: House, program: UUID, person: UUID, month: Month, now: datetime) -> dict[UUID, str]:
    """Somebody's month, in their own hand. Answers what their coach will say to which entry."""
    answers = {}
    with opened(house, program, "participant", person, person, at=now) as record:
        for friend in month.people:
            befriend(friend, at(record, Calendar(record.program, now).at(month.days, COMES_AT)))
        for risk in month.triggers:
            foresee(risk, at(record, Calendar(record.program, now).at(month.days, COMES_AT)))
        for act in acts(month, Calendar(record.program, now)):
            line = act.keep(at(record, act.at))
            if act.answer:
                answers[line.id] = act.answer
    return answers


def at(record: Record, then: datetime) -> Record:
    """The record as it was open earlier: a transaction for every tap of a month would take too long."""
    return replace(record, reader=replace(record.reader, now=then, today=record.program.today(then)))


def befriend(friend: Friend, record: Record) -> Card | None:
    return contacts.add(record, ContactForm(id=new_id(), **asdict(friend)))


def foresee(risk: Risk, record: Record) -> object:
    return triggers.add(record, TriggerForm(id=new_id(), **asdict(risk)))


def acts(month: Month, calendar: Calendar) -> list[Act]:
    """What somebody did since they came, oldest first."""
    came = calendar.at(month.days, COMES_AT)
    found = [
        *pages(month, calendar), *days(month, calendar), *practised(month, calendar), *urged(month, calendar),
        *fell(month, calendar),
    ]  # fmt: skip
    done = [act for act in found if came < act.at < calendar.now]
    if month.caught_up:
        done = [act for act in done if not act.to_read or calendar.read_at(act.at) < calendar.now]
    return sorted(done, key=lambda act: act.at)


def pages(month: Month, calendar: Calendar) -> Iterator[Act]:
    for page in month.pages:
        yield Act(calendar.when(page), partial(write, page), page.shared, page.answer)


def write(page: Page, record: Record) -> Line:
    form = JournalForm(
        id=new_id(), words=page.words, mood=page.mood, tags=page.tags, prompt=page.prompt,
        visibility="shared" if page.shared else "private", wants_answer=page.asks,
    )  # fmt: skip
    line = journal.keep(record, form)
    return entry.throw(at(record, record.now + timedelta(minutes=9)), line.id) if page.binned else line


def days(month: Month, calendar: Calendar) -> Iterator[Act]:
    """Moods and check-ins, day by day. Today's check-in is left to whoever tries the demo."""
    for ago in range(min(month.days, month.tapped), month.last_day - 1, -1):
        day = Day(month, ago, calendar.day(ago))
        yield from (Act(calendar.at(ago, clock), partial(tap, day.mood())) for clock in day.taps())
        if ago and day.checks_in():
            clock = f"20:{day.chance.randrange(5, 59):02}"
            yield Act(calendar.at(ago, clock), partial(check_in, day.form()), True, day.note.answer)


def practised(month: Month, calendar: Calendar) -> Iterator[Act]:
    """The skills that somebody used: not every time as well, and not always with a line."""
    for used in month.used:
        for number, ago in enumerate(used.days):
            line = used.words[number] if number < len(used.words) else ""
            yield Act(calendar.at(ago, used.clock), partial(practise, used, ago, line), True)


def practise(used: Used, ago: int, line: str, record: Record) -> Line:
    chance = Random(f"{used.skill} {ago}")  # noqa: S311 - nothing secret depends on it
    before, after = (rating + chance.choice((-1, 0, 0, 1)) for rating in (used.before, used.after))
    form = PracticeForm(
        id=new_id(), skill=used.skill, before=before, after=after, minutes=used.minutes, words=line
    )  # fmt: skip
    return practices.keep(record, form)


def urged(month: Month, calendar: Calendar) -> Iterator[Act]:
    """The urges that somebody got through."""
    for wave in month.waves:
        for ago in wave.days or [ago for ago in range(month.days) if calendar.day(ago).weekday() == FRIDAY]:
            yield Act(calendar.at(ago, wave.clock), partial(urge, wave), True)


def urge(wave: Wave, record: Record) -> Line:
    own = next(card for card in triggers.mine(record) if card.name == wave.set_off)
    form = UrgeForm(
        id=new_id(), before=wave.before, after=wave.after, skill=wave.skill, triggers=[str(own.id)],
        rated_at=record.now, again_at=record.now + timedelta(minutes=wave.minutes),
    )  # fmt: skip
    return urges.grow(record, form)


def fell(month: Month, calendar: Calendar) -> Iterator[Act]:
    for fall in month.falls:
        yield Act(calendar.at(fall.ago, fall.clock), partial(tell, fall), True)


def tell(fall: Fall, record: Record) -> Line:
    said = {name: getattr(fall, name) for name in ("word", "words", "helped", "next_step")}
    return setbacks.grow(record, SetbackForm(id=new_id(), triggers=["good-times"], visibility="shared", **said))


def tap(mood: int, record: Record) -> Line:
    return moods.keep(record, MoodForm(id=new_id(), mood=mood))


def check_in(form: CheckInForm, record: Record) -> Line:
    return checkins.keep(record, form)


class Day:
    """How one day of a month went. The same every time: chance is seeded with whose day it is."""

    def __init__(self, month: Month, ago: int, day: date) -> None:
        self.month, self.ago = month, ago
        self.chance = Random(f"{month.name} {ago}")  # noqa: S311 - nothing secret depends on it
        self.friday = day.weekday() == FRIDAY and bool(month.fridays)
        self.weekend = day.weekday() > FRIDAY
        self.part = 1 - ago / month.days
        self.note = next((note for note in month.notes if note.ago == ago), Note(ago, self._friday_words()))

    def _friday_words(self) -> str:
        lines = self.month.fridays
        return lines[-1 - self.ago // 7 % len(lines)] if self.friday else ""

    def _near(self, ends: tuple[float, float], spread: float, least: int, most: int) -> int:
        """A whole number near the line from the first of `ends` to the second."""
        middle = ends[0] + (ends[1] - ends[0]) * self.part
        return min(max(round(self.chance.gauss(middle, spread)), least), most)

    def mood(self) -> int:
        return max(self._near(self.month.mood, 0.5, 1, 5) - self.friday, 1)

    def taps(self) -> list[str]:
        """The times of day at which a mood was tapped."""
        minute, share = self.chance.randrange(60), self.month.taps
        likely = ((f"07:{minute:02}", share), (f"18:{minute:02}", share / 3))
        return [clock for clock, share in likely if self.chance.random() < share]

    def checks_in(self) -> bool:
        return bool(self.note.words) or self.chance.random() < self.month.checks

    def form(self) -> CheckInForm:
        mood, urge = self.mood(), self._near(self.month.urge, 0.6, 0, 8) + 2 * self.friday
        sleep = self._near(self.month.sleep, 0.8, 2, 9)
        stress, energy = 6 - mood + self.chance.choice((-1, 0, 0, 1)), mood - self.chance.choice((-1, 0, 0, 1))
        return CheckInForm(
            id=new_id(), mood=mood, urge=urge, stress=min(max(stress, 1), 5), energy=min(max(energy, 1), 5),
            sleep_hours=sleep, used="yes" if self.note.used else "no", halt=self._halt(sleep), words=self.note.words,
        )  # fmt: skip

    def _halt(self, sleep: int) -> list[str]:
        odds = {
            "hungry": 0.1, "angry": 0.4 if self.friday else 0.1, "lonely": 0.35 if self.weekend else 0.15,
            "tired": 0.8 if sleep < 6 else 0.15,
        }  # fmt: skip
        return [name for name, odd in odds.items() if self.chance.random() < odd]


# --- what a coach does ----------------------------------------------------------------------------------


def accompany(house: House, program: UUID, coach: UUID, person: UUID, answers: dict[UUID, str], now: datetime) -> None:
    """The coach reads what is shared, as far as they have come by now, and answers some of it."""
    with opened(house, program, "coach", coach, person, at=now) as record:
        calendar = Calendar(record.program, now)
        for line in entry.between(record, date.min, record.today, TO_READ):
            then = calendar.read_at(line.kept_at)
            if then < now and (line.id in answers or not line.wants_answer):
                read(at(record, then), line, answers.get(line.id, ""))


def read(record: Record, line: Line, words: str) -> None:
    """Who answers looks at the person's page first."""
    if words:
        openings.opened(record)
    openings.opened(record, line.id)
    reviews.read(record, line.id, new_id(), words)


# --- once -----------------------------------------------------------------------------------------------


class Within(Database):
    """Whatever is opened here is opened in one transaction, which is somebody else's to commit."""

    def __init__(self, one: Session) -> None:
        self.one = one

    @contextmanager
    def session(self, writes: bool = True) -> Iterator[Session]:
        self.one.info.pop("reader", None)
        yield self.one
        self.one.flush()
        self.one.expunge_all()


def make_once(house: House) -> None:
    """The demo data, unless there is a program already: all of it or, when the start is killed, nothing."""
    with house.database.session() as session:
        if session.exec(select(Program.id).limit(1)).first():
            return
        at_once, now = replace(house, database=Within(session)), house.clock()
        make_month(at_once, make_cast(at_once, now), now)


def how_to_sign_in(settings: Settings) -> str:
    """What `make run` prints."""
    rows = (("ana", "participant"), ("ben", "participant, new"), ("luis", "participant, in Spanish"),
            ("cora", "coach of Ana and Luis"), ("dov", "coach of Ben"), ("sam", "supporter of Ana"), ("pat", "manager"),
            ("eli", "participant, other program"), ("fay", "coach, other program"))  # fmt: skip
    people = "\n".join(f"  {ADDRESS.format(name):28} {what}" for name, what in rows)
    return f"\nFootbridge is at {settings.public_url}\nSign in as\n{people}\nwith the passphrase: {PASSPHRASE}\n"
