"""Setting up as a stranger would: the pins, `make run`, and the Dockerfile's own steps in an empty folder."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from urllib.error import URLError
from urllib.request import urlopen

import pytest

PROJECT = Path(__file__).parent.parent
OWN_COMMANDS = str(Path(sys.prefix) / "bin")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|--(?:extra-)?index-url|--find[-]links"
)


def tracked() -> list[Path]:
    """Every file that is in the repository or about to be, relative to the project."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    return sorted(Path(name) for name in names.split("\0") if name and (PROJECT / name).is_file())


def copied(paths: list[Path], to: Path) -> Path:
    for path in paths:
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / path, to / path)
    return to


def environment(path: str) -> dict[str, str]:
    """This process's environment, without what `make test` or the tester has set for Footbridge."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FOOTBRIDGE_", "MAKE", "MFLAGS"))}
    return {**kept, "PATH": path}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def status_once_up(url: str, server: subprocess.Popen[str], seconds: float) -> int:
    """The status of the first answer; fails with the server's words when it ends or stays silent."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:
                return int(answer.status)
        except URLError:
            time.sleep(0.2)
    os.killpg(server.pid, signal.SIGKILL)
    pytest.fail(f"no answer from {url}: {server.communicate()[0]}")


@contextmanager
def started(command: list[str], cwd: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    server = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield server
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=20)


# The pins


def requirements(path: Path) -> list[str]:
    joined = (PROJECT / path).read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


REQUIREMENT_FILES = sorted(path.name for path in PROJECT.glob("requirements*.txt"))
LOCK_FILES = ["package-lock.json", "bench/lighthouse/package-lock.json"]


@pytest.mark.parametrize("name", REQUIREMENT_FILES)
def test_every_requirement_is_exact_and_hashed(name: str) -> None:
    exact = re.compile(r"[\w.-]+==\S+ .*--hash=sha256:")
    assert not [line for line in requirements(Path(name)) if not exact.match(line)]
    assert "://" not in (PROJECT / name).read_text()


def test_what_the_project_asks_for_is_what_is_pinned() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    groups = [one for group in project["dependency-groups"].values() for one in group if isinstance(one, str)]
    pinned = {re.sub(r"[\s;\\].*", "", line) for line in requirements(Path("requirements-dev.txt"))}
    asked = {re.sub(r"\[.*?\]|;.*", "", one) for one in project["project"]["dependencies"] + groups}
    assert {one.replace("_", "-") for one in asked} <= pinned


@pytest.mark.parametrize("name", LOCK_FILES)
def test_lock_files_hold_hashes_and_no_addresses_of_packages(name: str) -> None:
    packages = json.loads((PROJECT / name).read_text())["packages"]
    installed = {path: package for path, package in packages.items() if path}
    assert installed
    assert not [path for path, package in installed.items() if "resolved" in package]
    assert not [path for path, package in installed.items() if "integrity" not in package]


def test_no_tracked_text_names_a_registry() -> None:
    naming = [path for path in tracked() if REGISTRY.search((PROJECT / path).read_text(errors="replace"))]
    assert not naming


# What stands beside the code


def test_continuous_integration_runs_make_test_and_nothing_cleverer() -> None:
    script = PROJECT / ".ci/run"
    assert script.read_text().splitlines()[1:] == ["set -e", 'cd "$(dirname "$0")/.."', "make test"]
    assert os.access(script, os.X_OK)


def test_the_licence_is_apache_2() -> None:
    text = (PROJECT / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["license"] == "Apache-2.0"


# make


def test_make_says_in_one_sentence_that_python_is_missing(tmp_path: Path) -> None:
    copied([Path("Makefile")], to=tmp_path)
    make = [shutil.which("make") or "make", ".venv/bin/python"]
    ended = subprocess.run(make, cwd=tmp_path, env={"PATH": "/nowhere"}, capture_output=True, text=True)
    assert ended.returncode
    assert "needs Python 3.11 or newer" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.set_up
def test_make_run_serves_from_a_folder_with_spaces(tmp_path: Path) -> None:
    clone = copied(tracked(), to=tmp_path / "a new clone")
    path = os.pathsep.join(one for one in os.environ["PATH"].split(os.pathsep) if one != OWN_COMMANDS)
    port = free_port()
    with started(["make", "run", f"PORT={port}", "DATA=my data"], clone, environment(path)) as server:
        assert status_once_up(f"http://localhost:{port}/sign-in", server, seconds=240) == 200
    assert any((clone / "my data").iterdir())
    assert not (clone / "data").exists()


# The Dockerfile


def build_context(to: Path) -> Path:
    """What a container engine would be sent: the tracked files that .dockerignore lets through."""
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    return copied([path for path in tracked() if path.parts[0] in let_through], to)


def instructions() -> list[tuple[str, str]]:
    lines = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    words = [line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, rest in words]


@dataclass
class Image:
    """The Dockerfile carried out without a container engine.

    Every stage is made under the same `root`, so that paths written into a virtual environment still hold
    after it is copied from one stage to the next; a finished stage moves to `stages`.
    """

    context: Path
    root: Path
    stages: Path
    name: str = ""
    folder: Path = Path()
    env: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    health: str = ""
    user: str = "root"

    def carry_out(self, word: str, rest: str) -> None:
        match word:
            case "FROM":
                self.begin(rest)
            case "WORKDIR":
                self.folder = self.made(rest)
            case "COPY":
                self.copy(*shlex.split(rest))
            case "RUN":
                self.run(rest)
            case "ENV":
                self.env |= dict(self.valued(one) for one in shlex.split(rest))
            case "VOLUME":
                for folder in rest.split():
                    self.made(folder)
            case "USER":
                self.user = rest
            case "HEALTHCHECK":
                self.health = rest.partition("CMD ")[2]
            case "CMD":
                self.command = json.loads(rest)
            case "EXPOSE":
                pass
            case _:
                pytest.fail(f"this test does not know how to carry out {word}")

    def begin(self, words: str) -> None:
        if self.root.exists():
            self.root.rename(self.stages / self.name)
        self.root.mkdir()
        self.name = words.partition(" AS ")[2]
        self.env = environment(OWN_COMMANDS + os.pathsep + os.environ["PATH"])

    def made(self, folder: str) -> Path:
        inside = self.root / folder.lstrip("/")
        inside.mkdir(parents=True, exist_ok=True)
        return inside

    def placed(self, text: str) -> str:
        """The text with the image's own folders (/footbridge, /data, /keys) where they are here."""
        return re.sub(r"(?<![\w./-])/(?=(?:footbridge|data|keys)\b)", f"{self.root}/", text)

    def valued(self, assignment: str) -> tuple[str, str]:
        name, _, value = self.placed(assignment).partition("=")
        return name, Template(value).substitute(self.env)

    def copy(self, *words: str) -> None:
        *sources, target = [word for word in words if not word.startswith("--")]
        stage = next((word.removeprefix("--from=") for word in words if word.startswith("--from=")), None)
        origin = self.stages / stage if stage else self.context
        for source in sources:
            self.copy_one(origin / source.lstrip("/"), self.folder / target)

    def copy_one(self, source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)

    def run(self, step: str) -> None:
        if "--owner=" in step and os.geteuid():
            warnings.warn(f"not carried out, as only root can: RUN {step}", stacklevel=2)
            return
        ended = self.shell(self.placed(step))
        assert ended.returncode == 0, f"RUN {step}\n{ended.stdout}{ended.stderr}"

    def shell(self, line: str, **env: str) -> subprocess.CompletedProcess[str]:
        here = {**self.env, **env}
        return subprocess.run(["sh", "-c", line], cwd=self.folder, env=here, capture_output=True, text=True)


@pytest.mark.set_up
def test_the_steps_of_the_dockerfile_lead_to_a_server_that_answers(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    image = Image(build_context(tmp_path / "context"), tmp_path / "root", tmp_path / "stages")
    for word, rest in instructions():
        image.carry_out(word, rest)

    port = str(free_port())
    here = {"FOOTBRIDGE_HOST": "127.0.0.1", "FOOTBRIDGE_PORT": port}
    assert image.shell(image.health, **here).returncode, "the health check passes with no server"
    with started(image.command, image.folder, {**image.env, **here}) as server:
        assert status_once_up(f"http://127.0.0.1:{port}/health", server, seconds=60) == 200
        checked = image.shell(image.health, **here)
        assert checked.returncode == 0, checked.stderr
        assert image.shell("footbridge --help").returncode == 0
    assert any((tmp_path / "root/data").iterdir())
    assert any((tmp_path / "root/keys").iterdir())


def test_the_image_is_not_root_and_keeps_its_keys_apart_from_its_data() -> None:
    words = dict(instructions())
    assert words["USER"].partition(":")[0] not in ("root", "0")
    assert words["VOLUME"].split() == ["/data", "/keys"]
    assert "FOOTBRIDGE_DATA=/data FOOTBRIDGE_KEYS=/keys" in words["ENV"]
