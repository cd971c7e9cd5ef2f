"""The routes: nouns in the address, and in each module the functions index show new create edit update destroy."""

from app.routes import (
    accounts,
    attendance,
    caseload,
    checkins,
    contacts,
    entries,
    feeds,
    groups,
    help,
    homework,
    install,
    invites,
    journal,
    letters,
    me,
    moods,
    packet,
    people,
    phases,
    practices,
    presence,
    pwa,
    recovery,
    review,
    room,
    schedule,
    sessions,
    setbacks,
    skills,
    supporting,
    today,
    triggers,
    urges,
    welcome,
)  # fmt: skip

ROUTERS = [
    module.router
    for module in (
        accounts, attendance, caseload, checkins, contacts, entries, feeds, groups, help, homework, install,
        invites, journal, letters, me, moods, packet, people, phases, practices, presence, pwa, recovery, review,
        room, schedule, sessions, setbacks, skills, supporting, today, triggers, urges, welcome,
    )
]  # fmt: skip
