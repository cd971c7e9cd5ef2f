"""The operator's page: its commands do what it says, its units and its proxy are such as their programs take."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.settings import Settings
from bench import running

ROOT = Path(__file__).parent.parent
PAGE, DEPLOY = ROOT / "docs/operations.md", ROOT / "docs/deploy"


def ran(command: list[str], **also: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **also)  # type: ignore[call-overload,no-any-return]


def test_every_command_of_the_page_can_be_given(tmp_path: Path) -> None:
    """The blocks marked `sh`, one after the other, in an empty folder."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    assert len(blocks) >= 3
    settings = running.environment(data=tmp_path / "data", backups=tmp_path / "backups")
    settings["PATH"] = f"{ROOT / '.venv/bin'}{os.pathsep}{settings['PATH']}"
    done = ran(["sh", "-ec", "".join(blocks)], env=settings, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "/invites/" in done.stdout
    assert re.search(r"^ok +backups .*found whole", done.stdout, re.M)
    assert not re.search(r"^fail", done.stdout, re.M)


def test_every_command_that_the_page_names_exists() -> None:
    from app import cli

    named = set(re.findall(r"(?:`|^)(?:footbridge|as-footbridge) ([a-z-]+)", PAGE.read_text(), re.M))
    assert named and named <= {*cli.COMMANDS, *cli.ON_BACKUPS}


def test_the_settings_it_writes_are_settings() -> None:
    told = set(re.findall(r"FOOTBRIDGE_([A-Z_]+)", PAGE.read_text() + "".join(map(Path.read_text, DEPLOY.iterdir()))))
    assert told <= {name.upper() for name in Settings.model_fields}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")
def test_the_units_are_taken_by_systemd(tmp_path: Path) -> None:
    for unit in DEPLOY.glob("*.service"):
        # The program is not where it will be: anything that can be run stands for it.
        (tmp_path / unit.name).write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text()))
        done = ran(["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)])
        assert (done.returncode, done.stderr) == (0, "")


def test_the_units_differ_in_what_they_run_alone() -> None:
    server, worker = (
        {line for line in (DEPLOY / f"{name}.service").read_text().splitlines() if not line.startswith("#")}
        for name in ("footbridge", "footbridge-worker")
    )
    names = {line.partition("=")[0] for line in server ^ worker}
    assert names == {"Description", "After", "ExecStart", "Environment"}


@pytest.mark.skipif(not shutil.which("caddy"), reason="Caddy is not on this machine: apt install caddy")
def test_the_proxys_file_is_taken_by_caddy(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = ran(["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")], env=env)
    assert done.returncode == 0 and "Unnecessary" not in done.stderr, done.stderr
