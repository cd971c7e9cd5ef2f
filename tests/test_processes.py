"""Several web processes on one machine: one address, one that dies is started again, all end when they are told to."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.running import ROOT, answers, environment, free_port, program, wait_for


def children(of: int) -> list[int]:
    """The web processes below one; the last of its children watches over what they share."""
    found = [int(one) for one in Path(f"/proc/{of}/task/{of}/children").read_text().split()]
    return [one for one in found if "spawn_main" in Path(f"/proc/{one}/cmdline").read_text()]


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 90
    while not holds() and time.monotonic() < until:
        time.sleep(0.1)
    return holds()


def test_as_many_as_were_asked_for_and_none_is_missed(tmp_path: Path) -> None:
    port, said = free_port(), tmp_path / "said"
    chosen = environment(port=port, data=tmp_path / "data", processes=2)
    url = f"http://localhost:{port}"
    with (
        said.open("w+") as words,
        program((sys.executable, "-m", "app.cli", "serve"), words, cwd=ROOT, env=chosen) as server,
    ):
        wait_for(url, server, words, patience=120)
        before = children(server.pid)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        assert all(answers(url) for _ in range(5))
        assert soon(lambda: len(children(server.pid)) == 2 and before[0] not in children(server.pid))
        assert answers(url)
        last = children(server.pid)
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        assert not [one for one in last if Path(f"/proc/{one}").exists()]
    assert '"ERROR"' not in re.sub(r"[^\n]*Child process[^\n]*\n", "", said.read_text())
