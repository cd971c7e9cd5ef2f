"""An opened record: a session that a door opened to one reader, with the keys to the words in it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from app.guard import Reader, open_to
from app.lib.vault import Master, new_key, place, seal, unseal, unwrap, wrap
from app.models.people import ERASED, Person, PersonKey
from app.models.program import Program
from app.query import Query, given

T = TypeVar("T")


KEYS = Query(
    select(PersonKey.id, PersonKey.key).where(col(PersonKey.id).in_(given("ids", col(PersonKey.id), many=True)))
)


class NotYours(Exception):
    """There is no such thing for this reader: 404, whether it exists for somebody else or not."""


@dataclass
class Keyring:
    """The keys of one program: its own, and each person's, unwrapped when first needed."""

    session: Session
    program_id: UUID
    program_key: bytes
    persons: dict[UUID, bytes] = field(default_factory=dict)
    gone: set[UUID] = field(default_factory=set)

    @classmethod
    def of(cls, session: Session, master: Master, program: Program) -> "Keyring":
        return cls(session, program.id, master.unwrap(program.key, place(program.id, "program", "key", program.id)))

    def key(self, person_id: UUID) -> bytes:
        self.fetch([person_id])
        if person_id not in self.persons:
            raise NotYours("erased")
        return self.persons[person_id]

    def erased(self, person_id: UUID) -> bool:
        """Whether there is no key of this person any more, and so no word of theirs that could be read."""
        self.fetch([person_id])
        return person_id not in self.persons

    def fetch(self, person_ids: Collection[UUID]) -> None:
        """The keys of many persons at once."""
        missing = set(person_ids) - self.persons.keys() - self.gone
        if not missing:
            return
        for one, key in KEYS.rows(self.session, ids=missing):
            self.persons[one] = unwrap(self.program_key, key, self._place(one))
        self.gone.update(missing - self.persons.keys())

    def make(self, person_id: UUID) -> None:
        """A new person's key, kept wrapped."""
        key = self.persons[person_id] = new_key()
        self.gone.discard(person_id)
        wrapped = wrap(self.program_key, key, self._place(person_id))
        self.session.add(PersonKey(program_id=self.program_id, id=person_id, key=wrapped))
        self.session.flush()

    def _place(self, person_id: UUID) -> bytes:
        return place(self.program_id, "person_key", "key", person_id)


@dataclass
class Record:
    """What a door hands over. `participant_id` None: all of a caseload, or the program's office."""

    session: Session
    program: Program
    reader: Reader
    keyring: Keyring

    @classmethod
    def open(cls, session: Session, master: Master, program: Program, reader: Reader) -> "Record":
        open_to(session, reader)
        return cls(session, program, reader, Keyring.of(session, master, program))

    @property
    def now(self) -> datetime:
        return self.reader.now

    @property
    def person_id(self) -> UUID:
        return self.reader.person_id

    @property
    def participant_id(self) -> UUID:
        if self.reader.participant_id is None:
            raise NotYours("no one record is open")
        return self.reader.participant_id

    @property
    def zone(self) -> str:
        return self.program.zone

    @property
    def today(self) -> date:
        return self.reader.today

    def seal(self, model: Any, column: str, row: UUID, text: str, owner: UUID | None = None) -> bytes | None:
        """Sealed under the key of `owner`, or of the participant whose record this is. Nothing stays nothing."""
        if not text:
            return None
        key = self.keyring.key(owner or self.participant_id)
        return seal(key, text.encode(), place(self.program.id, model.__tablename__, column, row))

    def unseal(self, model: Any, column: str, row: UUID, sealed: bytes | None, owner: UUID) -> str:
        if not sealed or self.keyring.erased(owner):
            return ""
        where = place(self.program.id, model.__tablename__, column, row)
        return unseal(self.keyring.key(owner), sealed, where).decode()

    def name(self, person_id: UUID) -> str:
        """The name by which a person of this program is known."""
        person = self.session.get(Person, (self.program.id, person_id))
        return self.unseal(Person, "name", person_id, person.name, person_id) or ERASED if person else ""


def once(ask: Callable[..., T]) -> Callable[..., T]:
    """What several parts of a page ask is asked once for each reader, in a transaction that only reads: nothing changes
    in it. Where something may be kept, it is asked each time."""

    @wraps(ask)
    def asked(record: Record, about: Any = None) -> T:
        known: dict[Any, T] | None = record.session.info.get("known")
        said, key = (record,) if about is None else (record, about), (ask, record.reader, about)
        if known is None:
            return ask(*said)
        if key not in known:
            known[key] = ask(*said)
        return known[key]

    return asked
