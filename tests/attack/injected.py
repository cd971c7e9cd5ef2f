"""sqlmap over the parameters of every form and address, against a real server on each database.

A program of its own (GPL), run from outside: no part of the product. Error-, boolean- and union-based, level 1; not by
waiting, as a machine that is busy waits too.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx2 as httpx

from app import main
from bench.figures import Figure
from tests.attack.described import who
from tests.attack.planted import hole
from tests.attack.scripted import settled
from tests.faults import NotHere
from tests.faults.ground import Ground, grounds
from tests.matrix import Address, Ana, addresses, filled

AT_ONCE, SECONDS = 3, 240
HOW = (
    "--batch", "--level=1", "--risk=1", "--technique=BEU", "--flush-session", "--disable-coloring", "--timeout=20",
    "--retries=1", "--skip-waf", "--ignore-code=*",
)  # fmt: skip
NO_WAY_IN = (401, 404, 405)
TRIED = re.compile(r"testing for SQL injection on [\w() ]*parameter '([^']+)'")
FOUND = re.compile(r"^Parameter: (.+)$", re.MULTILINE)


@dataclass
class Target:
    """One address with what is sent to it; a star marks where the path takes something."""

    url: str
    cookie: str
    data: str
    method: str

    def answer(self) -> int:
        """The status that it is answered with as it stands, without the star."""
        origin = re.match(r"https?://[^/]+", self.url)
        assert origin
        said = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Origin": origin[0]}
        form = {"Content-Type": "application/x-www-form-urlencoded"} if self.data else {}
        url = self.url.replace("*", "")
        # The head is enough: a stream of events has no end.
        with httpx.stream(self.method, url, headers=said | form, content=self.data, timeout=20) as found:
            return found.status_code

    def command(self, folder: str) -> list[str]:
        origin = re.match(r"https?://[^/]+", self.url)
        assert origin
        told = [
            "sqlmap", "-u", self.url, f"--method={self.method}", *HOW, f"--output-dir={folder}",
            f"--headers=Sec-Fetch-Site: same-origin\nOrigin: {origin[0]}",
        ]  # fmt: skip
        return (
            told + ([f"--cookie={self.cookie}"] if self.cookie else []) + ([f"--data={self.data}"] if self.data else [])
        )


class Tried(NamedTuple):
    """What sqlmap said of a target: parameters tried, which of them gave in, whether time ran out, whether the code was
    reached at all."""

    tried: int = 0
    found: tuple[str, ...] = ()
    cut: bool = False
    reached: bool = True


def run(seed: int, many: int) -> Iterator[Figure]:
    """So many addresses on each database, chosen by the seed; all of them when there are not more."""
    if not shutil.which("sqlmap"):
        raise NotHere("sqlmap is not installed (apt-get install sqlmap)")
    with hole() as url, tempfile.TemporaryDirectory() as folder:
        planted = _tried(folder, [Target(url, "", "", "GET")])
    yield Figure("sql_control_not_found", int(not planted.found), "holes", 1)
    for made in grounds():
        every = list(targets(made, settled(made)))
        those = Random(seed).sample(every, min(many, len(every)))
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as hands:
            told = list(hands.map(partial(_tried, folder), those))
        yield Figure(f"sql_not_reached_{made.name}", sum(not one.reached for one in told), "addresses", len(those))
        yield Figure(f"sql_parameters_{made.name}", sum(one.tried for one in told), "parameters", len(those))
        yield Figure(f"sql_cut_short_{made.name}", sum(one.cut for one in told), "addresses", len(those))
        yield Figure(f"sql_injectable_{made.name}", sum(len(one.found) for one in told), "parameters", len(those))


def targets(made: Ground, ana: Ana) -> Iterator[list[Target]]:
    """Every address that takes anything, but for those that would sign somebody out: with each of the things of Ana's
    that its path may name. Which of them it takes, it says itself."""
    app: Any = main.create_app(made.house)
    cookies = {name: _cookie(made, name) for name in ("ana", "cora", "pat", "sam")} | {"": ""}
    for address in addresses(app):
        if address.path.startswith(("/sign-", "/static", "/offline")) or not _takes(address):
            continue
        asked = f"?{urlencode(dict.fromkeys(address.asked, 'a'))}" if address.asked else ""
        body = urlencode(filled(address.form, coach=made.cast.cora, session=ana.group)) if address.form else ""
        sent = partial(Target, cookie=cookies[who(address)], method=address.method)
        if address.names:
            # With a star in the path only the path is tried: the form goes along, so that the path is got to.
            yield [sent(made.url + path + asked, data=body) for path in _paths(address, ana, "*")]
        elif asked:
            yield [sent(made.url + address.path + asked, data="")]
        if body:
            yield [sent(made.url + path, data=body) for path in _paths(address, ana)]


def _paths(address: Address, ana: Ana, star: str = "") -> list[str]:
    """Its path, with one after the other of what its names may stand for."""
    values = {name: ana.values(name) for name in address.names}
    longest = max(map(len, values.values()), default=1)
    named = ({name: f"{those[n % len(those)]}{star}" for name, those in values.items()} for n in range(longest))
    return [address.path.format(**each) for each in named]


def _takes(address: Address) -> bool:
    return bool(address.names or address.asked or address.form)


def _cookie(made: Ground, name: str) -> str:
    with made.browser(name) as here:
        return here.headers["Cookie"]


def _tried(folder: str, those: list[Target]) -> Tried:
    target = next((one for one in those if one.answer() not in NO_WAY_IN), None)
    if target is None:
        return Tried(reached=False)
    try:
        done = subprocess.run(
            target.command(folder), capture_output=True, text=True, timeout=SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode(errors="replace")
        return Tried(len(set(TRIED.findall(said))), tuple(FOUND.findall(said)), cut=True)
    return Tried(len(set(TRIED.findall(done.stdout))), tuple(FOUND.findall(done.stdout)))
