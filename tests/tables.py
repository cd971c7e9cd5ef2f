"""What the models and the guard say of every table, and the routes of who is let in, as docs/security.md tells it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import JSON, LargeBinary, Table
from sqlalchemy.sql.elements import False_
from sqlmodel import AutoString, SQLModel

from app.guard import Reader, criterion, may_keep
from app.owned import Role, guarded
from tests.test_access import PUBLIC

NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
# The keeper is what runs without a person: an invite that is accepted, a clock. It reads and writes all of a program.
ROLES = [role for role in get_args(Role) if role != "keeper"]
HASHED, WRAPPED = ("_hash", "digest", "mac", "who"), ("key",)


def may(role: Role, model: Any) -> str:
    """ "rw", "r", "w" or "–": of their own record for participants, of one that is open to them for others."""
    reader = Reader(UUID(int=1), UUID(int=2), role, NOW, NOW.date(), UUID(int=2 if role == "participant" else 3))
    reads = not isinstance(criterion(reader, model), False_)
    return ("r" if reads else "") + ("w" if may_keep(reader, model) else "") or "–"


def rules() -> str:
    """Table × role, from the guard itself (8.1.1)."""
    lines = ["| table | read as | " + " | ".join(ROLES) + " |\n", "|---|---|" + "---|" * len(ROLES) + "\n"]
    for table, model in sorted(guarded().items(), key=lambda one: one[0].name):
        rights = " | ".join(may(role, model) for role in ROLES)
        lines.append(f"| `{table.name}` | {getattr(model, 'read_as', 'program')} | {rights} |\n")
    return "".join(lines)


def kept() -> str:
    """Table × how its columns are protected, from the models (14.1.1). Numbers, dates, ids and flags are in clear."""
    heads = "| table | sealed | hashed, or wrapped by a key | text in clear |\n|---|---|---|---|\n"
    return heads + "".join(
        f"| `{table.name}` | {_list(sealed(table))} | {_list(marks(table))} | {_list(clear(table))} |\n"
        for table in sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)
    )


def sealed(table: Table) -> Iterator[str]:
    found = set(marks(table))
    yield from (one.name for one in table.columns if isinstance(one.type, LargeBinary) and one.name not in found)


def marks(table: Table) -> Iterator[str]:
    for one in table.columns:
        if isinstance(one.type, LargeBinary) and (one.name.endswith(HASHED) or one.name in WRAPPED):
            yield one.name


def clear(table: Table) -> Iterator[str]:
    yield from (one.name for one in table.columns if isinstance(one.type, AutoString | JSON))


def ways() -> str:
    """What is open to whoever is not signed in, with the reason, from the list that the tests hold the routes to."""
    return "| open | why |\n|---|---|\n" + "".join(f"| `{one}` | {why} |\n" for one, why in PUBLIC.items())


def _list(names: Iterator[str]) -> str:
    return ", ".join(names) or "–"
