"""Forms: what was typed becomes values, or stays as typed beside one kind sentence."""

import pytest
from starlette.datastructures import FormData

from app.database import new_id
from app.forms import LOST, OTHERWISE, SENTENCES, WORDS_MAX, Form, LogForm, Posted, blank, read_form, tidy
from app.models.accounts import SignInForm
from app.models.checkins import CheckInForm
from app.models.invites import InviteForm
from app.models.journal import JournalForm, SearchForm
from app.models.moods import MoodForm
from app.models.reviews import ReviewForm
from app.models.sharing import SharingForm
from tests.bad_input import EXTRAS, GOOD, VALUES, forms

ID = "01a2027f-b6bb-736e-a084-0a0389a77d8b"
CHOOSE, FILL_IN = SENTENCES["literal_error"], SENTENCES["missing"]
TOO_LONG = SENTENCES["too_long"]
DAY, CLOCK = SENTENCES["date_from_datetime_parsing"], SENTENCES["time_parsing"]
FOREIGN = SENTENCES["extra_forbidden"]


def read(form: type[Form], *fields: tuple[str, str]) -> Posted:
    return read_form(form, FormData(fields))


def with_field(form: type[Form], name: str, *values: str) -> Posted:
    """A good form with one field filled in otherwise; without values, without the field."""
    good = [(known, value) for known, value in GOOD[form]().items() if known != name]
    return read(form, *good, *((name, value) for value in values))


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.__name__)
def test_a_good_form_has_values(form: type[Form]) -> None:
    posted = read(form, *GOOD[form]().items())
    assert not posted.refused and posted.values


REFUSED = [
    (JournalForm, "words", [""], "nothing to keep yet"),
    (JournalForm, "words", [" \r\n\t "], "nothing to keep yet"),
    (JournalForm, "words", ["\0\x1b"], "nothing to keep yet"),
    (JournalForm, "words", [], FILL_IN),
    (JournalForm, "words", ["w" * (WORDS_MAX + 1)], TOO_LONG),
    (JournalForm, "words", ["one", "two"], OTHERWISE),
    (JournalForm, "tags", ["t" * 501], TOO_LONG),
    (JournalForm, "mood", ["0"], CHOOSE),
    (JournalForm, "mood", ["6"], CHOOSE),
    (JournalForm, "mood", ["3.5"], CHOOSE),
    (JournalForm, "mood", ["good"], CHOOSE),
    (JournalForm, "mood", ["٣"], CHOOSE),
    (JournalForm, "mood", ["9" * 5000], CHOOSE),
    (JournalForm, "mood", ["1", "2"], OTHERWISE),
    (JournalForm, "visibility", ["everybody"], CHOOSE),
    (JournalForm, "visibility", ["Shared"], CHOOSE),
    (JournalForm, "wants_answer", ["perhaps"], CHOOSE),
    (JournalForm, "day", ["yesterday"], DAY),
    (JournalForm, "day", ["2026-02-30"], DAY),
    (JournalForm, "day", ["9" * 30], DAY),
    (JournalForm, "day", ["2026-11-01T10:00"], DAY),
    (JournalForm, "clock", ["25:00"], CLOCK),
    (JournalForm, "clock", ["noon"], CLOCK),
    (JournalForm, "version", ["one"], LOST),
    (JournalForm, "id", ["7"], LOST),
    (JournalForm, "id", [""], LOST),
    (JournalForm, "id", [], LOST),
    (JournalForm, "id", [ID, ID], LOST),
    (JournalForm, "id", ["6f1c3a52-2a0f-4c27-8d3a-0d8f5f5f5f5f"], LOST),
    (JournalForm, "whose", ["w" * 65], LOST),
    (MoodForm, "mood", [""], CHOOSE),
    (MoodForm, "mood", [], FILL_IN),
    (CheckInForm, "urge", ["11"], CHOOSE),
    (CheckInForm, "urge", ["-1"], CHOOSE),
    (CheckInForm, "stress", ["0"], CHOOSE),
    (CheckInForm, "sleep_hours", ["11"], CHOOSE),
    (CheckInForm, "used", ["maybe"], CHOOSE),
    (CheckInForm, "halt", ["tired", "rich"], CHOOSE),
    (CheckInForm, "words", ["w" * 501], TOO_LONG),
    (SearchForm, "term", ["  "], FILL_IN),
    (SearchForm, "term", ["t" * 501], TOO_LONG),
    (ReviewForm, "words", ["w" * 4001], TOO_LONG),
    (SharingForm, "kind", ["everything"], CHOOSE),
    (SharingForm, "open", ["ajar"], CHOOSE),
    (InviteForm, "role", ["keeper"], CHOOSE),
    (InviteForm, "name", [" "], FILL_IN),
    (InviteForm, "coach", ["Cora"], CHOOSE),
    (InviteForm, "starts", ["soon"], DAY),
    (InviteForm, "language", ["fr"], CHOOSE),
    (SignInForm, "name", [""], FILL_IN),
    (SignInForm, "passphrase", [], FILL_IN),
    (SignInForm, "passphrase", ["p" * 201], TOO_LONG),
]


@pytest.mark.parametrize(
    ("form", "name", "values", "sentence"),
    REFUSED,
    ids=[f"{row[0].__name__}-{row[1]}-{row[2]!s:.12}" for row in REFUSED],
)
def test_what_does_not_fit_is_refused_with_a_sentence(form, name: str, values: list[str], sentence: str) -> None:
    posted = with_field(form, name, *values)
    assert posted.kept is None and list(posted.errors) == [name]
    assert sentence in posted.errors[name][0]
    assert "%(" not in (posted.error(name) or "")
    assert name == "id" or posted.typed(name) == (tidy(values[0]) if values else "")


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.__name__)
def test_v15_3_3_a_field_that_no_page_of_ours_has_is_refused(form: type[Form]) -> None:
    for extra in {*EXTRAS, "words ", "visibility", "model_config"} - form.model_fields.keys():
        posted = with_field(form, extra, str(new_id()))
        assert posted.errors == {"": (FOREIGN, {})} and posted.kept is None


ODD = {
    "emoji": "a walk 🚶🏽‍♀️ and 🏳️‍🌈",
    "right to left": "\u202emidnight\u202c \u2067שלום\u2069 مرحبا",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{7*7}} {% raw %} ${7*7} #{7*7} %(name)s %s",
    "lines": "one\n\n  two\tthree",
    "quotes": "\"'`&amp;&lt;\\",
}


@pytest.mark.parametrize("words", ODD.values(), ids=ODD.keys())
def test_words_stay_as_they_were_typed(words: str) -> None:
    assert with_field(JournalForm, "words", words).values.words == words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\0b", "ab"),
        ("a\x1b[31mb\x7f", "a[31mb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("e\u0301", "é"),
        ("a\ud800b\udfff", "ab"),
        ("", ""),
    ],
    ids=ascii,
)
def test_what_no_database_and_no_reader_can_take_is_left_out(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_something_that_is_no_text_is_left_to_the_form() -> None:
    assert tidy(7) == 7


def test_the_longest_words_fit() -> None:
    assert len(with_field(JournalForm, "words", "🌊" * WORDS_MAX).values.words) == WORDS_MAX


def test_a_form_with_nothing_in_it_says_so_at_its_top() -> None:
    assert "Nothing is chosen yet" in read(CheckInForm, ("id", ID)).errors[""][0]


def test_a_participant_is_not_invited_without_a_coach() -> None:
    posted = with_field(InviteForm, "role", "participant")
    assert "choose the coach" in posted.errors[""][0]


def test_a_wrong_number_is_not_given_back() -> None:
    posted = with_field(JournalForm, "id", "6f1c3a52-2a0f-4c27-8d3a-0d8f5f5f5f5f")
    again = with_field(JournalForm, "id", posted.id)
    assert not again.refused and str(again.values.id) == posted.id


def test_the_address_says_which_row_is_changed() -> None:
    there = new_id()
    posted = with_field(JournalForm, "id", ID).about(there)
    assert posted.values.id == there and posted.id == str(there)
    assert with_field(JournalForm, "id", "7").about(there).id == str(there)


def test_a_refused_form_has_no_values() -> None:
    with pytest.raises(ValueError, match="no values"):
        assert read(MoodForm).values


def test_v15_3_7_of_two_answers_neither_is_taken() -> None:
    posted = with_field(MoodForm, "mood", "1", "2")
    assert posted.kept is None and posted.typed("mood") == "1"


@pytest.mark.parametrize(
    ("form", "name"),
    [
        *((JournalForm, name) for name in ("mood", "day", "clock")),
        *((CheckInForm, name) for name in ("mood", "urge", "stress", "energy", "sleep_hours")),
        *((InviteForm, name) for name in ("coach", "starts")),
    ],
)
def test_no_answer_is_an_answer(form: type[Form], name: str) -> None:
    posted = with_field(form, name, "")
    assert not posted.refused and getattr(posted.values, name) is None


LOGS = [form for form in forms() if issubclass(form, LogForm)]


@pytest.mark.parametrize("form", LOGS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES.keys())
def test_f07_what_a_machine_says_is_taken_or_left_and_refuses_nothing(form: type[Form], values: list[str]) -> None:
    for name in ("written_at", "sent_at", "zone"):
        posted = with_field(form, name, *values)
        assert not posted.refused and posted.values.model_dump()[name] == ("" if name == "zone" else None)


@pytest.mark.parametrize(
    ("said", "utc"),
    [
        ("2026-11-18T17:00:00.123Z", "2026-11-18 17:00:00.123000+00:00"),
        ("2026-11-18T12:00:00-05:00", "2026-11-18 17:00:00+00:00"),
        ("2026-11-19T02:00:00+09:00", "2026-11-18 17:00:00+00:00"),
    ],
)
def test_f07_a_time_with_its_offset_is_a_moment(said: str, utc: str) -> None:
    for name in ("written_at", "sent_at"):
        assert str(getattr(with_field(MoodForm, name, said).values, name)) == utc


@pytest.mark.parametrize(
    "zone", ["America/New_York", "US/Eastern", "Asia/Calcutta", "Asia/Kolkata", "UTC", "Etc/GMT+5"]
)
def test_f08_every_zone_that_a_phone_may_name_is_known(zone: str) -> None:
    assert with_field(MoodForm, "zone", zone).values.zone == zone


def test_only_what_is_logged_takes_what_a_machine_says() -> None:
    assert {form.__name__ for form in LOGS} == {
        "AttendanceForm", "CheckInForm", "JournalForm", "MeasureForm", "MoodForm", "PracticeForm", "ReadingForm",
        "SetbackForm", "UrgeForm",
    }  # fmt: skip
    assert with_field(ReviewForm, "written_at", "2026-11-18T17:00:00Z").errors == {"": (FOREIGN, {})}


def test_many_answers_where_many_are_asked_for() -> None:
    assert with_field(CheckInForm, "halt", "tired", "lonely").values.halt == ["tired", "lonely"]
    assert with_field(CheckInForm, "halt", "tired").values.halt == ["tired"]


def test_a_page_starts_with_what_is_kept_and_goes_on_with_what_was_typed() -> None:
    assert blank(mood=3, halt=["tired"]).typed("mood") == "3"
    assert blank(mood=None).typed("mood") == "" == blank().typed("mood")
    assert blank(halt=["tired"]).chosen("halt") == ["tired"]
    assert read(CheckInForm, ("id", ID)).chosen("halt") == []
    assert read(CheckInForm, ("halt", "tired"), ("halt", "no such")).chosen("halt") == ["tired", "no such"]


def test_errors_are_said_in_the_language_of_the_reader() -> None:
    posted = with_field(JournalForm, "words", "w" * (WORDS_MAX + 1))
    posted.speak = {TOO_LONG: "Hasta %(max_length)s caracteres."}.__getitem__
    assert posted.error("words") == "Hasta 20000 caracteres."
    assert posted.error("mood") is None
