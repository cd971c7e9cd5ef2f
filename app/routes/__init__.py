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
    practices,
    pwa,
    review,
    skills,
    supporting,
    today,
    triggers,
    welcome,
)  # fmt: skip

ROUTERS = [
    module.router
    for module in (
        accounts, caseload, checkins, contacts, entries, help, install, invites, journal, me, moods, people, practices,
        pwa, review, skills, supporting, today, triggers, welcome,
    )
]  # fmt: skip
