"""When something was written: phones whose clocks are wrong, waiting posts, other zones, and hours that DST moves."""

import random
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from app.models.clocks import BELIEVED, WAY, When, about, happened, moment, offset_minutes, place

NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
EASTERN, DENVER, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("America/Denver"), ZoneInfo("Asia/Tokyo")
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- when it was written


@pytest.mark.parametrize("off", [0, 1, -1, 2 * DAY // SECOND, -2 * DAY // SECOND, 300, -300, 299, -299, 90 * 86_400])
@pytest.mark.parametrize("waited", [timedelta(), 3 * SECOND, 20 * MINUTE, 9 * HOUR, 11 * DAY, 365 * DAY])
def test_f07_what_waited_on_a_phone_whose_clock_is_off_stands_where_it_was_written(off: int, waited: timedelta) -> None:
    wrong = off * SECOND
    at, clock_off = happened(NOW - waited + wrong, NOW + wrong, NOW)
    if abs(wrong) >= WAY:
        assert (at, clock_off) == (NOW - waited, off)
    else:
        assert clock_off == 0 and abs(at - (NOW - waited)) < WAY and at <= NOW


@pytest.mark.parametrize(
    ("written", "sent", "at", "off"),
    [
        # unsaid, or said in part
        (None, None, timedelta(), 0),
        (None, 2 * DAY, timedelta(), 0),
        (-3 * HOUR, None, -3 * HOUR, 0),
        (4 * MINUTE, None, timedelta(), 0),
        (2 * DAY, None, timedelta(), 172_800),
        # how far back
        (-BELIEVED, timedelta(), -BELIEVED, 0),
        (-BELIEVED - SECOND, timedelta(), timedelta(), 0),
        (-BELIEVED + 2 * DAY, 2 * DAY, -BELIEVED, 172_800),
        (-800 * DAY, None, timedelta(), 0),
        # the way takes a while
        (-10 * SECOND, -8 * SECOND, -10 * SECOND, 0),
        (timedelta(), -WAY, WAY - WAY, 0),
        # put right between writing and sending: from two days ahead it shows, from two days behind nobody can tell
        (2 * DAY - HOUR, timedelta(), timedelta(), 169_200),
        (-2 * DAY - HOUR, timedelta(), -2 * DAY - HOUR, 0),
        # put wrong between writing and sending
        (-HOUR, 2 * DAY, -2 * DAY - HOUR, 172_800),
        # an empty battery: the clock began anew years ago, and still tells how long it waited
        (-20_000 * DAY - HOUR, -20_000 * DAY, -HOUR, 0),
        (400 * DAY - HOUR, 400 * DAY, -HOUR, 0),
    ],
)
def test_f07_what_is_believed(written: timedelta | None, sent: timedelta | None, at: timedelta, off: int) -> None:
    said = [None if one is None else NOW + one for one in (written, sent)]
    assert happened(said[0], said[1], NOW) == (NOW + at, off)


def test_f07_whatever_a_phone_says_it_was_not_after_now_nor_too_long_ago() -> None:
    chance = random.Random(7)
    ends = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), NOW, None]
    spans = [timedelta(seconds=chance.uniform(-(10**n), 10**n)) for n in range(10) for _ in range(20)]
    times = [*ends, *(NOW + span for span in spans)]
    for _ in range(20_000):
        at, off = happened(chance.choice(times), chance.choice(times), NOW)
        assert NOW - BELIEVED <= at <= NOW
        assert off == 0 or WAY <= abs(off * SECOND) <= BELIEVED


def test_f07_it_is_shown_just_as_the_phone_said_it() -> None:
    chance = random.Random(8)
    for _ in range(2000):
        wrong = timedelta(microseconds=chance.choice([-1, 1]) * chance.randrange(300_000_000, 10**12))
        written = NOW - timedelta(microseconds=chance.randrange(10**12)) + wrong
        at, off = happened(written, NOW + wrong, NOW)
        assert at + off * SECOND == written


def test_f05_the_same_sent_again_is_a_second_or_so_apart() -> None:
    written, wrong = NOW - HOUR + 2 * DAY, 2 * DAY
    for later in (SECOND / 3, 7 * SECOND, 5 * HOUR, 30 * DAY):
        at, _ = happened(written, NOW + later + wrong - SECOND / 7, NOW + later)
        assert abs(at - (NOW - HOUR)) <= SECOND


# --- which moment a day and a time are


def when(at: str, zone: ZoneInfo = EASTERN, off: timedelta = timedelta()) -> When:
    return When(utc(at), zone, off // SECOND)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "at"),
    [
        ("2026-11-18", "12:00", EASTERN, "2026-11-18T17:00"),
        ("2026-11-18", "23:30", DENVER, "2026-11-19T06:30"),
        ("2026-07-04", "21:30", EASTERN, "2026-07-05T01:30"),
        ("2026-03-08", "01:59", EASTERN, "2026-03-08T06:59"),
        ("2026-03-08", "02:30", EASTERN, "2026-03-08T07:30"),  # never comes: half past three
        ("2026-03-08", "03:00", EASTERN, "2026-03-08T07:00"),
        ("2026-11-01", "01:30", EASTERN, "2026-11-01T05:30"),  # comes twice: the first
        ("2026-11-01", "02:00", EASTERN, "2026-11-01T07:00"),
    ],
)
def test_f08_a_time_on_the_wall_is_one_moment(day: str, clock: str, zone: ZoneInfo, at: str) -> None:
    assert moment(date.fromisoformat(day), time.fromisoformat(clock), zone) == utc(at)


@pytest.mark.parametrize(
    ("written", "day", "clock", "at", "off"),
    [
        # noon in New York, on a phone that is right
        (when("2026-11-18T17:00"), None, None, "2026-11-18T17:00", 0),
        (when("2026-11-18T17:00"), "2026-11-18", None, "2026-11-18T17:00", 0),
        (when("2026-11-18T17:00"), None, "08:15", "2026-11-18T13:15", 0),
        (when("2026-11-18T17:00"), "2026-11-17", None, "2026-11-17T17:00", 0),
        (when("2026-11-18T17:00"), "2026-11-17", "20:00", "2026-11-18T01:00", 0),
        (when("2026-11-18T17:00"), "2026-11-19", "08:00", "2026-11-19T13:00", 0),  # ahead: the form refuses it
        # late in Denver, where it is another day than in New York
        (when("2026-11-19T06:30", DENVER), None, "22:00", "2026-11-19T05:00", 0),
        (when("2026-11-19T06:30", DENVER), "2026-11-18", None, "2026-11-19T06:30", 0),
        # the phone says Friday noon on a Wednesday
        (when("2026-11-18T17:00", off=2 * DAY), None, "08:15", "2026-11-18T13:15", 172_800),
        (when("2026-11-18T17:00", off=2 * DAY), "2026-11-20", None, "2026-11-18T17:00", 172_800),
        (when("2026-11-18T17:00", off=2 * DAY), "2026-11-20", "08:15", "2026-11-18T13:15", 172_800),
        (when("2026-11-18T17:00", off=2 * DAY), "2026-11-19", "20:00", "2026-11-18T01:00", 172_800),
        (when("2026-11-18T17:00", off=2 * DAY), "2026-11-18", None, "2026-11-18T17:00", 172_800),
        (when("2026-11-18T17:00", off=2 * DAY), "2026-11-17", "20:00", "2026-11-18T01:00", 0),
        (when("2026-11-18T17:00", off=2 * DAY), "2026-11-24", "20:00", "2026-11-23T01:00", 172_800),  # refused too
        # and Monday noon
        (when("2026-11-18T17:00", off=-2 * DAY), None, "08:15", "2026-11-18T13:15", -172_800),
        (when("2026-11-18T17:00", off=-2 * DAY), "2026-11-16", None, "2026-11-18T17:00", -172_800),
        (when("2026-11-18T17:00", off=-2 * DAY), "2026-11-17", "20:00", "2026-11-18T01:00", 0),
        # midnight is between the phone and the truth: it says two in the morning, and half past one was an hour before
        (when("2026-11-19T04:00", off=3 * HOUR), None, "01:30", "2026-11-19T03:30", 10_800),
    ],
)
def test_f07_what_a_page_is_about(written: When, day: str | None, clock: str | None, at: str, off: int) -> None:
    said = date.fromisoformat(day) if day else None, time.fromisoformat(clock) if clock else None
    found = about(written, *said)
    assert (found.at, found.clock_off) == (utc(at), off)


def test_f05_a_day_and_a_time_said_again_of_what_came_of_them_are_the_same_moment() -> None:
    chance = random.Random(5)
    for _ in range(20_000):
        zone = chance.choice([EASTERN, DENVER, TOKYO])
        off = chance.choice([0, 0, 300, -300, 10_800, 172_800, -172_800, 7 * 86_400])
        written = When(utc("2026-03-01T00:00") + timedelta(minutes=chance.randrange(400_000)), zone, off)
        day = chance.choice([None, written.day, written.phone_at.date(), written.day + chance.randrange(-4, 4) * DAY])
        clock = chance.choice([None, time(chance.randrange(24), chance.randrange(60))])
        found = about(written, day, clock)
        if found.at <= written.at or off == 0:
            assert about(found, day, clock) == found, (written, day, clock)


def test_the_ends_of_the_calendar_are_nobodys_to_reckon_with() -> None:
    for day, zone in ((date.max, EASTERN), (date.min, TOKYO)):
        with pytest.raises(OverflowError):
            moment(day, time(23, 59) if day == date.max else time(0), zone)


# --- where


@pytest.mark.parametrize(
    ("at", "zone", "offset"),
    [
        ("2026-03-08T06:59:59", EASTERN, -300),
        ("2026-03-08T07:00:00", EASTERN, -240),
        ("2026-11-01T05:30:00", EASTERN, -240),  # half past one, and
        ("2026-11-01T06:30:00", EASTERN, -300),  # half past one again
        ("2026-11-21T18:15:00", ZoneInfo("Asia/Kathmandu"), 345),
        ("2026-11-22T10:00:00", ZoneInfo("Pacific/Kiritimati"), 840),
        ("2026-11-22T10:59:00", ZoneInfo("Pacific/Pago_Pago"), -660),
        ("2026-11-22T12:00:00", UTC, 0),
    ],
)
def test_f08_a_moment_has_the_offset_that_clocks_there_showed(at: str, zone: ZoneInfo, offset: int) -> None:
    assert offset_minutes(utc(at), zone) == offset == When(utc(at), zone).offset_minutes
    assert offset_minutes(utc(at).astimezone(TOKYO), zone) == offset


def test_a_place_is_a_zone_when_its_clocks_stood_so_and_an_offset_when_they_did_not() -> None:
    winter, summer = utc("2026-11-18T17:00"), utc("2026-07-04T17:00")
    assert place(winter, -300, EASTERN) is EASTERN and place(summer, -240, EASTERN) is EASTERN
    assert place(winter, -420, EASTERN) == timezone(-7 * HOUR) and place(summer, -300, EASTERN) == timezone(-5 * HOUR)
