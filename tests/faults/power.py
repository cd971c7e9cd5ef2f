"""F03: the power is cut. Every write of the server, and every wait until the disk has it, is looked at from outside.

Then for hundreds of moments the files are made as a disk could have them that keeps its word and no more: what was
waited for is there, and of what was written since, each piece of 512 bytes or not, by chance. The app opens them.
Beside it the same is done with the waiting left out, which has to lose something: the judge sees what is lost.
"""

import re
import shutil
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

from sqlalchemy.exc import DatabaseError

from app import main
from bench import running
from bench.figures import Figure
from tests.faults import NotHere
from tests.faults.ground import Ground, ground
from tests.faults.killed import corrupt
from tests.faults.pouring import LONGEST, WHO, Pour, hands, lying

PIECE = 512  # bytes: what a disk writes whole or not at all
CONTROLS = 20
WATCH = ("strace", "-f", "-qq", "-y", "-xx", "-s", "100000", "--seccomp-bpf")
CALLS = "trace=pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync,ftruncate"
CALL = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\(\d+<([^>]*)>| resumed>)")
WORDS = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
LAST = re.compile(r", (\d+)(?:\) *=| <unfinished)")
SAID = re.compile(rb"(?i)\r\nkept: ([0-9a-f-]{36})\r\n")


class Deed(NamedTuple):
    """What was done: `write` data to a file at a place, `size` it to a place, `sync` it, `synced` once that came back,
    `say` of an id that it is kept.
    """

    what: str
    thread: str
    file: str = ""
    place: int = 0
    data: bytes = b""


class Cut(NamedTuple):
    """The power is cut: what was said to be kept by then, and what the files may be when it is back."""

    said: frozenset[str]
    files: dict[str, bytes]


@dataclass
class Disk:
    """`certain` is what it has of each file, `written` what it was given since. Not `honest`: it lets nobody wait."""

    certain: dict[str, bytearray]
    honest: bool = True
    written: dict[str, list[Deed]] = field(default_factory=lambda: defaultdict(list))
    waits: dict[str, tuple[str, int]] = field(default_factory=dict)

    def does(self, deed: Deed) -> None:
        if deed.what in ("write", "size"):
            self.written[deed.file].append(deed)
        if deed.what == "sync":
            self.waits[deed.thread] = deed.file, len(self.written[deed.file])
        if deed.what == "synced" and self.honest:
            file, many = self.waits.pop(deed.thread, ("", 0))
            for one in self.written[file][:many]:
                _done(self.certain.setdefault(file, bytearray()), one)
            del self.written[file][:many]

    def cut(self, chance: Random) -> dict[str, bytes]:
        """What may be found on it: of what is not certain some pieces, more of them or fewer."""
        files, much = {name: bytearray(body) for name, body in self.certain.items()}, chance.random()
        for name, deeds in self.written.items():
            for one in (piece for deed in deeds for piece in _pieces(deed)):
                if chance.random() < much:
                    _done(files.setdefault(name, bytearray()), one)
        return {name: bytes(body) for name, body in files.items()}


def _pieces(deed: Deed) -> Iterator[Deed]:
    if deed.what == "size":
        yield deed
    for at in range(0, len(deed.data), PIECE):
        yield deed._replace(place=deed.place + at, data=deed.data[at : at + PIECE])


def _done(body: bytearray, deed: Deed) -> None:
    end = deed.place + len(deed.data)
    body.extend(bytes(max(end - len(body), 0)))
    body[deed.place : end if deed.what == "write" else None] = deed.data


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: posts; the power is cut at the word of each that it is kept, and at as many moments in between."""
    if not shutil.which("strace"):
        raise NotHere("strace is not installed")
    with ground("sqlite") as at:
        pour, before, deeds = watched(at, seed, many)
        chance, found, cuts = Random(seed), Counter[str](), 0
        for cut in cut_off(deeds, Disk(_bodies(before)), chance, many):
            found.update(after(at, pour, cut))
            cuts += 1
        lies = [
            after(at, pour, cut)["lost"]
            for cut in islice(cut_off(deeds, Disk(_bodies(before), honest=False), chance, 0), CONTROLS)
        ]
    yield Figure("F03_acked", len(pour.acked), "", len(pour.acked))
    yield Figure("F03_waited_for_the_disk", sum(deed.what == "synced" for deed in deeds), "", len(pour.acked))
    yield Figure("F03_cuts", cuts, "", cuts)
    for what in ("lost", "half", "corrupt"):
        yield Figure(f"F03_{what}", found[what], "", cuts)
    yield Figure("F03_losing_cuts_if_nothing_is_waited_for", sum(map(bool, lies)), "", len(lies))
    yield Figure("F03_control_not_found", not any(lies), "", len(lies))


# --- what the server does


def watched(at: Ground, seed: int, many: int) -> tuple[Pour, dict[str, bytes], list[Deed]]:
    """Nine phones write until so much is kept: what they were told, the files before it, and what was done to them."""
    at.stop()
    pour = Pour(at, seed)
    those, data, trace = hands(pour), at.house.settings.data, at.folder / "trace"
    before = {path.name: path.read_bytes() for path in data.iterdir() if not path.name.endswith("-shm")}
    at.under = (*WATCH, "-e", CALLS, "-o", str(trace))
    at.start()
    threads = [threading.Thread(target=hand.write) for hand in those]
    [thread.start() for thread in threads]
    pour.until(many, time.monotonic() + LONGEST)
    pour.over.set()
    [thread.join(60) for thread in threads]
    at.stop()
    return pour, before, list(_deeds(trace, data))


def _deeds(trace: Path, data: Path) -> Iterator[Deed]:
    ours = {(f"{data}/{name}").encode(): name for name in ("footbridge.db", "footbridge.db-wal")}
    with trace.open() as lines:
        for line in lines:
            if call := CALL.match(line):
                thread, name, file = call.groups()
                yield from _read(line, thread, name, ours.get(_plain(file or "")))


def _read(line: str, thread: str, call: str, file: str | None) -> Iterator[Deed]:
    """A call that another thread breaks into takes two lines: there it begins, and there it comes back."""
    ended = "<unfinished" not in line
    if "sync" in call:
        if file:
            yield Deed("sync", thread, file)
        if ended and (file or "resumed" in line):
            yield Deed("synced", thread)
    elif "resumed" in line:
        return
    elif file:
        assert call in ("pwrite64", "ftruncate"), f"{call}: the disk does not know what that does"
        what = "write" if call == "pwrite64" else "size"
        yield Deed(what, thread, file, int(LAST.findall(line)[-1]), _data(line))
    else:
        yield from (Deed("say", thread, data=one) for one in SAID.findall(_data(line)))


def _data(line: str) -> bytes:
    return b"".join(map(_plain, WORDS.findall(line)))


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


# --- what is left of it


def cut_off(deeds: list[Deed], disk: Disk, chance: Random, between: int) -> Iterator[Cut]:
    """After every word, and at so many moments more."""
    said, moments = set[str](), set(chance.sample(range(len(deeds)), between))
    for number, deed in enumerate(deeds):
        disk.does(deed)
        if deed.what == "say":
            said.add(deed.data.decode())
        if deed.what == "say" or number in moments:
            yield Cut(frozenset(said), disk.cut(chance))


def after(at: Ground, pour: Pour, cut: Cut) -> dict[str, int]:
    """What is missing, half or broken when the app opens these files."""
    with tempfile.TemporaryDirectory(dir=running.memory()) as folder:
        for name, body in cut.files.items():
            (Path(folder) / name).write_bytes(body)
        house = main.build(at.house.settings.model_copy(update={"data": Path(folder)}))
        try:
            rows = lying(replace(at, house=house), WHO)
            # Of a page that is whole in the log the file may hold half: first it is brought home.
            with house.database.engine.connect() as connection:
                connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
            broken = corrupt(house)
        except DatabaseError:
            return {"lost": len(cut.said), "corrupt": 1}
        finally:
            house.database.engine.dispose()
    kept = {one: (who, sent) for who, one, sent in rows}
    lost = sum(kept.get(one) != pour.acked[one] for one in cut.said)
    return {"lost": lost, "half": sum(sent is None for _, _, sent in rows), "corrupt": broken}


def _bodies(files: dict[str, bytes]) -> dict[str, bytearray]:
    return {name: bytearray(body) for name, body in files.items()}
