"""What people type is words: no template, no markup, no part of a path."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app import main
from app.access import House
from tests.acts import kept
from tests.conftest import Browser, Stage
from tests.test_edge import quiet
from tests.test_shape import imported, python

APP = Path(main.__file__).parent
TEMPLATES = (
    "{{7*191}}", "{{ 7*191 }}", "${7*191}", "#{7*191}", "<%= 7*191 %>", "{% print 7*191 %}", "{{config}}", "{words}",
    "{{self.__init__}}", "{{''.__class__.__mro__[1].__subclasses__()}}", "%(words)s", "{0.__class__}", "$words",
    "*{7*191}",
)  # fmt: skip
# Written as markup they would be a heading, a link, a picture that tells who looks, a way out of the session.
MARKUP = (
    "# one", "[two](https://evil.example)", "![three](https://evil.example/pixel.png)", "**four**", "<b>five</b>",
    "`six`", "[out](/sign-out)", "<https://evil.example>", "https://evil.example/", "- [ ] seven", "&lt;b&gt;",
    "&#x3c;i&#x3e;",
)  # fmt: skip


def test_v1_3_7_a_template_is_a_file_of_ours() -> None:
    """Nothing that was typed is compiled or filled in as one."""
    asks = re.compile(r"from_string\(|jinja2\.Template|\bTemplate\(|\.format_map\(|string\.Formatter")
    assert [path.name for path in python(APP) if asks.search(path.read_text())] == []


def test_v1_3_1_v1_3_5_no_words_become_markup() -> None:
    """There is nothing here that makes markup of words, and no template that takes words for markup (test_shape)."""
    makers = ("markdown", "mistune", "commonmark", "docutils", "nh3", "bleach", "lxml", "markupsafe")
    assert [path.name for path in python(APP) if [one for one in imported(path) if one.startswith(makers)]] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_v1_3_7_v1_3_1_it_comes_back_as_it_was_typed(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    ana, cora = signed_in("ana"), signed_in("cora")
    for typed in (*TEMPLATES, *MARKUP):
        entry = kept(stage, "ana", typed)
        for page in (ana.look(f"/entries/{entry}"), cora.look(f"/caseload/{stage.cast.ana}/entries/{entry}")):
            assert page.status_code == 200 and _escaped(typed) in page.text, page.url
            assert "1337" not in page.text and not re.search(r"""(href|src)=["']?[^"'>]*(evil|/sign-out)""", page.text)


def _escaped(typed: str) -> str:
    for letter, said in {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}.items():
        typed = typed.replace(letter, said)
    return typed


# --- paths


ASIDE = (
    "..%2f..%2fapp%2fmain.py", "..%5c..%5cmain.py", "%2e%2e/%2e%2e/app/main.py", "....//....//main.py", "/etc/passwd",
    "..", "%2fetc%2fpasswd", "app.css%00.py", "..;/main.py", "C:%5cmain.py", ".", "%2e", "styles/",
    "app.css/../../main.py",
)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_v5_3_2_no_name_leads_out_of_what_is_served(house: House) -> None:
    here = quiet(house)
    for folder in ("/static/", "/offline/en/", "/offline/../static/", "/feeds/", "/readings/"):
        for name in ASIDE:
            answer = here.get(f"https://testserver{folder}{name}", follow_redirects=False)
            assert answer.status_code in (303, 404) and b"import" not in answer.content, (folder, name)
            assert answer.headers.get("location", "/sign-in").startswith("/sign-in")
