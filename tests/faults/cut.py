"""The line is cut at each step of a post: before it is there, within it, and between its being kept and the word."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from playwright.sync_api import Page, sync_playwright

from app.database import new_id
from bench.figures import Figure
from tests.faults.phone import enter, on_phone
from tests.faults.proxy import Asked
from tests.faults.server import stand
from tests.faults.writing import KINDS, SKILL, Wrote, judge, line_for

STEPS = ("refuse", "cut", "drop")

# Seals posts in the outbox, as the forms of the page do: [[id, action, pairs]].
QUEUE = """async posts => {
  for (const [id, action, pairs] of posts)
    await self.outbox.add(id, {action, pairs: [['id', id], ['written_at', new Date().toISOString()], ...pairs]});
}"""
# "Send now", until nothing is left.
SEND = "async () => { while ((await self.outbox.flush()).left.length); }"


class Cuts:
    """Each post is cut once, in one of the ways, and goes through when it comes again."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.seen, self.made = chance, set[str](), Counter[str]()

    def __call__(self, asked: Asked) -> str:
        if asked.id in self.seen:
            return "pass"
        self.seen.add(asked.id)
        step = self.chance.choice(STEPS)
        self.made[step] += 1
        return step


def run(seed: int, posts: int = 1000) -> Iterator[Figure]:
    chance = Random(seed)
    cuts = Cuts(chance)
    with stand() as at, sync_playwright() as playwright:
        with on_phone(playwright.chromium, at.folder / "phone", at.url) as phone:
            enter(phone.tab, "ana")
            at.proxy.fate = cuts
            wrote = queue(phone.tab, chance, posts)
            phone.tab.evaluate(SEND)
        found = judge(wrote, at.kept())
    yield Figure("F16_posts", found.submitted, "posts", posts)
    for step, name in zip(STEPS, ("before", "within", "after"), strict=True):
        yield Figure(f"F16_{name}", cuts.made[step], "cuts", posts)
    for name in ("kept", "lost", "doubled", "misplaced"):
        yield Figure(f"F16_{name}", getattr(found, name), "entries", posts)


def queue(page: Page, chance: Random, posts: int) -> list[Wrote]:
    """So many of Ana's, in the outbox before the first of them is sent."""
    wrote = [_made(chance, number) for number in range(posts)]
    page.evaluate(QUEUE, [_post(one) for one in wrote])
    return wrote


def _made(chance: Random, number: int) -> Wrote:
    action = chance.choice(list(KINDS))
    words = "" if action == "/moods" else line_for(chance, f"number {number}:")
    return Wrote("ana", action, words, chance.randint(1, 5), ids={str(new_id())}, sure=True)


def _post(one: Wrote) -> list[Any]:
    [number] = one.ids
    also = [["skill", SKILL]] if one.action == "/practices" else []
    return [number, one.action, [[one.scale, str(one.mood)], *([["words", one.text()]] if one.words else []), *also]]
