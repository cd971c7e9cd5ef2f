"""The only way in: a link for one person, once, for 72 hours."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from annotated_types import MinLen
from pydantic import BeforeValidator, model_validator
from sqlalchemy import Index, LargeBinary, update
from sqlmodel import Field, Session, SQLModel, col, select

from app.database import Moment, keep, new_id
from app.forms import Form, NewForm, Posted, Text, _, empty_is_none, wrong
from app.lib.passwords import weakness
from app.lib.qr import qr_path
from app.lib.vault import Master, name_hash, place, seal, token, token_hash, unseal
from app.models import covers, people
from app.models.accounts import Passphrase
from app.models.people import Coaching, Episode, Membership, Person
from app.record import Keyring, NotYours, Record

HOURS = 72
FAR = timedelta(days=730)


class Invite(SQLModel, table=True):
    """`plan` (JSON sealed under the program's key) says who is expected, as what."""

    __table_args__ = (Index("invite_of", "program_id", "made_at"),)
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: UUID = Field(unique=True)
    program_id: UUID = Field(foreign_key="program.id")
    made_by: UUID
    made_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    plan: bytes = Field(sa_type=LargeBinary)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)

    def holds(self, now: datetime) -> bool:
        return self.used_at is None and self.revoked_at is None and now < self.expires_at


class InviteForm(NewForm):
    """Who is expected. `sign_in_name`: an e-mail, or a name that the program gives."""

    role: Literal["participant", "coach", "supporter", "manager"] = "participant"
    name: Annotated[Text, MinLen(1)]
    sign_in_name: Annotated[Text, MinLen(3)]
    coach: Annotated[UUID | None, BeforeValidator(empty_is_none)] = None
    starts: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    language: Literal["en", "es"] = "en"

    @model_validator(mode="after")
    def _coached(self) -> "InviteForm":
        if self.role == "participant" and self.coach is None:
            raise wrong(_("Please choose the coach who will read what this person shares."))
        return self

    def plan(self) -> "Plan":
        coached = self.role == "participant"
        coach, starts = (self.coach, self.starts) if coached else (None, None)
        return Plan(self.role, self.name, self.sign_in_name, self.language, coach, starts)


class AcceptForm(Form):
    """The passphrase that somebody chooses when they come in."""

    passphrase: Annotated[str, Field(max_length=1000)]


@dataclass(frozen=True)
class Plan:
    """What an invite makes: a person with a role; for a participant also their coach and first day."""

    role: str
    name: str
    sign_in_name: str
    language: str = "en"
    coach: UUID | None = None
    starts: date | None = None

    @classmethod
    def read(cls, text: str) -> "Plan":
        kept: dict[str, Any] = json.loads(text)
        coach, starts = kept.pop("coach"), kept.pop("starts")
        return cls(
            **kept,
            coach=UUID(coach) if coach else None,
            starts=date.fromisoformat(starts) if starts else None,
        )


def make(record: Record, plan: Plan, invite_id: UUID) -> str:
    """A new invite; answers the token for its link, which is kept nowhere else.

    Sent twice, also in the same moment, there is still one invite: the second link takes the place of the first.
    """
    secret = token()
    where = place(record.program.id, "invite", "plan", invite_id)
    sealed = seal(record.keyring.program_key, json.dumps(asdict(plan), default=str).encode(), where)
    made = Invite(
        token_hash=token_hash(secret), id=invite_id, program_id=record.program.id, made_by=record.person_id,
        made_at=record.now, expires_at=record.now + timedelta(hours=HOURS), plan=sealed,
    )  # fmt: skip
    if not keep(record.session, made):
        _replace(record, made)
    return secret


def _replace(record: Record, made: Invite) -> None:
    row = record.session.exec(select(Invite).where(Invite.id == made.id).with_for_update()).one()
    if (row.program_id, row.made_by) != (made.program_id, made.made_by) or not row.holds(record.now):
        raise NotYours("invite")
    row.token_hash, row.plan, row.made_at, row.expires_at = made.token_hash, made.plan, made.made_at, made.expires_at
    record.session.flush()


def starts(record: Record) -> dict[str, Any]:
    """What the form for a new invite starts with."""
    mine = record.person_id if record.reader.role == "coach" else ""
    return {"role": "participant", "starts": record.today, "language": "en", "coach": mine}


def shown(record: Record, link: str) -> dict[str, Any]:
    """An invite as it is handed over: the link, its QR code, and until when it holds."""
    size, path = qr_path(link)
    return {"link": link, "qr_size": size, "qr": path, "until": record.now + timedelta(hours=HOURS)}


def checked(record: Record, form: Posted[InviteForm], master: Master) -> Posted[InviteForm]:
    """The coach is one of this program, and the name is free in it: what its own staff may know."""
    if form.refused:
        return form
    asked = form.values
    if asked.role in people.STAFF and "manager" not in people.roles_of(record.session, record.person_id, record.today):
        form.refuse("role", _("Please choose one of the answers."))
    if asked.coach and asked.coach not in people.with_role(record.session, "coach", record.today):
        form.refuse("coach", _("Please choose one of the coaches."))
    if asked.starts and abs(asked.starts - record.today) > FAR:
        form.refuse("starts", _("That day is years away. Please look at the date once more."))
    if taken(record, asked.sign_in_name, master):
        form.refuse("sign_in_name", _("Somebody in the program signs in with that name already."))
    return form


def taken(record: Record, sign_in_name: str, master: Master) -> bool:
    """Whether somebody of the program signs in with a name."""
    hashed = name_hash(names_key(master), sign_in_name)
    theirs = select(Passphrase.person_id).where(Passphrase.name_hash == hashed)
    return record.session.exec(theirs.where(Passphrase.program_id == record.program.id)).first() is not None


def of_token(session: Session, secret: str, now: datetime) -> Invite:
    """The invite that a link stands for. Used, revoked, expired or never made: there is none."""
    row = session.get(Invite, token_hash(secret))
    if row is None or not row.holds(now):
        raise NotYours("invite")
    return row


def plan_of(keyring: Keyring, row: Invite) -> Plan:
    where = place(row.program_id, "invite", "plan", row.id)
    return Plan.read(unseal(keyring.program_key, row.plan, where).decode())


def use(session: Session, row: Invite, now: datetime) -> None:
    """Single use, also when two browsers send it in the same moment: one of them finds no invite."""
    mine = update(Invite).where(
        col(Invite.id) == row.id, col(Invite.used_at).is_(None), col(Invite.revoked_at).is_(None)
    )
    done: Any = session.execute(mine.values(used_at=now))
    if done.rowcount != 1:
        raise NotYours("invite")


def open_ones(record: Record) -> list[tuple[Invite, Plan]]:
    """The invites of the program that still wait, the newest first."""
    ours = select(Invite).where(Invite.program_id == record.program.id, Invite.expires_at > record.now)
    rows = record.session.exec(ours.order_by(col(Invite.made_at).desc())).all()
    return [(row, plan_of(record.keyring, row)) for row in rows if row.holds(record.now)]


def revoke(record: Record, invite_id: UUID) -> None:
    ours = select(Invite).where(Invite.id == invite_id, Invite.program_id == record.program.id)
    row = record.session.exec(ours).first()
    if row is None:
        raise NotYours("invite")
    row.revoked_at = row.revoked_at or record.now


def good(form: Posted[AcceptForm], plan: Plan, program: str) -> Posted[AcceptForm]:
    """The passphrase is long enough, and nobody who knows the person would guess it."""
    if not form.refused and (weak := weakness(form.values.passphrase, (plan.name, plan.sign_in_name, program))):
        form.refuse("passphrase", weak)
    return form


def accept(record: Record, row: Invite, passphrase: str, master: Master) -> UUID:
    """Use the invite up, and make the person it is for. `passphrase` is hashed. Answers the person's id."""
    use(record.session, row, record.now)
    plan = plan_of(record.keyring, row)
    return admit(record, plan, passphrase, name_hash(names_key(master), plan.sign_in_name))


def admit(record: Record, plan: Plan, passphrase: str, hashed_name: bytes) -> UUID:
    """Make the person that a plan describes; `passphrase` is its argon2id hash. Answers the person's id.

    Raises NotYours when somebody of the program has come in with that name meanwhile.
    """
    person, program, day = new_id(), record.program.id, record.today
    record.keyring.make(person)
    name = record.seal(Person, "name", person, plan.name, owner=person)
    record.session.add(Person(program_id=program, id=person, name=name or b"", language=plan.language))
    record.session.flush()
    record.session.add(Membership(program_id=program, id=new_id(), person_id=person, role=plan.role, since=day))
    way_in = Passphrase(
        program_id=program, person_id=person, name_hash=hashed_name, passphrase=passphrase, changed_at=record.now
    )
    if not keep(record.session, way_in):
        raise NotYours("they came in by another link")
    if plan.role == "participant" and plan.coach:
        starts = plan.starts or day
        record.session.add(Episode(id=new_id(), participant_id=person, started_on=starts))
        covers.given(record, Coaching(id=new_id(), participant_id=person, coach_id=plan.coach, since=day))
    record.session.flush()
    return person


def names_key(master: Master) -> bytes:
    return master.derive("names")
