"""The routes: nouns in the address, and in each module the functions index show new create edit update destroy."""

from app.routes import (
    accounts,
    caseload,
    checkins,
    contacts,
    entries,
    help,
    install,
    invites,
    journal,
    me,
    moods,
    people,
    pwa,
    review,
    supporting,
    today,
    welcome,
)  # fmt: skip

ROUTERS = [
    module.router
    for module in (
        accounts, caseload, checkins, contacts, entries, help, install, invites, journal, me, moods, people, pwa,
        review, supporting, today, welcome,
    )
]  # fmt: skip
