"""Pages that stay open: they are told that something changed, and ask for it themselves (server-sent events).

Nothing is kept here: every turn asks the database anew, through the door, so it does not matter which process answers,
and whoever comes back names what they have seen (https://html.spec.whatwg.org/multipage/server-sent-events.html).
"""

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import Request
from fastapi.responses import StreamingResponse

from app.access import House, house_of

# In seconds: how long one answer lasts at most, how often it looks, and after how many ms a browser comes back.
LASTS, TURN, BACK = 240.0, 0.5, 1000
THREADS = 4
_LIMITER: RunVar[CapacityLimiter] = RunVar("watching")


def changes(request: Request, look: Callable[[], str | None], seen: str) -> StreamingResponse:
    """Tells whenever `look` says something else than was `seen`. `look` None: the door is shut; "": nobody knows."""
    known = request.headers.get("last-event-id") or seen
    return StreamingResponse(_told(request, look, known), media_type="text/event-stream")


async def _told(request: Request, look: Callable[[], str | None], known: str) -> AsyncIterator[str]:
    until, closing = time.monotonic() + LASTS, house_of(request).closing
    yield f"retry: {BACK}\n\n"
    while True:
        now = await to_thread.run_sync(look, limiter=_threads())
        if now is None:
            yield "event: shut\ndata:\n\n"
            return
        if now and now != known:
            known = now
            yield f"event: change\nid: {now}\ndata: {now}\n\n"
        if closing.is_set() or time.monotonic() >= until:
            return
        await asyncio.sleep(TURN)


def _threads() -> CapacityLimiter:
    """Those that look have a few threads of their own: they take none from who asks for a page."""
    try:
        return _LIMITER.get()
    except LookupError:
        _LIMITER.set(CapacityLimiter(THREADS))
        return _LIMITER.get()


@contextmanager
def until_told(house: House) -> Iterator[None]:
    """When the server is told to end, so are the pages that stay open: it would wait for them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def told(number: int, frame: Any) -> None:
        house.closing.set()
        ended = before[signal.Signals(number)]
        if callable(ended):
            ended(number, frame)

    for number in before:
        signal.signal(number, told)
    yield
    for number, ended in before.items():
        signal.signal(number, ended)
