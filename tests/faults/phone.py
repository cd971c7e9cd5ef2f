"""A phone: Chromium with a profile that stays, which can be killed outright; and what lies on it."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, Page
from playwright.sync_api import Error as PlaywrightError

from app.demo import ADDRESS, PASSPHRASE
from bench.browsing import FLAGS, chromium

PATIENCE = 10_000  # ms
STEP = 0.05  # s

# Everything that any database of this origin holds, as text; what is sealed comes as its bytes read as letters.
DUMP = """async () => {
  const done = ask => new Promise((resolve, reject) => {
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = () => reject(ask.error);
  });
  const letters = (_, value) => {
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    if (!ArrayBuffer.isView(value)) return value;
    return ['utf-8', 'utf-16le'].map(code => new TextDecoder(code).decode(value));
  };
  const found = [JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])];
  for (const {name} of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const things = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([done(things.getAllKeys()), done(things.getAll())]);
      found.push(JSON.stringify([name, store, keys, values], letters));
    }
    database.close();
  }
  return found.join('\\n');
}"""

# The names of what waits in the outbox, whosoever it is: [owner, id].
WAITING = """() => new Promise((resolve, reject) => {
  const ask = indexedDB.open('shelf');
  ask.onerror = () => reject(ask.error);
  ask.onupgradeneeded = () => ask.transaction.abort();
  ask.onsuccess = () => {
    const keys = ask.result.transaction('things').objectStore('things').getAllKeys();
    keys.onsuccess = () => {
      ask.result.close();
      resolve(keys.result.filter(name => name[1] === 'outbox').map(([owner, , id]) => [owner, id]));
    };
  };
})"""

CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const asked of await cache.keys()) {
      const answer = await cache.match(asked, {ignoreVary: true});
      found.push([new URL(asked.url).pathname, await answer.text(), JSON.stringify([...answer.headers])]);
    }
  }
  return found;
}"""

# A plain value, put where the outbox is: whoever searches this phone must find it.
CONTROL = """word => new Promise((resolve, reject) => {
  const ask = indexedDB.open('control', 1);
  ask.onerror = () => reject(ask.error);
  ask.onupgradeneeded = () => ask.result.createObjectStore('things');
  ask.onsuccess = () => {
    const turn = ask.result.transaction('things', 'readwrite', {durability: 'strict'});
    turn.objectStore('things').put({words: word}, 'one');
    turn.oncomplete = () => { ask.result.close(); resolve(); };
  };
})"""


class Phone:
    """Where several people may sign in, one after the other. `tabs` are the pages that are open; `dead`: killed."""

    def __init__(self, chrome: BrowserType, profile: Path, url: str, **also: Any) -> None:
        self.chrome, self.profile, self.url, self.also = chrome, profile, url, also
        self.open()

    def open(self) -> None:
        self.context: BrowserContext = self.chrome.launch_persistent_context(
            self.profile, executable_path=chromium(), args=FLAGS, base_url=self.url, locale="en-US",
            viewport={"width": 390, "height": 844}, reduced_motion="reduce",
            ignore_default_args=["--disable-back-forward-cache"], **self.also,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE)
        self.dead = False

    @property
    def tabs(self) -> list[Page]:
        return self.context.pages

    @property
    def tab(self) -> Page:
        return self.tabs[-1] if self.tabs else self.context.new_page()

    def crash(self) -> None:
        """Killed outright, as a phone does that is short of room."""
        # Its own lock says whose the profile is: host-pid.
        os.kill(int(os.readlink(self.profile / "SingletonLock").rpartition("-")[2]), signal.SIGKILL)
        self.dead = True

    def kill(self) -> None:
        """Killed, and started again."""
        self.crash()
        self.reopen()

    def reopen(self) -> None:
        self.close()
        self.open()

    def close(self) -> None:
        with suppress(PlaywrightError):
            self.context.close()

    # --- what lies on it

    def waiting(self, page: Page) -> set[str]:
        """The ids of whatever waits in the outbox, of whomever."""
        return {name[1] for name in ask(page, WAITING)}

    def plain(self, page: Page, *words: str) -> list[str]:
        """Where some words can be read: in a database of the browser, or in a file of the profile."""
        dump = ask(page, DUMP)
        return [f"database: {word}" for word in words if word in dump] + [
            f"{path.relative_to(self.profile)}: {word}" for path in files(self.profile) for word in held(path, words)
        ]

    def cached(self, page: Page) -> list[tuple[str, str]]:
        """(path, headers and body) of whatever is in Cache Storage."""
        return [(path, headers + body) for path, body, headers in ask(page, CACHED)]


@contextmanager
def on_phone(chrome: BrowserType, profile: Path, url: str, **also: Any) -> Iterator[Phone]:
    phone = Phone(chrome, profile, url, **also)
    try:
        yield phone
    finally:
        phone.close()


def ask(page: Page, script: str, tries: int = 3) -> Any:
    """What a page says that may be just leaving for another."""
    for _ in range(tries - 1):
        with suppress(PlaywrightError):
            return page.evaluate(script)
        page.wait_for_timeout(200)
    return page.evaluate(script)


def files(profile: Path) -> list[Path]:
    return [path for path in profile.rglob("*") if path.is_file() and not path.is_symlink()]


def held(path: Path, words: tuple[str, ...]) -> list[str]:
    """Which of the words a file holds, in either of the codes that a browser writes."""
    try:
        body = path.read_bytes().lower()
    except FileNotFoundError:  # a browser throws its files away as it goes
        return []
    return [word for word in words if any(word.lower().encode(code) in body for code in ("utf-8", "utf-16-le"))]


def enter(page: Page, name: str) -> None:
    """Sign somebody of the cast in by hand; whoever was signed in here is not any more."""
    page.goto("/sign-in")
    page.fill("#name", ADDRESS.format(name), timeout=3000)
    page.fill("#passphrase", PASSPHRASE)
    page.click("#sign-in")
    page.wait_for_selector("html[data-person]", state="attached")


def until(fits: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to fit in that time. Only for what needs no page: it does not let a page speak."""
    ends = time.monotonic() + seconds
    while not fits():
        if time.monotonic() > ends:
            return False
        time.sleep(STEP)
    return True
