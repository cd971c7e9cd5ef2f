"""A participant's own people to call or text. Nobody else ever reads who is on the list."""

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import Index, LargeBinary, delete
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import Form, Id, Posted, _, tidy, wrong
from app.owned import Owned
from app.query import Query
from app.record import NotYours, Record

MOST = 8
# A letter, a star, a comma (a pause) or a semicolon (a parameter) would dial something else than what is read.
PHONE = re.compile(r"[ (]*\+?[0-9 ().-]*")
DIGITS_LEAST, DIGITS_MOST = 3, 15
DASHES = dict.fromkeys(map(ord, "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{MINUS SIGN}"), "-")
SEALED = ("name", "phone", "line")

NO_PHONE = _("Please write a number with 3 to 15 digits. Spaces, dots, dashes, ( ) and a + in front are fine.")
ANOTHER = _("This page has added somebody already. Send it once more to add this person too.")
FULL = _("Your list holds %(most)s people, and it is full. To add somebody, please remove one first.")


class Contact(Owned, table=True):
    """One of the participant's people. `line` says who they are to the participant."""

    __table_args__ = (Index("contact_of", "program_id", "participant_id"),)
    kept_at: datetime = Field(sa_type=Moment)
    name: bytes = Field(sa_type=LargeBinary)
    phone: bytes = Field(sa_type=LargeBinary)
    line: bytes | None = Field(default=None, sa_type=LargeBinary)
    version: int = 1


def _one_line(text: Any) -> Any:
    return " ".join(tidy(text).split()) if isinstance(text, str) else text


def _dialable(phone: str) -> str:
    # Address books copy numbers with unseen marks of direction, and with dashes and spaces of their own.
    seen = (letter for letter in unicodedata.normalize("NFKC", phone) if unicodedata.category(letter) != "Cf")
    plain = _one_line("".join(seen).translate(DASHES))
    if not PHONE.fullmatch(plain) or not DIGITS_LEAST <= len(_digits(plain)) <= DIGITS_MOST:
        raise wrong(NO_PHONE)
    return str(plain)


def _digits(phone: str) -> str:
    return re.sub("[^0-9]", "", phone)


class ContactForm(Form):
    """Somebody to call or text; with `version`, a change of somebody who is on the list."""

    id: Id
    name: Annotated[str, BeforeValidator(_one_line), PydanticField(min_length=1, max_length=80)]
    phone: Annotated[str, PydanticField(max_length=40), AfterValidator(_dialable)]
    line: Annotated[str, BeforeValidator(_one_line), PydanticField(max_length=120)] = ""
    version: int | None = None


@dataclass(frozen=True)
class Card:
    """One of the participant's people, opened for them. The links dial what is read, and nothing else."""

    id: UUID
    name: str
    phone: str
    line: str
    version: int

    @property
    def call_href(self) -> str:
        return f"tel:{self._dialed}"

    @property
    def text_href(self) -> str:
        return f"sms:{self._dialed}"

    @property
    def _dialed(self) -> str:
        return "+" * ("+" in self.phone) + _digits(self.phone)

    def says(self, form: ContactForm) -> bool:
        """Whether they are kept just as a form says it: then the form came twice."""
        return (self.name, self.phone, self.line) == (form.name, form.phone, form.line)


MINE = Query(select(Contact).order_by(col(Contact.kept_at), col(Contact.id)))


def mine(record: Record) -> list[Card]:
    """The participant's people, in the order in which they came on the list."""
    return [_opened(record, row) for row in MINE.rows(record.session)]


def find(record: Record, contact_id: UUID) -> Card:
    return _opened(record, _row(record, contact_id))


def shown(record: Record) -> dict[str, Any]:
    """What the page shows: one's people, and whether there is room for one more."""
    contacts = mine(record)
    return {"contacts": contacts, "room": len(contacts) < MOST}


def answers(card: Card) -> dict[str, Any]:
    """What the form starts with when somebody is changed."""
    return asdict(card)


def add(record: Record, form: ContactForm) -> Card | None:
    """Somebody comes on the list. Sent twice, they are on it once; None: the id is that of another on it."""
    row = Contact(id=form.id, kept_at=record.now, **_sealed(record, form))
    fresh = keep(record.session, row)
    card = find(record, form.id)
    return card if fresh or card.says(form) else None


def added(record: Record, form: Posted[ContactForm]) -> Card | None:
    """Carry a form out. None: it is refused, and says so itself. Another under a kept number gets one of their own."""
    if not form.refused and _full(record, form.values.id):
        form.refuse("", FULL, most=MOST)
    if form.refused:
        return None
    card = add(record, form.values)
    if card is None:
        form.refuse("id", ANOTHER)
    return card


def amended(record: Record, contact_id: UUID, form: Posted[ContactForm]) -> Card | None:
    """Carry a change out. None: it is refused or was overtaken, and says so itself. Sent twice, it changes once."""
    row = _row(record, contact_id, locked=True)
    card = _opened(record, row)
    if form.about(contact_id).refused:
        return None
    if not form.changes(card):
        return None if form.refused else card
    row.sqlmodel_update(_sealed(record, form.values) | {"version": card.version + 1})
    record.session.flush()
    return _opened(record, row)


def remove(record: Record, contact_id: UUID) -> None:
    """Off the list, and destroyed. Who is not on it stays off it: sent twice it does nothing, and tells nothing."""
    record.session.execute(delete(Contact).where(col(Contact.id) == contact_id))


def _row(record: Record, contact_id: UUID, locked: bool = False) -> Contact:
    asked = select(Contact).where(Contact.id == contact_id)
    row = record.session.exec(asked.with_for_update() if locked else asked).first()
    if row is None:
        raise NotYours("contact")
    return row


def _full(record: Record, but: UUID) -> bool:
    return sum(card.id != but for card in mine(record)) >= MOST


def _sealed(record: Record, form: ContactForm) -> dict[str, Any]:
    return {column: record.seal(Contact, column, form.id, getattr(form, column)) for column in SEALED}


def _opened(record: Record, row: Contact) -> Card:
    words = {
        column: record.unseal(Contact, column, row.id, getattr(row, column), row.participant_id) for column in SEALED
    }
    return Card(id=row.id, version=row.version, **words)
