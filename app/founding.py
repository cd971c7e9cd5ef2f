"""A program begins: its key, its hours, its phases, and the first manager's invite."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.access import House, opened
from app.database import new_id
from app.lib.vault import new_key, place
from app.models import invites
from app.models.invites import Plan
from app.models.program import Phase, Program

# The usual way down: five sessions a week, then three, then one.
TAPER = ((5, 4), (3, 4), (1, 4))


@dataclass(frozen=True)
class Charter:
    """What a program is founded with. `taper` is (sessions a week, weeks) for each phase."""

    name: str
    zone: str
    crisis_name: str = ""
    crisis_phone: str = ""
    taper: Sequence[tuple[int, int]] = TAPER


def found(house: House, charter: Charter) -> UUID:
    """Make a program; answers its id."""
    program_id = new_id()
    key = house.master.wrap(new_key(), place(program_id, "program", "key", program_id))
    with house.database.session() as session:
        session.add(
            Program(
                id=program_id, name=charter.name, zone=charter.zone, key=key,
                crisis_name=charter.crisis_name, crisis_phone=charter.crisis_phone,
            )
        )  # fmt: skip
    with opened(house, program_id, "keeper", program_id) as record:
        for number, (sessions, weeks) in enumerate(charter.taper, start=1):
            name = f"Phase {number}"
            record.session.add(Phase(id=new_id(), number=number, name=name, weeks=weeks, sessions_a_week=sessions))
    return program_id


def invite_manager(house: House, program_id: UUID, name: str, sign_in_name: str) -> str:
    """The link by which the first manager of a program comes in."""
    with opened(house, program_id, "keeper", program_id) as record:
        secret = invites.make(record, Plan("manager", name, sign_in_name), new_id())
    return f"{house.settings.public_url}/invites/{secret}"
