"""Demo data: the cast, and a believable month for each, written through the functions that the app itself uses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import select

from app.access import House, opened
from app.founding import Charter, found
from app.lib.passwords import hash_passphrase
from app.lib.vault import name_hash
from app.models import invites, welcome
from app.models.invites import Plan
from app.models.program import Program
from app.settings import Settings

PASSPHRASE = "river stone kettle lamp"
ADDRESS = "{}@footbridge.example"


@dataclass(frozen=True)
class Cast:
    """Who is who. Eli and Fay are in a second program, so that a leak between programs has somebody to leak to."""

    harbor: UUID
    meadow: UUID
    pat: UUID
    cora: UUID
    dov: UUID
    ana: UUID
    ben: UUID
    sam: UUID
    fay: UUID
    eli: UUID


def make_cast(house: House, now: datetime) -> Cast:
    """The two programs and the people in them, as they came: staff first, Ana four weeks ago, Ben this week."""
    harbor = found(house, Charter("Harbor IOP", "America/New_York", "Harbor evening line", "+1-555-010-0100"))
    meadow = found(house, Charter("Meadow Program", "America/Los_Angeles", "Meadow line", "+1-555-010-0200"))
    hashed = hash_passphrase(PASSPHRASE)

    def comes(program: UUID, name: str, role: str, days_ago: int, coach: UUID | None = None) -> UUID:
        at = now - timedelta(days=days_ago)
        plan = Plan(role, name, ADDRESS.format(name.split()[0].lower()), "en", coach, None)
        with opened(house, program, "keeper", program, at=at) as record:
            hashed_name = name_hash(invites.names_key(house.master), plan.sign_in_name)
            return invites.admit(record, plan, hashed, hashed_name)

    pat = comes(harbor, "Pat Moreno", "manager", 90)
    cora, dov = comes(harbor, "Cora Diaz", "coach", 80), comes(harbor, "Dov Stein", "coach", 80)
    fay = comes(meadow, "Fay Lindqvist", "coach", 80)
    cast = Cast(
        harbor=harbor, meadow=meadow, pat=pat, cora=cora, dov=dov, fay=fay,
        ana=comes(harbor, "Ana Keller", "participant", 31, cora),
        ben=comes(harbor, "Ben Ruiz", "participant", 4, dov),
        sam=comes(harbor, "Sam Keller", "supporter", 28),
        eli=comes(meadow, "Eli Novak", "participant", 20, fay),
    )  # fmt: skip
    for program, person, days in ((harbor, cast.ana, 31), (harbor, cast.ben, 4), (meadow, cast.eli, 20)):
        with opened(house, program, "participant", person, person, at=now - timedelta(days=days)) as record:
            welcome.acknowledge(record)
    return cast


def make_once(house: House) -> None:
    """The demo data, unless there is a program already."""
    with house.database.session(writes=False) as session:
        if session.exec(select(Program.id).limit(1)).first():
            return
    make_cast(house, house.clock())


def how_to_sign_in(settings: Settings) -> str:
    """What `make run` prints."""
    rows = (("ana", "participant"), ("ben", "participant, new"), ("cora", "coach of Ana"), ("dov", "coach of Ben"),
            ("sam", "supporter of Ana"), ("pat", "manager"), ("eli", "participant, other program"),
            ("fay", "coach, other program"))  # fmt: skip
    people = "\n".join(f"  {ADDRESS.format(name):28} {what}" for name, what in rows)
    return f"\nFootbridge is at {settings.public_url}\nSign in as\n{people}\nwith the passphrase: {PASSPHRASE}\n"
