"""What stands in the log: each request by its number, who was refused, and nothing that anybody wrote (V 16)."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import demo, main
from app.access import House
from app.database import new_id
from app.edge import JsonLines
from app.routes import help as help_routes
from tests.conftest import Browser

# What is logged does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Read = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def read() -> Iterator[Read]:
    """Reads what a running server would have written since it was last asked."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(JsonLines().format(record))

    root, kept = logging.getLogger("footbridge"), Kept()
    before = root.level
    root.setLevel(logging.INFO)
    root.addHandler(kept)

    def since() -> list[dict[str, Any]]:
        lines, written[:] = [json.loads(line) for line in written], []
        return lines

    yield since
    root.removeHandler(kept)
    root.setLevel(before)


def whats(lines: list[dict[str, Any]]) -> list[str]:
    return sorted(line["what"] for line in lines)


def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError("broken")


def quiet(house: House) -> Browser:
    return Browser(main.serve(house), base_url="https://testserver", raise_server_exceptions=False)


# --- the number of a request


def test_each_request_has_a_number_of_its_own_in_its_answer_and_in_its_lines(house: House, read: Read) -> None:
    browser = quiet(house)
    numbers = [browser.look("/help").headers["request-id"] for _ in range(3)]
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in numbers) and len(set(numbers)) == 3
    assert [line["request"] for line in read()] == numbers


@pytest.mark.parametrize("name", ["X-Request-Id", "Request-Id", "X-Correlation-Id", "traceparent"])
def test_a_number_is_taken_from_nobody(house: House, read: Read, name: str) -> None:
    answer = quiet(house).look("/help", headers={name: "cafebabecafebabe"})
    assert "cafebabe" not in str(answer.headers) and "cafebabe" not in json.dumps(read())


def test_who_saw_it_break_can_say_which_request_it_was(
    house: House, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(help_routes, "crisis_lines", broken)
    answer = quiet(house).look("/help")
    number = answer.headers["request-id"]
    assert answer.status_code == 500 and f'<span id="number">{number}</span>' in answer.text
    assert [line["status"] for line in read() if line["request"] == number] == [500]
    assert 'id="number"' not in quiet(house).look("/nowhere").text


def test_a_line_from_the_thread_of_a_route_has_the_number_too(
    house: House, signed_in: Callable[[str], Browser], read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*_: Any, **__: Any) -> Any:
        logging.getLogger("footbridge").warning("from within")
        raise RuntimeError

    ana = signed_in("ana")
    monkeypatch.setattr(help_routes, "crisis_lines", said)
    read()
    browser = Browser(ana.app, base_url="https://testserver", raise_server_exceptions=False)
    number = browser.look("/help").headers["request-id"]
    assert {line["what"]: line["request"] for line in read()}["from within"] == number


# --- who came in, and who did not


def test_v16_3_1_who_signs_in_is_refused_and_signs_out_is_told_without_a_name(
    house: House, cast: demo.Cast, read: Read
) -> None:
    browser = quiet(house)
    name = demo.ADDRESS.format("ana")
    browser.post("/sign-in", {"name": name, "passphrase": "not the passphrase of Ana"})
    assert whats(lines := read()) == ["request", "sign-in refused"]
    assert {line["level"] for line in lines if line["what"] == "sign-in refused"} == {"WARNING"}
    browser.post("/sign-in", {"name": name, "passphrase": demo.PASSPHRASE})
    browser.post("/sign-out")
    assert whats(more := read()) == ["request", "request", "signed in", "signed out"]
    assert not re.search(f"{name}|{demo.PASSPHRASE}|not the passphrase|{cast.ana}|testclient", json.dumps(lines + more))


def test_v16_3_2_who_is_refused_something_is_told(
    house: House, cast: demo.Cast, signed_in: Callable[[str], Browser], read: Read
) -> None:
    """Somebody else's record, and a page of another role: by the route, never by the address."""
    dov, ana = signed_in("dov"), signed_in("ana")
    read()
    assert dov.look(f"/caseload/{cast.ana}").status_code == 404
    assert ana.look("/caseload").status_code == 404
    refused = [line for line in read() if line["what"] == "refused"]
    assert [(line["route"], line["status"], line["signed_in"], line["level"]) for line in refused] == [
        ("/caseload/{person_id}", 404, True, "WARNING"), ("/caseload", 404, True, "WARNING"),
    ]  # fmt: skip
    assert str(cast.ana) not in json.dumps(refused)


def test_v16_3_3_who_comes_in_no_way_of_ours_is_told(house: House, read: Read) -> None:
    browser = quiet(house)
    browser.post("/sign-out", headers={"Origin": "https://evil.example"})
    browser.post("/sign-in", headers={"Content-Length": "many"})
    browser.post("/sign-in", content=b"x" * 5_000_000)
    browser.post("/moods", {"id": str(new_id()), "mood": "3"})
    refused = [line for line in read() if line["what"] == "refused"]
    assert [(line["status"], line["signed_in"]) for line in refused] == [
        (403, False), (400, False), (413, False), (401, False),
    ]  # fmt: skip
    assert "evil" not in json.dumps(refused)


def test_a_mistyped_address_is_no_attempt(house: House, read: Read) -> None:
    quiet(house).look("/nowhere")
    quiet(house).look("/static/app.000000000000.css")
    assert whats(read()) == ["request", "request"]
