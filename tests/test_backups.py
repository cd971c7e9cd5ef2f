"""Backups are made while people write, kept as long as they should be, opened again, and brought back or refused."""

import json
import re
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pyrage
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from app import backups, chain, cli, dumps, migrate, restore, sheet, worker
from app.access import House
from app.lib.qr import qr_path
from app.lib.vault import KeyTrouble, Master
from app.migrate import Trouble
from app.settings import Settings
from tests import backed as tools
from tests.acts import kept
from tests.conftest import Clock, Stage
from tests.faults import backups as proof

CANARY = "heron-canary-7141"


@pytest.fixture
def server(database: str, request: pytest.FixtureRequest) -> str | None:
    return str(request.getfixturevalue("postgres")) if database == "postgresql" else None


@pytest.fixture
def backed(house: House, stage: Stage, tmp_path: Path, server: str | None) -> House:
    kept(stage, "ana", CANARY)
    return tools.backed(house, tmp_path / "backups", server)


def identity(house: House) -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.from_str(sheet.identity(house.settings))


# --- made


def test_it_is_an_age_file_for_its_user_alone_and_tells_nothing(backed: House) -> None:
    made = backups.make(backed)
    files = [path for path in backed.settings.backups.rglob("*") if path.is_file()]  # type: ignore[union-attr]
    assert len(files) == 4
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert CANARY.encode() not in path.read_bytes() and b"Ana" not in path.read_bytes()
    assert made.path.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert backups.known(backed.settings) == [made]
    # Opened as stock age would open it.
    assert CANARY.encode() not in pyrage.decrypt(made.path.read_bytes(), [identity(backed)])


def test_the_manifest_says_what_is_in_it(backed: House) -> None:
    said = json.loads(backups.make(backed).path.with_suffix(".json").read_text())
    assert said["revision"] == migrate.newest() and said["version"]
    assert said["made_at"] == backed.clock().isoformat()
    assert said["tables"] == tools.rows(backed) | {"person_key": 0}
    assert {program: tuple(head) for program, head in said["heads"].items()} == {
        str(program): head for program, head in chain.heads(backed).items() if head[0]
    }


def test_the_keys_of_persons_are_in_a_stream_of_their_own_and_the_master_key_is_in_none(backed: House) -> None:
    """Trap 17."""
    made = backups.make(backed)
    words, keys = (
        pyrage.decrypt(next((made.path.parent.parent / stream).glob("*.age")).read_bytes(), [identity(backed)])
        for stream in ("words", "keys")
    )
    wrapped = [key for _, _, key in json.loads(keys)["keys"]]
    assert len(wrapped) == tools.rows(backed)["person_key"] > 5
    for secret in (backed.master.key, backed.master.derive("database file"), *map(bytes.fromhex, wrapped)):
        assert secret not in words and secret.hex().encode() not in words
    assert backed.master.key.hex().encode() not in keys
    with restore.opened(backed.settings, made.path, (backed.master, str(identity(backed))), made.path.parent) as found:
        tables = [table for table, _ in dumps.rows(backed, found.words.engine, found.content)]
    assert "person" in tables and "person_key" not in tables


def test_it_is_whole_while_people_write(backed: House, stage: Stage) -> None:
    stop, wrote = threading.Event(), list[object]()

    def write() -> None:
        while not stop.is_set():
            wrote.append(kept(stage, "ana", "while it is copied"))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        made = backups.make(backed)
    finally:
        stop.set()
        writing.join()
    assert wrote
    restore.verify(backed.settings, made.path, say=str)


def test_without_the_role_that_sees_all_it_says_what_to_do(backed: House, database: str) -> None:
    if database == "postgresql":
        backed.settings = backed.settings.model_copy(update={"backup_url": None})
        with pytest.raises(Trouble, match="FOOTBRIDGE_BACKUP_URL"):
            backups.make(backed)
        assert backups.known(backed.settings) == []


def test_nothing_half_made_is_a_backup(backed: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backups, "_named", killed)
    with pytest.raises(KeyboardInterrupt):
        backups.make(backed)
    assert backups.known(backed.settings) == []


# --- on a clock


def test_the_worker_makes_one_a_day_however_many_workers_there_are(backed: House, clock: Clock) -> None:
    for _ in range(3):
        worker.turn(backed)
    assert len(backups.known(backed.settings)) == 1
    clock.go(days=1)
    worker.turn(backed)
    assert len(backups.known(backed.settings)) == 2


def test_without_a_folder_there_are_none(house: House, cast: object) -> None:
    worker.turn(house)
    assert backups.known(house.settings) == []


def test_seven_days_four_weeks_and_twelve_months_are_kept() -> None:
    last = datetime(2026, 11, 19, 3, tzinfo=UTC)
    times = [last - timedelta(days=day) for day in range(800)]
    kept = sorted(backups.lasting(times), reverse=True)
    assert kept[:7] == times[:7]
    assert kept[7:] == [
        datetime(2026, 11, 8, 3, tzinfo=UTC), datetime(2026, 11, 1, 3, tzinfo=UTC),
        datetime(2026, 10, 31, 3, tzinfo=UTC), datetime(2026, 9, 30, 3, tzinfo=UTC),
        datetime(2026, 8, 31, 3, tzinfo=UTC), datetime(2026, 7, 31, 3, tzinfo=UTC),
        datetime(2026, 6, 30, 3, tzinfo=UTC), datetime(2026, 5, 31, 3, tzinfo=UTC),
        datetime(2026, 4, 30, 3, tzinfo=UTC), datetime(2026, 3, 31, 3, tzinfo=UTC),
        datetime(2026, 2, 28, 3, tzinfo=UTC), datetime(2026, 1, 31, 3, tzinfo=UTC),
        datetime(2025, 12, 31, 3, tzinfo=UTC),
    ]  # fmt: skip


def test_what_is_old_goes_and_its_name_is_told(backed: House, clock: Clock) -> None:
    """Keys after a week, words by the days, weeks and months."""
    first = backups.make(backed).path
    clock.go(days=8)
    backups.make(backed)
    assert len(list((first.parent.parent / "keys").glob("*.age"))) == 1
    assert first.exists()
    clock.go(days=400)
    backups.make(backed)
    for _ in range(12):
        clock.go(days=31)
        backups.make(backed)
    assert not first.exists() and not first.with_suffix(".json").exists()
    clock.go(days=31)
    assert backups.purge(backed) == []


# --- brought back


def test_f11_a_clean_machine_with_the_folder_and_the_paper(backed: House, tmp_path: Path, server: str | None) -> None:
    backups.make(backed)
    there = tools.elsewhere(backed.settings, tmp_path / "clean", server)
    restore.restore(there, None, tools.typing(tools.on_paper(backed.settings)), say=str)
    with tools.house_at(there) as found:
        migrate.check(found)
        assert tools.rows(found) == tools.rows(backed)
        assert chain.heads(found) == chain.heads(backed)
    assert stat.S_IMODE(there.key_file.stat().st_mode) == 0o600
    assert [path.name for path in there.data.iterdir()] == ([] if server else ["footbridge.db"])
    # And never over what is there.
    with pytest.raises(Trouble, match="There is a database already"):
        restore.restore(there, None, say=str)


def test_f10_what_is_damaged_is_refused(backed: House, tmp_path: Path, server: str | None) -> None:
    """A short run of what `make faults ONLY=backups` does."""
    found = list(proof.harmed(backed, tmp_path, server, Random(5), 30, "x"))
    assert [figure.name for figure in found if figure.value] == ["F10_damaged_x"]


def test_what_was_put_together_by_somebody_else_is_refused(backed: House, tmp_path: Path) -> None:
    """Whoever knows the recipient can encrypt to it; without the master key nobody can say that it is a backup."""
    path = backups.make(backed).path
    forged = pyrage.encrypt(b"another database", [identity(backed).to_public()])
    said = json.loads(path.with_suffix(".json").read_text())
    path.write_bytes(forged)
    said["sha256"] = backups.digest(path)
    path.with_suffix(".json").write_text(json.dumps(said))
    with pytest.raises(Trouble, match="was changed"):
        restore.verify(backed.settings, path, say=str)


def test_when_it_was_verified_is_known(backed: House) -> None:
    path = backups.make(backed).path
    assert [one.verified_at for one in backups.known(backed.settings)] == [None]
    restore.verify(backed.settings, say=str)
    [one] = backups.known(backed.settings)
    assert one.path == path and one.verified_at and one.verified_at <= datetime.now(UTC)


def test_a_lost_key_is_noticed(backed: House) -> None:
    """Keys and words that are both as they were written, and do not go together."""
    path = backups.make(backed).path
    with restore.opened(backed.settings, path, (backed.master, str(identity(backed))), path.parent) as found:
        found.wrapped.pop(next(iter(found.wrapped)))
        with pytest.raises(Trouble, match="1 persons have no key"):
            restore.look(found)


def test_the_commands_say_one_sentence(
    backed: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DATA", backed.settings.data), ("BACKUPS", backed.settings.backups)):
        monkeypatch.setenv(f"FOOTBRIDGE_{name}", str(value))
    for name, secret in (("DATABASE_URL", backed.settings.database_url), ("BACKUP_URL", backed.settings.backup_url)):
        if secret:
            monkeypatch.setenv(f"FOOTBRIDGE_{name}", secret.get_secret_value())
    assert cli.obey(["verify"]) == 1
    assert "There is no backup in" in capsys.readouterr().err
    assert cli.obey(["backup"]) == 0 and cli.obey(["verify"]) == 0 and cli.obey(["sheet"]) == 0
    assert cli.obey(["restore"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert cli.obey(["verify", "/nowhere.age"]) == 1
    assert capsys.readouterr().err == "footbridge: There is no backup at /nowhere.age.\n"
    page = backed.settings.keys / "recovery-sheet.html"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    monkeypatch.delenv("FOOTBRIDGE_BACKUPS")
    assert cli.obey(["backup"]) == 1
    assert "FOOTBRIDGE_BACKUPS names no folder" in capsys.readouterr().err


# --- the sheet


@pytest.fixture
def keys(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path / "data")
    Master.create(settings.key_file)
    backups.recipient(settings)
    return settings


def test_what_is_printed_can_be_typed_in_again(keys: Settings) -> None:
    lines = tools.on_paper(keys)
    assert len(lines) == 8
    elsewhere = Settings(data=keys.data / "other")
    ask = tools.typing(lines)
    assert sheet.master_of(elsewhere, ask) == Master.read(keys.key_file)
    assert sheet.identity_of(elsewhere, ask) == sheet.identity(keys)


@pytest.mark.parametrize("line", range(8))
def test_a_typing_mistake_is_told_with_its_line(keys: Settings, line: int) -> None:
    elsewhere, lines = Settings(data=keys.data / "other"), tools.on_paper(keys)
    chance = Random(line)
    for _ in range(40):
        wrong = list(lines)
        at = chance.choice([index for index, letter in enumerate(wrong[line]) if letter != " "])
        other = chance.choice([letter for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ234567" if letter != wrong[line][at]])
        wrong[line] = wrong[line][:at] + other + wrong[line][at + 1 :]
        ask = tools.typing(wrong)
        with pytest.raises(Trouble, match=rf"key: there is a typing mistake in line {line % 4 + 1};"):
            sheet.master_of(elsewhere, ask)
            sheet.identity_of(elsewhere, ask)


def test_lines_that_change_places_are_noticed(keys: Settings) -> None:
    first, second, *rest = tools.on_paper(keys)
    with pytest.raises(Trouble, match="line 1"):
        sheet.master_of(Settings(data=keys.data / "other"), tools.typing([second, first, *rest]))


def test_the_squares_say_the_same(keys: Settings) -> None:
    page = sheet.page(Master.read(keys.key_file), sheet.identity(keys), keys.public_url)
    squares = re.findall(r'viewBox="0 0 (\d+) \d+".*?<path d="([^"]+)"', page)
    read = [zxingcpp.read_barcodes(_drawn(int(side), path))[0].text for side, path in squares]
    assert read == [Master.read(keys.key_file).said(), sheet.identity(keys)]
    assert squares == [(str(side), path) for side, path in map(qr_path, read)]


def _drawn(side: int, path: str) -> Image.Image:
    """The square as a printer draws it, eight dots to a module."""
    image = Image.new("L", (side * 8, side * 8), 255)
    for x, y, long in re.findall(r"M(\d+) (\d+)h(\d+)", path):
        box = int(x) * 8, int(y) * 8, (int(x) + int(long)) * 8 - 1, int(y) * 8 + 7
        ImageDraw.Draw(image).rectangle(box, fill=0)
    return image


def test_the_sheet_is_one_page_with_nothing_from_elsewhere(keys: Settings) -> None:
    page = sheet.page(Master.read(keys.key_file), sheet.identity(keys), keys.public_url)
    assert "size: A4" in page and "http" not in page.replace(keys.public_url, "")
    assert "footbridge restore" in page


def test_an_identity_that_is_only_on_paper_is_asked_for(keys: Settings) -> None:
    lines, said = tools.on_paper(keys)[4:], sheet.identity(keys)
    backups.identity_file(keys).unlink()
    with pytest.raises(Trouble, match="only on the recovery sheet"):
        sheet.sheet(keys)
    assert sheet.identity_of(keys, tools.typing(lines)) == said
    # Backups go on: they need only the recipient.
    assert backups.recipient(keys).startswith("age1")


def test_a_key_is_never_written_over_another(keys: Settings) -> None:
    with pytest.raises(KeyTrouble, match="left as it is"):
        Master.read(keys.key_file).keep(keys.key_file)
