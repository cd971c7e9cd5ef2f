"""F20: the mail server is down for a day. Footbridge sends no mail yet, so there is nothing that could be shown."""

from collections.abc import Iterator

from app.offline import HERE
from bench.figures import Figure
from tests.faults import NotHere


def run(_seed: int, _many: int) -> Iterator[Figure]:
    """As soon as something sends mail, this has failed until somebody writes the proof."""
    sends = [path.name for path in HERE.rglob("*.py") if "smtp" in path.read_text()]
    if not sends:
        raise NotHere("F20: no e-mail is sent yet, so no mail server can be down")
    yield Figure("F20_unshown", len(sends), "modules that send mail", 1)
