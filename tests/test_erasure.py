"""Somebody is erased: no word of theirs can be read any more, by nobody, and no page breaks over it (L27)."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from itertools import islice
from typing import Any

import pytest

from app import cli, demo
from app.access import opened
from app.models import entry, erasure
from app.models.erasure import Erasure
from app.models.people import ERASED
from app.record import NotYours
from tests.acts import kept, read, said
from tests.conftest import Browser, Stage

SignIn = Callable[[str], Browser]
WORDS = "heron-canary-2209"


@pytest.fixture
def written(stage: Stage) -> Stage:
    """Ana wrote, and Cora answered; Ben wrote too."""
    read(stage, "cora", "ana", kept(stage, "ana", WORDS), "I read it.")
    kept(stage, "ana", WORDS, wants_answer=True)
    kept(stage, "ben", "something of Ben's")
    return stage


def erase(stage: Stage, name: str = "ana") -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        erasure.erase(record, getattr(stage.cast, name))


def lines(stage: Stage, name: str) -> list[str]:
    with stage.mine(name) as record:
        return [line.all_words.strip() for line in entry.everything(record)]


def pages(browser: Browser, most: int = 40) -> Iterator[Any]:
    """What somebody sees who follows every link, from the start on."""
    waiting, seen = ["/"], {"/"}
    for path in islice(waiting, most):  # it grows meanwhile
        page = browser.look(path)
        yield page
        for link in [*re.findall(r'href="(/[^"#]*)', page.text), page.headers.get("location", "/")]:
            if (link := unescape(link)) not in seen and not link.startswith("/static"):
                seen.add(link)
                waiting.append(link)


# --- what is left


def test_l27_no_word_of_theirs_can_be_read_and_all_of_others(written: Stage) -> None:
    erase(written)
    assert lines(written, "ana") == ["", ""]
    assert lines(written, "ben") == ["something of Ben's"]
    with opened(written.house, written.cast.harbor, "keeper", written.cast.harbor) as record:
        assert record.name(written.cast.ana) == ERASED and record.name(written.cast.ben) != ERASED


def test_it_is_written_down_once(written: Stage) -> None:
    for _ in range(2):
        erase(written)
    with opened(written.house, written.cast.harbor, "keeper", written.cast.harbor) as record:
        row = record.session.get_one(Erasure, (written.cast.harbor, written.cast.ana))
        assert (row.by, row.at) == (written.cast.harbor, written.house.clock())
        assert erasure.erased(record) == {written.cast.ana}


def test_nothing_more_is_sealed_for_them(written: Stage) -> None:
    erase(written)
    with pytest.raises(NotYours, match="erased"):
        kept(written, "ana", "after all")


def test_they_are_out_and_cannot_come_in(signed_in: SignIn, browser: Callable[[], Browser], written: Stage) -> None:
    ana = signed_in("ana")
    erase(written)
    assert ana.look("/today").headers["location"].startswith("/sign-in")
    form = {"name": demo.address("ana"), "passphrase": demo.PASSPHRASE}
    assert browser().post("/sign-in", form).status_code == 422


@pytest.mark.parametrize("name", ["cora", "pat"])
def test_pages_do_not_break_for_others(signed_in: SignIn, month: Stage, name: str) -> None:
    theirs = signed_in(name)
    before = list(pages(theirs))
    assert demo.ANA.name in " ".join(map(said, before))
    erase(month)
    after = list(pages(theirs))
    assert {page.status_code for page in after} <= {200, 303}
    assert demo.ANA.name not in " ".join(map(said, after))
    # What a link led to may be gone, for whoever kept the page open; it is not broken.
    assert {theirs.look(page.url.path).status_code for page in before} <= {200, 303, 404}


# --- the command


def test_the_command_asks_for_the_name_once_more(
    written: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def typed(*answers: str) -> int:
        left = iter(answers)
        monkeypatch.setattr(cli, "_asked", lambda _what: next(left))
        monkeypatch.setattr(cli, "_house", lambda _settings: written.house)
        return cli.obey(["erase"])

    harbor = demo.HARBOR.name
    for answers in (
        ("No such program",), (harbor, "nobody@example.org"), (harbor, demo.address("ana"), "Somebody Else"),
    ):  # fmt: skip
        assert typed(*answers) == 1
        assert capsys.readouterr().err.endswith("Nobody was erased.\n")
    assert WORDS in lines(written, "ana")
    assert typed(harbor, demo.address("ana"), "Ana Keller") == 0
    assert lines(written, "ana") == ["", ""]
