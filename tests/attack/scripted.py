"""Scripts and markup typed into every field of every form; then every page is opened, in a real Chromium, by who reads
it. Nothing of it may have become a part of the page: no element, no attribute, no address that does something.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from starlette.datastructures import FormData

from app import main
from app.forms import Form, read_form
from bench.browsing import started
from bench.figures import Figure
from tests.attack.described import who
from tests.faults.ground import Ground, ground
from tests.matrix import ORIGIN, Address, Ana, addresses, filled, settle

# What a page of ours has no use for is called xss here, so that it is found wherever it comes to life.
CORPUS = (
    "<script>window.xss=1</script>", "<script src=//xss.example></script>", "<img src=x onerror=window.xss=1>",
    '"><img src=x onerror=window.xss=1>', "'><svg onload=window.xss=1>", "<svg><script>window.xss=1</script></svg>",
    '" onfocus="window.xss=1" autofocus="', "' onmouseover='window.xss=1", "` onclick=`window.xss=1",
    "<xss-node data-xss=1>a</xss-node>", "</textarea><xss-node>", "</title><xss-node>", "</script><xss-node>",
    "</style><xss-node>", "--><xss-node>", "]]><xss-node>", '"}]</script><script>window.xss=1</script>',
    '<div hx-get="/xss" hx-trigger="load">', '" hx-get="/xss" hx-trigger="load" data-xss="', '<a hx-post="/xss">a</a>',
    '<div data-hx-get="/xss" data-hx-trigger="load">', '<form action="/xss"><button>', '<base href="//xss.example/">',
    '<meta http-equiv="refresh" content="0;url=//xss.example">', '<iframe srcdoc="<script>parent.xss=1</script>">',
    '<object data="data:text/html,xss">', "<embed src=//xss.example>", '<link rel="stylesheet" href="//xss.example">',
    "<style>*{background:url(//xss.example)}</style>", '<p style="background:url(//xss.example)">',
    "javascript:window.xss=1", "JaVaScRiPt:window.xss=1", "java\tscript:window.xss=1", "data:text/html,<script>xss",
    "[xss](javascript:window.xss=1)", "![xss](//xss.example/pixel)", "<details open ontoggle=window.xss=1>",
    "<video><source onerror=window.xss=1>", "<math><mtext><table><mglyph><style><img src=x onerror=window.xss=1>",
    "<noscript><p title='</noscript><img src=x onerror=window.xss=1>'>", "<template><xss-node></template>",
    "{{constructor.constructor('window.xss=1')()}}", "${window.xss=1}", "#{window.xss=1}", "<%= xss %>",
    "\u202e<xss-node>\u202c", "\uff1cscript\uff1ewindow.xss=1\uff1c/script\uff1e", "<scr\u200bipt>window.xss=1",
    "&lt;xss-node&gt;", "&#60;xss-node&#62;", "\\u003cxss-node\\u003e", "%3Cxss-node%3E", "+ADw-xss-node+AD4-",
)  # fmt: skip
# What is found to have come to life. An address of ours begins with a slash, and names nobody called xss.
ALIVE = """() => {
  const found = window.xss ? ['a script ran'] : [];
  for (const element of document.querySelectorAll('*')) {
    if (element.localName.startsWith('xss') || element.matches('iframe, object, embed, base, style'))
      found.push(element.outerHTML.slice(0, 200));
    if (element.localName === 'script' && !element.src && element.type !== 'application/json')
      found.push(element.outerHTML.slice(0, 200));
    for (const {name, value} of element.attributes) {
      const acts = /^(href|src|action|formaction|srcdoc|data|(data-)?hx-.*)$/.test(name);
      if (/^on|^data-xss/.test(name) || (acts && /xss|^\\s*(java\\s*script|data):/i.test(value)))
        found.push(`${element.localName} ${name}=${value}`.slice(0, 200));
    }
  }
  return found;
}"""


@dataclass
class Scripted:
    """`typed` is how many fields took something, `opened` how many pages were looked at, `alive` what came to life."""

    ground: Ground
    ana: Ana
    typed: int = 0
    opened: int = 0
    alive: list[str] = field(default_factory=list)

    def run(self, chrome: Browser, seed: int, rounds: int) -> "Scripted":
        app: Any = main.create_app(self.ground.house)
        every = [one for one in addresses(app) if one.door not in ("", "_outside", "_invited", "_subscribed")]
        for turn in range(rounds):
            for number, address in enumerate(one for one in every if one.form and not _ends(one)):
                self._type(address, [CORPUS[(seed + turn + rounds * step + number) % len(CORPUS)] for step in range(8)])
        for reader in ("ana", "cora", "pat"):
            with self._browser(chrome, reader) as context:
                self._read(context.new_page(), reader, [one for one in every if one.method == "GET"])
        return self

    def _type(self, address: Address, those: list[str]) -> None:
        """One form, as who is at home there sends it: all of these where there is room, else the first that fits."""
        assert address.form
        fields = dict(filled(address.form, coach=self.ground.cast.cora, session=self.ana.group))
        for name in fields:
            if taken := _taken(address.form, name, those):
                fields[name], self.typed = taken, self.typed + 1
        with self.ground.browser(who(address)) as here:
            path = address.path.format(**{name: self.ana.values(name)[0] for name in address.names})
            answer = here.send_form(path, fields)
            assert answer.status_code < 500, f"{address}: {answer.status_code}"

    def _browser(self, chrome: Browser, name: str) -> BrowserContext:
        context = chrome.new_context(base_url=self.ground.url, reduced_motion="reduce")
        with self.ground.browser(name) as here:
            cookie, secret = here.headers["Cookie"].split("=", 1)
        context.add_cookies([{"name": cookie, "value": secret, "url": self.ground.url}])
        return context

    def _read(self, page: Page, reader: str, every: list[Address]) -> None:
        said: list[str] = []
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda one: said.append(one.text) if "Content Security" in one.text else None)
        for address in every:
            if who(address) != reader or address.path.endswith((".pdf", ".csv", ".ics", "/changes")):
                continue
            for values in product(*(self.ana.values(name)[:2] for name in address.names)):
                path = address.path.format(**dict(zip(address.names, values, strict=True)))
                if not self._html(page, path):
                    continue
                self.opened += 1
                self.alive += [f"{reader} {path}: {one}" for one in (*page.evaluate(ALIVE), *said)]
                said.clear()

    def _html(self, page: Page, path: str) -> bool:
        """Opens what is a page: what a browser would only save is looked at by the tests of those files."""
        head = page.context.request.get(path, max_redirects=3)
        if not head.ok or not head.headers.get("content-type", "").startswith("text/html"):
            return False
        page.goto(path, wait_until="load")
        return True


def _ends(address: Address) -> bool:
    """What would end what others still type into: signing out, the bin, a stay that is over."""
    return bool(re.search(r"sign-|sign_in|removal|bin|last.day|revocation|invites", address.path))


def _taken(form: type[Form], name: str, those: list[str]) -> str:
    """What a field takes of these; "" when it takes no words."""
    if form.model_fields[name].annotation is not str or name in ("whose", "zone", "passphrase"):
        return ""
    for one in ("\n".join(those), " ".join(those), *those):
        posted = read_form(form, FormData({name: one}))
        if name not in posted.errors:
            return one
    return ""


def settled(made: Ground) -> Ana:
    """What is Ana's, kept through a house in this process on the data of the server."""
    house = main.build(made.house.settings.model_copy(update={"public_url": ORIGIN}))
    ana = settle(house, made.cast)
    house.database.engine.dispose()
    return ana


def run(seed: int, rounds: int) -> Iterator[Figure]:
    with ground("sqlite") as made, started() as chrome:
        done = Scripted(made, settled(made)).run(chrome, seed, rounds)
    for one in done.alive:
        print(f"  {one}")
    yield Figure("scripts_typed", done.typed, "fields", len(CORPUS))
    yield Figure("scripts_pages", done.opened, "pages", rounds)
    yield Figure("scripts_alive", len(done.alive), "", done.opened)
