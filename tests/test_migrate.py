"""A database is made whole or not at all, and Footbridge says in one sentence why it does not start."""

import gc
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect, text
from sqlmodel import SQLModel, select

from app import cli, database, demo, main, migrate
from app.access import House
from app.guard import Reader, open_to
from app.lib.vault import Master
from app.models.entry import Entry
from app.models.program import Program
from app.settings import Settings
from tests.conftest import NOON, fresh_postgres

ROOT = Path(__file__).parent.parent


def test_the_models_are_what_the_migrations_make(house: House) -> None:
    with house.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_rules_of_the_models_are_in_the_database(house: House, database: str) -> None:
    """Check constraints and what goes with a row: the comparison above does not look at them."""
    with house.database.engine.connect() as connection:
        asked = inspect(connection)
        for table in SQLModel.metadata.sorted_tables:
            wanted = {one.name: str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint)}
            found = {one["name"]: one["sqltext"] for one in asked.get_check_constraints(table.name)}
            assert found.keys() == wanted.keys()
            assert database == "postgresql" or found == wanted
            cascades = {one.name: one.ondelete for one in table.foreign_key_constraints if one.ondelete}
            kept = {one["name"]: one["options"].get("ondelete") for one in asked.get_foreign_keys(table.name)}
            assert {name: said for name, said in kept.items() if said} == cascades


def test_there_is_one_line_of_migrations() -> None:
    scripts = ScriptDirectory(str(migrate.SCRIPTS))
    assert len(scripts.get_heads()) == 1
    assert [one.down_revision for one in scripts.walk_revisions()][-1] is None
    assert migrate.newest() == scripts.get_current_head()


def test_f12_a_migration_that_breaks_has_not_happened(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    Master.create(settings.key_file)
    house = main.build(settings)
    real = command.upgrade

    def broken(*wanted: object) -> None:
        real(*wanted)
        raise RuntimeError("the power went")

    monkeypatch.setattr(command, "upgrade", broken)
    with pytest.raises(RuntimeError):
        migrate.upgrade(house.database)
    assert migrate.is_empty(house.database)


def test_migrating_twice_is_once(house: House) -> None:
    migrate.upgrade(house.database)
    migrate.check(house)


# An entry as it was kept before 0002, in whatever program.
BEFORE = """insert into program (id, name, zone, promise_hour, program_days, crisis_name, crisis_phone, key)
values (:program, 'Harbor IOP', 'America/New_York', '17:00:00', '01234', '', '', :key);
insert into entry (program_id, id, participant_id, kind, happened_at, local_day, offset_minutes, kept_at, visibility,
wants_answer, version) values (:program, :id, :id, 'mood', '2026-11-18 17:00:00.000000', '2026-11-18', -300,
'2026-11-18 17:00:00.000000', 'private', false, 1)"""


def test_f07_what_was_kept_before_phones_were_asked_stands_where_it_stood(settings: Settings) -> None:
    Master.create(settings.key_file)
    house, one = main.build(settings), uuid4()
    values = {"program": one.hex, "id": one.hex, "key": b"k"}
    with house.database.writing.begin() as connection:
        migrate.bring(connection, "0001")
        if connection.dialect.name == "postgresql":
            connection.execute(text("select set_config('footbridge.role', 'keeper', true)"))
            connection.execute(text("select set_config('footbridge.program', :program, true)"), {"program": str(one)})
        for statement in BEFORE.split(";"):
            connection.execute(text(statement), values)
    migrate.upgrade(house.database)
    with house.database.session() as session:
        program = session.get_one(Program, one)
        open_to(session, Reader(one, one, "participant", NOON, NOON.date(), one))
        [kept] = session.exec(select(Entry)).all()
    assert (program.zone, kept.happened_at, kept.clock_off, kept.offset_minutes) == ("America/New_York", NOON, 0, -300)


# --- why it does not start ------------------------------------------------------------------------------


def drop_version(settings: Settings) -> None:
    by_hand(settings, "drop table alembic_version")


def other_version(settings: Settings) -> None:
    by_hand(settings, "update alembic_version set version_num = '9999'")


def by_hand(settings: Settings, statement: str) -> None:
    engine = main.build(settings).database.writing
    with engine.begin() as connection:
        connection.execute(text(statement))
    # Closed, so that what is in the write-ahead log is in the file before it is compared.
    engine.dispose()


def other_key(settings: Settings) -> None:
    settings.key_file.unlink()
    Master.create(settings.key_file)


def loose_key(settings: Settings) -> None:
    settings.key_file.chmod(0o644)


TROUBLES: dict[str, tuple[Callable[[Settings], None], str]] = {
    "no key": (lambda settings: settings.key_file.unlink(), "key"),
    "another key": (other_key, "key"),
    "a key that others can read": (loose_key, "key"),
    "a key that is no key": (lambda settings: settings.key_file.write_text("hello"), "key"),
    "a database without a version": (drop_version, "not whole"),
    "a database of another version": (other_version, "footbridge migrate"),
    "a file that is no database": (lambda settings: settings.database_file.write_bytes(b"x" * 8192), "database"),
}


@pytest.fixture
def lived_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings, by the environment, of a folder in which Footbridge has been running."""
    monkeypatch.setenv("FOOTBRIDGE_DATA", str(tmp_path / "data"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("FOOTBRIDGE_PORT", str(free.getsockname()[1]))
    monkeypatch.setattr(cli, "_listen", lambda house: house.database.engine.dispose())
    assert cli.obey(["serve"]) == 0
    return Settings()


def contents(folder: Path) -> dict[str, bytes]:
    # The write-ahead log beside the file comes and goes with whoever opens it.
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in (".db", ".key")}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("command", ["serve", "run"])
def test_f19_a_trouble_is_one_sentence_and_nothing_is_written(
    trouble: str, command: str, lived_in: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, said = TROUBLES[trouble]
    make(lived_in)
    before = contents(tmp_path)
    assert cli.obey([command]) == 1
    told = capsys.readouterr().err
    assert told.startswith("footbridge: ") and told.count("\n") == 1 and said in told
    assert contents(tmp_path) == before


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All that is in a folder, with who may open it."""
    return {
        str(path): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*")
    }


def footbridge(command: str, *, as_nobody: bool = False) -> subprocess.CompletedProcess[str]:
    """A process of its own, as an operator would start it; for folders that only root can open, not as root."""
    start = "import os, sys; from app.cli import obey; {} sys.exit(obey(sys.argv[1:]))"
    drop = "os.setgroups([]); os.setgid(65534); os.setuid(65534);" if as_nobody and os.geteuid() == 0 else ""
    words = [sys.executable, "-c", start.format(drop), command]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_f19_when_it_has_ended_not_a_byte_is_different(trouble: str, lived_in: Settings, tmp_path: Path) -> None:
    make, said = TROUBLES[trouble]
    gc.collect()
    make(lived_in)
    gc.collect()
    before = everything(tmp_path)
    ended = footbridge("serve")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"footbridge: [^\n]+\n", ended.stderr) and said in ended.stderr
    after = everything(tmp_path)
    # An empty log beside the file is SQLite's own; there is nothing in it.
    assert {name for name in after.keys() - before.keys() if after[name][1] and not name.endswith("-shm")} == set()
    assert {name for name in before if before[name] != after.get(name)} - {f"{lived_in.database_file}-shm"} == set()


NOBODY = 65534


@pytest.fixture
def outside(lived_in: Settings, tmp_path: Path) -> Iterator[Path]:
    """The folders again, where nobody's are: root may open everything, and so would not notice."""
    folder = Path(tempfile.mkdtemp(prefix="footbridge-"))
    shutil.copytree(tmp_path, folder, dirs_exist_ok=True)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("closed", ["data", "data.keys"])
def test_f19_a_folder_that_may_not_be_opened_is_said(
    outside: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    monkeypatch.setenv("FOOTBRIDGE_DATA", str(outside / "data"))
    before = everything(outside)
    (outside / closed).chmod(0o000)
    ended = footbridge("serve", as_nobody=True)
    (outside / closed).chmod(0o700)
    assert ended.returncode == 1
    assert re.fullmatch(r"footbridge: [^\n]+\n", ended.stderr), ended.stderr
    assert everything(outside) == before


# --- the same with PostgreSQL


@pytest.fixture
def lived_in_postgres(postgres: str, lived_in: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", fresh_postgres(postgres))
    assert cli.obey(["migrate"]) == 0
    demo.make_cast(main.build(Settings()), NOON)
    return Settings()


def rows(settings: Settings) -> list[str]:
    """What lies in the tables that are open to whoever owns them, and which tables there are."""
    engine = database.postgresql(settings)
    with engine.connect() as connection:
        names = sorted(inspect(connection).get_table_names())
        kept = [*names, *map(repr, connection.execute(text("select * from program order by id")))]
    engine.dispose()
    return kept


@pytest.mark.parametrize("trouble", sorted(TROUBLES.keys() - {"a file that is no database"}))
def test_f19_a_trouble_with_postgresql_is_one_sentence_too(
    trouble: str, lived_in_postgres: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, said = TROUBLES[trouble]
    make(lived_in_postgres)
    before, kept = contents(tmp_path), rows(lived_in_postgres)
    assert cli.obey(["serve"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("footbridge: ") and told.count("\n") == 1 and said in told
    assert (contents(tmp_path), rows(lived_in_postgres)) == (before, kept)


@pytest.mark.parametrize("url", ["postgresql://nobody:secret@127.0.0.1:1/none", "postgresql://"])
def test_a_database_that_does_not_answer_is_said_without_its_password(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOOTBRIDGE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", url)
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    assert cli.obey(["serve"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("footbridge: The database does not answer.")
    assert told.count("\n") == 1 and "secret" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("FOOTBRIDGE_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("FOOTBRIDGE_PORT", str(taken.getsockname()[1]))
        assert cli.obey(["run"]) == 1
    assert "cannot be used" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "70000"), ("PORT", "eight"), ("HOST", "0.0.0.0"), ("PUBLIC_URL", "http://footbridge.example")],  # noqa: S104
)
def test_a_wrong_setting_is_one_sentence(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOOTBRIDGE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv(f"FOOTBRIDGE_{name}", value)
    assert cli.obey(["serve"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FOOTBRIDGE_DATA", str(tmp_path / "file" / "data"))
    assert cli.obey(["migrate"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "file" in told


def test_an_empty_file_left_by_a_kill_is_begun_again(lived_in: Settings) -> None:
    lived_in.database_file.unlink()
    with main.build(lived_in).database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    assert lived_in.database_file.exists()
    assert cli.obey(["serve"]) == 0


def test_what_is_made_is_for_this_user_alone(lived_in: Settings) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in (lived_in.data, lived_in.database_file, lived_in.keys)}
    assert set(modes.values()) == {0}


def test_found_asks_and_answers_with_an_invite(
    lived_in: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["Harbor IOP\n", "America/New_York\n", "Pat\n", "pat@footbridge.example\n", "Line\n", "+1-555\n"])
    monkeypatch.setattr("sys.stdin", type("Typed", (), {"readline": lambda self: next(answers)})())
    assert cli.obey(["found"]) == 0
    assert f"{lived_in.public_url}/invites/" in capsys.readouterr().out


def test_found_refuses_a_zone_that_is_none(lived_in: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["Harbor IOP\n", "Mars/Olympus\n"])
    monkeypatch.setattr("sys.stdin", type("Typed", (), {"readline": lambda self: next(answers)})())
    assert cli.obey(["found"]) == 1


def test_a_server_that_is_told_to_stop_stops(lived_in: Settings) -> None:
    """A real process: starts, answers, and ends within seconds of a polite signal."""
    command = [sys.executable, "-m", "app.cli", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stderr=subprocess.PIPE) as server:
        for _ in range(200):
            with socket.socket() as ask:
                if ask.connect_ex(("127.0.0.1", lived_in.port)) == 0:
                    break
            time.sleep(0.1)
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)
    assert server.returncode in (0, -signal.SIGTERM)
