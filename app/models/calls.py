"""“I need someone to call me”: first on the list of whoever coaches somebody, at once."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from app.forms import NewForm, Posted
from app.models import flags, people, rules
from app.models.flags import Flag, Raised
from app.record import Record

RULE = "call-me"
# Asked again within that while it is the same call: somebody who taps twice is waiting, not asking for two.
SAME = timedelta(minutes=15)


class CallForm(NewForm):
    """One button, under the id that its page made."""


def ask(record: Record, form: Posted[CallForm]) -> Posted[CallForm]:
    """Raise it. Sent twice, or again in a few minutes, it is one."""
    if form.refused:
        return form
    last = latest(record)
    if last is None or last.clearance or record.now - last.at > SAME:
        flags.keep(record, [rules.call_me(str(form.values.id))])
    return form


def latest(record: Record) -> Raised | None:
    """The call that was asked for last."""
    asked = select(Flag.id).where(Flag.rule == RULE).order_by(col(Flag.raised_at).desc(), col(Flag.id).desc())
    flag_id = record.session.exec(asked.limit(1)).first()
    return flags.find(record, flag_id) if flag_id else None


def desk(record: Record) -> dict[str, Any]:
    """Who would call, and what became of the last one of these days."""
    call = latest(record)
    recent = call and record.now - call.at < timedelta(days=3)
    return {
        "coaches": people.coach_names(record), "call": call if recent else None,
        "answer_by": record.program.answer_by(record.now),
    }  # fmt: skip
