"""Schemathesis against every route, forms included, within this process: nothing breaks, nothing of ours is told."""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core import NotSet
from starlette.testclient import TestClient

from app import demo, main
from app.access import House
from bench.figures import Figure
from tests.attack.described import described, who
from tests.faults.ground import grounds
from tests.matrix import ORIGIN, OURS, Address, addresses, browser, settle

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
INSIDES = re.compile(r'Traceback|File "/|sqlalchemy|pydantic|psycopg|sqlcipher|Input should be', re.IGNORECASE)
HOW: dict[str, Any] = {"database": None, "deadline": None, "phases": [Phase.generate]}
HOW |= {"suppress_health_check": list(HealthCheck)}
FORM = "application/x-www-form-urlencoded"


class Fuzzed:
    """`requests` were made of `routes`; `broken` and `told` name each request after which something was wrong."""

    def __init__(self, house: House, cast: demo.Cast) -> None:
        self.house, self.ana, self.app = house, settle(house, cast), main.serve(house)
        self.people: dict[str, TestClient] = {}
        self.requests, self.routes = 0, 0
        self.broken: list[str] = []
        self.told: list[str] = []

    def run(self, seed: int, many: int) -> "Fuzzed":
        """So many requests of each kind (as the schema says, and not) for each route. Signing out comes last."""
        app: Any = self.app.app
        schema = schemathesis.openapi.from_dict(described(app, self.ana))
        asked = {found.ok().label: found.ok() for found in schema.get_all_operations()}
        for address in sorted(addresses(app), key=lambda one: one.path == "/sign-out"):
            self.routes += 1
            for mode in MODES:
                # What takes nothing can be asked in no wrong way.
                with suppress(Unsatisfiable):
                    self._try(address, asked[str(address)].as_strategy(mode), hypothesis.seed(seed), many)
        return self

    def _try(self, address: Address, cases: Any, seeded: Any, many: int) -> None:
        @seeded
        @hypothesis.settings(max_examples=many, **HOW)
        @hypothesis.given(cases)
        def send(case: Case) -> None:
            self._judge(address, case, self._answer(address, case))

        send()

    def _answer(self, address: Address, case: Case) -> Any:
        self.requests += 1
        body = {} if isinstance(case.body, NotSet) else case.body
        pairs = body.items() if isinstance(body, dict) else [("", body)]
        said = urlencode([(name, value) for name, value in pairs], doseq=True, errors="surrogatepass")
        content = {"content": said, "headers": OURS | {"Content-Type": FORM}} if case.method == "POST" else {}
        return self._at(who(address)).request(case.method, case.formatted_path, params=case.query or {}, **content)

    def _at(self, name: str) -> TestClient:
        """Their browser; a new one where they were signed out by what was sent."""
        if name not in self.people or (name and self.people[name].get("/me").status_code != 200):
            self.people[name] = browser(self.app, name) if name else TestClient(self.app, base_url=ORIGIN)
            self.people[name].follow_redirects = False
        return self.people[name]

    def _judge(self, address: Address, case: Case, answer: Any) -> None:
        label = f"{address} {case.formatted_path!r} {case.body!r}: {answer.status_code}"
        kind = answer.headers.get("content-type", "")
        # Asked whether it is ready, a house that is about to end says no.
        broken = answer.status_code >= 500 and address.path not in ("/readyz", "/health")
        if broken or "Content-Security-Policy" not in answer.headers:
            self.broken.append(label)
        if INSIDES.search(answer.text) or (kind.startswith("text/") and "charset=utf-8" not in kind):
            self.told.append(label)


def run(seed: int, many: int) -> Iterator[Figure]:
    """So many requests of each kind for each route, on each database."""
    logging.getLogger("footbridge").setLevel(logging.CRITICAL)
    for made in grounds():
        house = main.build(made.house.settings.model_copy(update={"public_url": ORIGIN}))
        done = Fuzzed(house, made.cast).run(seed, many)
        house.database.engine.dispose()
        for label in (*done.broken, *done.told):
            print(f"  {label[:400]}")
        yield Figure(f"fuzz_requests_{made.name}", done.requests, "requests", done.routes)
        yield Figure(f"fuzz_broken_{made.name}", len(done.broken), "requests", done.requests)
        yield Figure(f"fuzz_told_{made.name}", len(done.told), "requests", done.requests)
