"""The chain of the access log: each look has a number in its program, and a seal over itself and the seal before it.

Linked when the transaction ends that the look is written in: whoever links waits for who links in the same program, on
the row of the program, and from there to the end of a transaction is a few milliseconds. Whoever changes a look, takes
one out or puts one in without the program's key breaks the chain; whoever cuts off its end does not, but its head is
kept elsewhere too (`app/chain.py`).
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint, and_, event, func
from sqlmodel import Field, Session, col, select

from app.guard import open_to
from app.models.program import Program
from app.owned import InProgram, Role
from app.record import Record

PURPOSE = b"footbridge|access log"
ROWS = 1000  # in memory at a time
SEALED = ("id", "participant_id", "reader_id", "role", "at", "what", "entry_id")


class Link(InProgram, table=True):
    """The place of one look (the same id) in its program's chain. `mac`: HMAC-SHA256. Never changed, never removed."""

    read_by: ClassVar[frozenset[Role]] = frozenset({"keeper"})
    __table_args__ = (UniqueConstraint("program_id", "number", name="link_once"),)
    number: int
    mac: bytes = Field(sa_type=LargeBinary)


def link_on(record: Record, look: Any) -> None:
    """This look is written; it is linked to those before it when its transaction ends."""
    record.session.info.setdefault("unlinked", []).append((record, look))


@event.listens_for(Session, "before_commit")
def _link(session: Any) -> None:
    waiting = session.info.pop("unlinked", [])
    if not waiting:
        return
    # What still waits to be written is this reader's, and is judged as theirs.
    session.flush()
    record = waiting[0][0]
    open_to(session, replace(record.reader, role="keeper", participant_id=None))
    _take_turn(record)
    last, mac = end(record)
    looks = [look for _, look in waiting] if last else _all(session, type(waiting[0][1]))
    key = _key(record)
    for number, look in enumerate(looks, last + 1):
        mac = reckon(key, mac, number, look)
        session.add(Link(id=look.id, number=number, mac=mac))


def _take_turn(record: Record) -> None:
    """Until this transaction ends nobody else links in this program."""
    mine = select(Program.id).where(Program.id == record.program.id)
    # Not in the way of those who only refer to the program, which every row of it does.
    record.session.exec(mine.with_for_update(key_share=True)).one()


def end(record: Record) -> tuple[int, bytes]:
    """The number and the seal of the last look, for the keeper; 0 before the first."""
    last = select(Link.number, Link.mac).order_by(col(Link.number).desc()).limit(1)
    return record.session.exec(last).first() or (0, b"")


def _all(session: Session, model: Any) -> Iterable[Any]:
    """Where there is no chain yet: what was written before there were any comes first, in the order of time."""
    return session.exec(select(model).order_by(model.at, model.id)).all()


def reckon(key: bytes, before: bytes, number: int, look: Any) -> bytes:
    """The seal (32 bytes) over the one before it, the look's number and all that the look says."""
    said = [number, str(look.program_id), *(_said(getattr(look, name)) for name in SEALED)]
    return hmac.digest(key, before + json.dumps(said).encode(), "sha256")


def _said(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if value is None else str(value)


def _key(record: Record) -> bytes:
    # The program's key seals words; the chain has another, made of it.
    return hmac.digest(record.keyring.program_key, PURPOSE, "sha256")


# --- looked through


@dataclass
class Chain:
    """What a look through the whole chain of one program found: its last number and seal, and what is `wrong`."""

    number: int = 0
    mac: bytes = b""
    wrong: list[str] = field(default_factory=list)


def verify(record: Record, model: Any, anchors: Sequence[tuple[int, str]] = ()) -> Chain:
    """Reckons the chain of a program again, for the keeper, in little memory. `model`: what is linked.

    `anchors`: heads (number, seal in hex) as they were known elsewhere; a chain that does not hold them was cut.
    """
    chain, key, missing = Chain(), _key(record), set(anchors)
    for link in _links(record.session, model):
        chain.wrong += _broken(chain, key, link)
        chain.number, chain.mac = link.number, link.mac
        missing.discard((link.number, link.mac.hex()))
    chain.wrong += [f"look {number} is not the one that was known here" for number, _ in missing if number]
    if loose := _loose(record.session, model, chain.number):
        chain.wrong.append(f"{loose} looks are in no chain")
    return chain


def _broken(chain: Chain, key: bytes, link: Any) -> list[str]:
    if link.number != chain.number + 1:
        return [f"looks {chain.number + 1} to {link.number - 1} are gone"]
    if link.participant_id is None:
        return [f"look {link.number} is gone"]
    if not hmac.compare_digest(reckon(key, chain.mac, link.number, link), link.mac):
        return [f"look {link.number} is not as it was written, or not where"]
    return []


def _links(session: Session, model: Any) -> Iterator[Any]:
    looks = [getattr(model, name) for name in SEALED if name != "id"]
    here = and_(col(Link.program_id) == model.program_id, col(Link.id) == model.id)
    asked: Any = select(Link.number, Link.mac, Link.program_id, Link.id, *looks)
    every = asked.outerjoin(model, here).order_by(Link.number)
    return iter(session.exec(every.execution_options(yield_per=ROWS)))


def _loose(session: Session, model: Any, number: int) -> int:
    """How many looks are in no chain. Before the first is linked none is, and that is as it should be."""
    here = and_(col(Link.program_id) == model.program_id, col(Link.id) == model.id)
    asked = select(func.count()).select_from(model).outerjoin(Link, here).where(col(Link.id).is_(None))
    return session.exec(asked).one() if number else 0
