"""A database is made whole or not at all, and Footbridge says in one sentence why it does not start."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from app import cli, main, migrate
from app.access import House
from app.lib.vault import Master
from app.settings import Settings

ROOT = Path(__file__).parent.parent


def test_the_models_are_what_the_migrations_make(house: House) -> None:
    with house.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_f12_a_migration_that_breaks_has_not_happened(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    Master.create(settings.key_file)
    house = main.build(settings)
    real = migrate.command.upgrade

    def broken(*wanted: object) -> None:
        real(*wanted)
        raise RuntimeError("the power went")

    monkeypatch.setattr(migrate.command, "upgrade", broken)
    with pytest.raises(RuntimeError):
        migrate.upgrade(house.database)
    assert migrate.is_empty(house.database)


def test_migrating_twice_is_once(house: House) -> None:
    migrate.upgrade(house.database)
    migrate.check(house)


# --- why it does not start ------------------------------------------------------------------------------


def drop_version(settings: Settings) -> None:
    with main.build(settings).database.writing.begin() as connection:
        connection.execute(text("drop table alembic_version"))


def other_version(settings: Settings) -> None:
    with main.build(settings).database.writing.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))


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
    monkeypatch.setattr(cli, "_listen", lambda house: None)
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
    [("PORT", "70000"), ("PORT", "eight"), ("HOST", "0.0.0.0"), ("PUBLIC_URL", "http://footbridge.example")],
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
