"""The access log's chain as one who keeps the house looks after it: verified each day, its heads kept outside (L25)."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from app.access import House, opened
from app.migrate import Trouble
from app.models.links import Chain, end, verify
from app.models.openings import Opening
from app.models.program import program_ids

Heads = dict[UUID, tuple[int, str]]
log = logging.getLogger("footbridge")


def heads(house: House) -> Heads:
    """The end of each program's chain: how many looks, and the last one's seal in hex."""
    found = {}
    for program in programs(house):
        with opened(house, program, "keeper", program, writes=False) as record:
            number, mac = end(record)
        found[program] = number, mac.hex()
    return found


def programs(house: House) -> list[UUID]:
    with house.database.session(writes=False) as session:
        return sorted(program_ids(session))


def verified(house: House, *anchors: Heads) -> Iterator[tuple[UUID, Chain]]:
    """Every program's chain, reckoned again. `anchors`: heads as they were known elsewhere."""
    for program in programs(house):
        known = [those[program] for those in anchors if program in those]
        with opened(house, program, "keeper", program, writes=False) as record:
            yield program, verify(record, Opening, known)


def anchor(house: House) -> Heads:
    """The heads that this machine found whole when it looked last."""
    path = house.settings.data / "anchor.json"
    return told(path, json.loads) if path.exists() else {}


def told(path: Path, read: Callable[[str], Any]) -> Heads:
    """Heads as they stand in a file. Raises Trouble where they do not: it may be no accident."""
    try:
        return {UUID(program): (int(number), str(mac)) for program, (number, mac) in read(path.read_text()).items()}
    except (ValueError, TypeError, AttributeError, KeyError):
        raise Trouble(f"The heads of the access log in {path} cannot be read: the file was changed.") from None


def watch(house: House) -> bool:
    """Verify all, tell the log, and keep the heads of what is whole. False: somebody was at the access log."""
    known, whole = anchor(house), True
    for program, chain in verified(house, known):
        facts = {"program": str(program), "number": chain.number, "mac": chain.mac.hex()}
        if chain.wrong:
            whole = False
            log.error("the access log was changed", extra={"facts": facts | {"wrong": chain.wrong[:10]}})
        else:
            known[program] = chain.number, chain.mac.hex()
            log.info("anchor", extra={"facts": facts})
    _keep(house, known)
    return whole


def _keep(house: House, known: Heads) -> None:
    path = house.settings.data / "anchor.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Under another name first: half a file would be no anchor.
    half = path.with_name(f"anchor.{os.getpid()}")
    half.write_text(json.dumps({str(program): head for program, head in known.items()}))
    half.replace(path)
