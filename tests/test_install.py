"""On the home screen: what a phone reads, the two looks, the pictures, and the page that explains it."""

import re
import struct
import zlib
from collections.abc import Callable
from math import hypot
from typing import Any

import pytest

from app import assets, main
from app.access import House
from app.looks import NAMES, SHORTCUTS
from app.words import LANGUAGES, translations
from bench import icons
from bench.icons import Picture
from tests.acts import said
from tests.conftest import Browser
from tests.words import grade

SignIn = Callable[[str], Browser]
LOOKS = sorted(NAMES)
# What nobody should be able to guess from a home screen.
TELLING = re.compile(
    r"footbridge|recover|program|coach|urge|crisis|craving|sober|treat|drug|alcohol|health|988|help now", re.I
)


def manifest(browser: Browser, look: str = "", **headers: str) -> dict[str, Any]:
    answer = browser.look(f"/manifest.webmanifest?look={look}", headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/manifest+json")
    told: dict[str, Any] = answer.json()
    return told


# --- the manifest


@pytest.mark.parametrize("look", LOOKS)
def test_a_phone_is_told_what_it_needs(browser: Callable[[], Browser], look: str) -> None:
    told = manifest(browser(), look)
    assert (told["id"], told["start_url"], told["scope"], told["display"]) == ("/", "/", "/", "standalone")
    assert told["name"] == told["short_name"] == NAMES[look]
    assert len(told["short_name"]) <= 12, "cut off under the icon"
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip
    assert all(f"/{look}-" in icon["src"] for icon in told["icons"])


def test_its_colours_are_those_of_every_page(browser: Callable[[], Browser]) -> None:
    page, told = browser().look("/sign-in").text, manifest(browser())
    metas = dict(re.findall(r'<meta name="theme-color" media="\(prefers-color-scheme: (\w+)\)" content="(.+?)">', page))
    for colours, scheme in ((told, "light"), (told["color_scheme_dark"], "dark")):
        assert colours["theme_color"] == colours["background_color"] == metas[scheme]


@pytest.mark.parametrize("look", LOOKS)
def test_every_picture_in_it_is_there_and_as_large_as_it_says(browser: Callable[[], Browser], look: str) -> None:
    here = browser()
    told = manifest(here, look)
    pictures = told["icons"] + [icon for one in told["shortcuts"] for icon in one["icons"]]
    assert len(pictures) == 3 + len(SHORTCUTS)
    for picture in pictures:
        answer = here.look(picture["src"])
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"] == picture["type"] == "image/png"
        pixels = decoded(answer.content)[0]
        assert picture["sizes"] == f"{pixels}x{pixels}"


def test_every_shortcut_and_the_start_answer(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    told = manifest(ana)
    assert 3 <= len(told["shortcuts"]) <= 4, "a phone shows four"
    assert ana.get(told["start_url"]).url.path == "/today"
    for one in told["shortcuts"]:
        assert one["url"].startswith(told["scope"]) and ana.look(one["url"]).status_code == 200, one["name"]


def test_it_speaks_the_language_of_the_person_else_of_the_browser(signed_in: SignIn) -> None:
    ana, asks = signed_in("ana"), {"Accept-Language": "es-MX"}
    assert manifest(ana, **asks)["lang"] == "en"
    ana.post("/sign-out")
    spanish = manifest(ana, "plain", **asks)
    assert spanish["lang"] == "es" and manifest(ana)["lang"] == "en"
    words = translations("es").gettext
    assert spanish["name"] == words(NAMES["plain"])
    assert [one["name"] for one in spanish["shortcuts"]] == [words(one.plain) for one in SHORTCUTS]


def test_nothing_of_a_person_is_in_it(browser: Callable[[], Browser], signed_in: SignIn) -> None:
    assert manifest(signed_in("ana"), "plain") == manifest(browser(), "plain")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plain_look_tells_nobody_anything(browser: Callable[[], Browser], language: str) -> None:
    told, own = (manifest(browser(), look, **{"Accept-Language": language}) for look in ("plain", "footbridge"))
    assert not TELLING.search(str(told)), "somebody reads this on a stranger's phone"
    assert TELLING.search(str(own))
    assert told["id"] == own["id"], "one app under two names"


@pytest.mark.parametrize("asked", ["", "other", "PLAIN", "../plain", "plain%00", "<script>", "x" * 5000])
def test_a_look_that_there_is_not_is_footbridges_own(browser: Callable[[], Browser], asked: str) -> None:
    assert manifest(browser(), asked) == manifest(browser(), "footbridge")
    here = browser()
    here.cookies.set("look", asked[:50].replace("<", "_"))
    assert "· Footbridge</title>" in here.look("/install").text


# --- the choice


def test_it_is_a_cookie_of_this_browser_for_a_year(browser: Callable[[], Browser], house: House) -> None:
    here = browser()
    answer = here.post("/look", {"look": "plain"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/install")
    flags = {part.strip().lower() for part in answer.headers["Set-Cookie"].split(";")}
    assert flags == {"look=plain", "httponly", "secure", "samesite=lax", "path=/", "max-age=31536000"}
    house.settings = house.settings.model_copy(update={"public_url": "http://localhost:8000"})
    home = Browser(main.serve(house), base_url="http://localhost:8000")
    plain = home.post("/look", {"look": "plain"}, headers={"Origin": "http://localhost:8000"})
    assert "secure" not in plain.headers["Set-Cookie"].lower(), "a browser on plain http would not keep it"


@pytest.mark.parametrize("form", [{}, {"look": "other"}, {"look": ["plain", "plain"]}, {"look": "plain", "name": "x"}])
def test_a_look_that_there_is_not_is_refused_kindly(browser: Callable[[], Browser], form: dict[str, Any]) -> None:
    answer = browser().post("/look", form)
    assert answer.status_code == 422 and "Set-Cookie" not in answer.headers
    assert 'class="error"' in answer.text and 'name="look"' in answer.text


def test_every_page_wears_it(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    for look, other in (("footbridge", "plain"), ("plain", "footbridge")):
        ana.post("/look", {"look": look})
        for path in ("/today", "/me", "/help", "/install", "/nothing-here"):
            head = ana.look(path).text.partition("</head>")[0]
            assert f"· {NAMES[look]}</title>" in head and NAMES[other] not in head, path
            assert f'href="/manifest.webmanifest?look={look}"' in head
            assert re.search(rf'rel="apple-touch-icon" sizes="180x180" href="/static/{look}-touch\.\w+\.png"', head)
            assert f'name="apple-mobile-web-app-title" content="{NAMES[look]}"' in head


def test_it_stays_when_somebody_signs_out(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    ana.post("/look", {"look": "plain"})
    ana.post("/sign-out")
    assert "· Daybook</title>" in ana.look("/sign-in").text


def test_a_page_without_signal_carries_no_look(browser: Callable[[], Browser]) -> None:
    """It is kept before anybody chooses, so it would say the wrong name."""
    answer = browser().look("/offline/en/help")
    head = answer.text.partition("</head>")[0]
    assert answer.status_code == 200 and "<title>Help now</title>" in head and "manifest" not in head


# --- the page and the hint


def test_the_page_explains_both_platforms_and_what_is_chosen(browser: Callable[[], Browser]) -> None:
    here = browser()
    here.post("/look", {"look": "plain"})
    page = here.look("/install")
    assert all(words in said(page) for words in ("Android", "Chrome", "iPhone", "Safari", "Add to Home Screen"))
    assert page.text.count("<ol") == 2
    assert re.findall(r'value="(\w+)" aria-pressed="true"', page.text) == ["plain"]


def test_it_is_easy_to_read(browser: Callable[[], Browser]) -> None:
    page = browser().look("/install").text.partition("<main")[2].partition("</main>")[0]
    sentences = [re.sub(r"<[^>]*>", "", one) for one in re.findall(r"<(?:p|li)\b.*?</(?:p|li)>", page, re.DOTALL)]
    words = " ".join(one.strip() for one in sentences if one.strip().endswith((".", "”.")))
    assert words.count(".") > 15
    assert grade(words) <= 6


def test_the_hint_waits_unseen_on_today_alone(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    assert re.search(r'<section [^>]*id="install-hint"[^>]* hidden>', ana.look("/today").text)
    assert "install-hint" not in ana.look("/journal").text


# --- the pictures


def decoded(body: bytes) -> tuple[int, list[bytes]]:
    """A picture's width and its rows (8 bits a channel, red, green, blue, opacity), as bench/icons.py writes them."""
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    parts, at = {}, 8
    while at < len(body):
        (length,) = struct.unpack(">I", body[at : at + 4])
        name, data = body[at + 4 : at + 8], body[at + 8 : at + 8 + length]
        assert struct.unpack(">I", body[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + data),)
        parts[name], at = data, at + 12 + length
    width, height, *kind = struct.unpack(">2I5B", parts[b"IHDR"])
    assert (width, kind) == (height, [8, 6, 0, 0, 0])
    lines, row = zlib.decompress(parts[b"IDAT"]), 1 + width * 4
    assert len(lines) == row * height and not any(lines[::row])
    return width, [lines[at + 1 : at + row] for at in range(0, len(lines), row)]


def kept(picture: Picture) -> tuple[int, list[bytes]]:
    return decoded((icons.FOLDER / f"{picture.name}.png").read_bytes())


@pytest.mark.parametrize("picture", icons.PICTURES, ids=lambda picture: picture.name)
def test_each_picture_is_what_the_script_draws(picture: Picture) -> None:
    pixels, rows = kept(picture)
    assert pixels == picture.pixels
    assert b"".join(rows) == icons.render(picture), "please run make icons"


@pytest.mark.parametrize("name", [f"{look}-{kind}" for look in LOOKS for kind in ("maskable", "touch")])
def test_what_a_phone_cuts_to_shape_has_no_hole_and_nothing_at_the_edge(name: str) -> None:
    """Android keeps at least the circle of 80 %; an iPhone rounds the corners, and shows holes in black."""
    pixels, rows = kept(next(one for one in icons.PICTURES if one.name == name))
    assert all(set(row[3::4]) == {255} for row in rows)
    ground, safe = rows[0][:4], pixels / 2 * (icons.SAFE if "maskable" in name else 2**0.5 * 0.9)
    outside = {
        row[at * 4 : at * 4 + 4]
        for y, row in enumerate(rows) for at in range(pixels)
        if hypot(at + 0.5 - pixels / 2, y + 0.5 - pixels / 2) > safe
    }  # fmt: skip
    assert outside == {ground}


def test_pictures_are_small_and_there_is_none_too_many() -> None:
    files = {path.stem: path.stat().st_size for path in icons.FOLDER.glob("*.png")}
    assert set(files) == {picture.name for picture in icons.PICTURES}
    assert max(files.values()) <= 12_000
    assert {f"{name}.png" for name in files} <= set(assets.load()[0])
