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
from typing import Any
from urllib.parse import urlencode

from app import main
from bench.figures import Figure
from tests.attack.described import who
from tests.attack.scripted import settled
from tests.faults import NotHere
from tests.faults.ground import Ground, grounds
from tests.matrix import Address, Ana, addresses, filled

AT_ONCE, SECONDS = 3, 240
HOW = (
    "--batch", "--level=1", "--risk=1", "--technique=BEU", "--flush-session", "--disable-coloring", "--timeout=20",
    "--retries=1", "--skip-waf", "--ignore-code=*",
)  # fmt: skip
TRIED = re.compile(r"testing for SQL injection on [\w() ]*parameter '([^']+)'")
FOUND = re.compile(r"^Parameter: (.+)$", re.MULTILINE)


@dataclass
class Target:
    """One address with what is sent to it; a star marks where the path takes something."""

    url: str
    cookie: str
    data: str

    def command(self, folder: str) -> list[str]:
        origin = re.match(r"https?://[^/]+", self.url)
        assert origin
        ours = f"Sec-Fetch-Site: same-origin\nOrigin: {origin[0]}"
        told = ["sqlmap", "-u", self.url, *HOW, f"--output-dir={folder}", f"--headers={ours}"]
        return (
            told + ([f"--cookie={self.cookie}"] if self.cookie else []) + ([f"--data={self.data}"] if self.data else [])
        )


def run(seed: int, many: int) -> Iterator[Figure]:
    """So many addresses on each database, chosen by the seed; all of them when there are not more."""
    if not shutil.which("sqlmap"):
        raise NotHere("sqlmap is not installed (apt-get install sqlmap)")
    for made in grounds():
        every = list(targets(made, settled(made)))
        those = Random(seed).sample(every, min(many, len(every)))
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as hands:
            told = list(hands.map(partial(_tried, folder), those))
        yield Figure(f"sql_parameters_{made.name}", sum(tried for tried, _, _ in told), "parameters", len(those))
        yield Figure(f"sql_cut_short_{made.name}", sum(cut for _, _, cut in told), "addresses", len(those))
        yield Figure(f"sql_injectable_{made.name}", sum(len(found) for _, found, _ in told), "parameters", len(those))


def targets(made: Ground, ana: Ana) -> Iterator[Target]:
    """Every address that takes anything, but for those that would sign somebody out."""
    app: Any = main.create_app(made.house)
    cookies = {name: _cookie(made, name) for name in ("ana", "cora", "pat", "sam")} | {"": ""}
    for address in addresses(app):
        if address.path.startswith(("/sign-", "/static", "/offline")) or not _takes(address):
            continue
        named = {name: f"{ana.values(name)[0]}*" for name in address.names}
        asked = f"?{urlencode(dict.fromkeys(address.asked, 'a'))}" if address.asked else ""
        # A path or a form: with both marked, the form would be left out.
        if address.names:
            yield Target(made.url + address.path.format(**named) + asked, cookies[who(address)], "")
        elif asked:
            yield Target(made.url + address.path + asked, cookies[who(address)], "")
        if address.form:
            body = urlencode(filled(address.form, coach=made.cast.cora, session=ana.group))
            plain = {name: str(ana.values(name)[0]) for name in address.names}
            yield Target(made.url + address.path.format(**plain), cookies[who(address)], body)


def _takes(address: Address) -> bool:
    return bool(address.names or address.asked or address.form)


def _cookie(made: Ground, name: str) -> str:
    with made.browser(name) as here:
        return here.headers["Cookie"]


def _tried(folder: str, target: Target) -> tuple[int, list[str], bool]:
    """How many parameters were tried, which of them gave in, and whether time ran out."""
    try:
        done = subprocess.run(
            target.command(folder),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode(errors="replace")
        return len(set(TRIED.findall(said))), FOUND.findall(said), True
    return len(set(TRIED.findall(done.stdout))), FOUND.findall(done.stdout), False
