"""A storm over two people and a phone: what they logged is kept, once, by them; and the phone is searched in vain."""

from collections.abc import Iterator

from playwright.sync_api import BrowserType, sync_playwright

from bench.figures import Figure
from tests.faults import urging
from tests.faults.phone import on_phone
from tests.faults.server import stand
from tests.faults.storm import Storm
from tests.faults.writing import judge


def run(seed: int, submissions: int) -> Iterator[Figure]:
    with sync_playwright() as playwright:
        yield from figures(playwright.chromium, seed, submissions)


def figures(chrome: BrowserType, seed: int, submissions: int) -> Iterator[Figure]:
    with stand() as at:
        with on_phone(chrome, at.folder / "phone", at.url) as phone:
            storm = Storm(seed, at, phone)
            storm.rage(submissions)
            left, searched = storm.clear_up(), storm.control()
        kept, loops = at.kept(), storm.urging
        found = judge(storm.hand.wrote, urging.without(kept))._asdict()
        urges = urging.judge(loops.urges, kept)._asdict()
        broke, deaths, did = len(at.server.traces()), at.server.deaths, at.proxy.did
    found |= {"left_waiting": left, "plaintext_found": len(storm.found), "control_not_found": not searched}
    found |= {"traces": broke, "server_kills": deaths, "pages_without_signal": storm.hand.without_signal}
    found |= {"looks_while_something_waited": storm.looks}
    found |= {f"posts_{fate}": times for fate, times in sorted(did.items())}
    found |= {f"{step}_steps": times for step, times in sorted(storm.did.items())}
    for name, value in found.items():
        yield Figure(f"offline_{name}", value, "", submissions)
    urges |= {"forgotten": loops.forgotten, "broken_off": loops.broken, "gone_on_with": loops.resumed}
    for name, value in urges.items():
        yield Figure(f"urge_loops_{name}", value, "", len(loops.urges))
    yield Figure("offline_slowest_answer", round(storm.hand.slowest, 2), "s", submissions)
