"""Every requirement is shown by a test that carries its id, or says why not; the page on security says what is so."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from app import owned
from app.owned import guarded
from tests import rows, tables
from tests.rows import ROOT, Row

PAGE = rows.PAGE.read_text()


def section(title: str) -> str:
    [found] = re.findall(rf"^##+ {title}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize(("letter", "many"), [("V", 59), ("L", 30), ("F", 22)])
def test_every_row_is_there_once_and_has_a_test_or_a_reason(letter: str, many: int) -> None:
    those = rows.rows(letter)
    assert len(those) == many
    assert [one for one, times in Counter(one for row in those for one in row.ids).items() if times > 1] == []
    assert [row.id for row in those if row.state == "open"] == []


def test_every_id_that_a_test_carries_is_a_row() -> None:
    every = [row for letter in "VLF" for row in rows.rows(letter)]
    assert [carried for carried in rows.named() if not any(rows.shows(carried, row) for row in every)] == []
    assert len(rows.named()) > 80


@pytest.mark.parametrize(
    ("carried", "row", "shown"),
    [
        ("v7_2", "7.2.1–7.2.4", True), ("v7_2_4", "7.2.1–7.2.4", True), ("v7_2_5", "7.2.1–7.2.4", False),
        ("v1_2", "1.2.1/1.2.2/1.2.3", True), ("v1_2_9", "1.2.1/1.2.2/1.2.3", False), ("v13_2_4", "1.3.6/13.2.4", True),
        ("v1_2_4", "11.2.4", False), ("v1_2", "1.20.1", False), ("l18", "L18", True), ("f18", "L18", False),
    ],
)  # fmt: skip
def test_a_row_is_shown_by_its_ids_and_by_the_part_that_they_are_in(carried: str, row: str, shown: bool) -> None:
    assert rows.shows(carried, Row(row, "what")) == shown


@pytest.mark.parametrize(
    ("name", "carries"),
    [
        ("test_v16_2_5_f21_no_words", ["v16_2_5", "f21"]), ("test_v3_4_v4_1_1_headers", ["v3_4", "v4_1_1"]),
        ("test_l05_l06_x", ["l05", "l06"]), ("test_version_1_is_read", []), ("test_of_v7_2_x", []),
        ("test_v7_2_12_months", ["v7_2_12"]), ("test_f1_x", []),
    ],
)  # fmt: skip
def test_what_a_name_carries_stands_at_its_beginning(name: str, carries: list[str]) -> None:
    carried = rows.CARRIED.match(name)
    assert (rows.ONE.findall(carried[1]) if carried else []) == carries


def test_a_row_without_a_test_is_open_and_one_with_neither_says_so() -> None:
    assert Row("9.9.9", "x").state == "open"
    assert Row("9.9.9", "x", missing="why").state == "not here yet: why"
    assert Row("9.9.9", "x", missing="why", tests=(("a", "b"),)).state == "in part: why"
    assert Row("9.9.9", "x", instead="0001", tests=(("a", "b"),)).state == "deviation: 0001"


def test_the_page_is_as_it_is_made() -> None:
    assert rows.written(PAGE) == PAGE, "run: python -m tests.rows --write"
    assert sorted(re.findall(r"<!-- made: (\w+) -->", PAGE)) == sorted(rows.MADE)


# --- what the page says of the application


def test_v8_1_1_v8_1_2_the_rules_are_the_guards() -> None:
    said = tables.rules()
    assert f"\n{said}" in f"\n{section('Who may read and write what')}"
    assert said.count("\n") == len(guarded()) + 2
    # The table can tell: an entry is its writer's, a trigger's list is shared, notes of staff are staff's alone.
    for row in (
        "| `entry` | spine | rw | r | r | – |",
        "| `note` | staff | – | rw | – | – |",
        "| `contact` | own | rw | – |",
    ):
        assert row in said
    assert all(
        f'"{row.split(" | ")[1]}"' in str(owned.Owned.__doc__) for row in said.splitlines()[2:] if "program" not in row
    )


def test_v14_1_1_v14_1_2_every_column_has_its_class() -> None:
    assert f"\n{tables.kept()}" in f"\n{section('Every table')}"
    described = {name for table in SQLModel.metadata.tables.values() for name in tables.sealed(table)}
    assert {"words", "name", "plan", "phone"} <= described and not described & {"name_hash", "token_hash", "key", "mac"}
    # What a person's key seals is named in the table of classes too, by its table.
    classes = section("Words")
    assert [table.name for table in guarded() if {*tables.sealed(table)} and f"`{table.name}`" not in classes] == []


def test_v6_1_1_v6_3_4_every_way_in_is_written_down() -> None:
    said = section("Ways in")
    assert f"\n{tables.ways()}" in f"\n{said}"
    assert all(way in said for way in ("passphrase", "invite", "calendar", "`footbridge found`"))


def test_v11_1_1_every_key_is_in_the_inventory() -> None:
    purposes = {purpose for path in sorted((ROOT / "app").rglob("*.py")) for purpose in _derived(path)}
    assert len(purposes) >= 5
    assert [purpose for purpose in purposes if f"| `{purpose}`" not in section("Keys")] == []


def _derived(path: Path) -> set[str]:
    """What keys are derived for: the first argument of `derive` and of `opaque`, where it is written out."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and node.args]
    named = [node for node in calls if getattr(node.func, "attr", "") in ("derive", "opaque")]
    return {node.args[0].value for node in named if isinstance(node.args[0], ast.Constant)}  # type: ignore[misc]


# --- what it is made of


def test_v15_1_2_the_bill_of_materials_names_every_package_that_is_installed_to_run_it(tmp_path: Path) -> None:
    made = tmp_path / "python.json"
    command = [
        Path(sys.executable).parent / "cyclonedx-py",
        "requirements",
        "requirements.txt",
        "--no-validate",
        "-o",
        made,
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    bill = json.loads(made.read_text())
    pinned = set(
        re.findall(r"^([\w.-]+)(?:\[\w+\])?==([^\s;\\]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    )
    assert bill["bomFormat"] == "CycloneDX"
    assert {(one["name"], one["version"]) for one in bill["components"]} == pinned
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {re.split(r"[\[=;]", one)[0] for one in wanted} <= {name for name, _ in pinned}
