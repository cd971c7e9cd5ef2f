"""A template that is compiled flat says what it says as it is written."""

from collections import Counter
from collections.abc import Callable
from itertools import count
from traceback import extract_tb
from typing import Any

import pytest
from jinja2 import DictLoader, StrictUndefined, Template, TemplateNotFound, UndefinedError, meta, nodes
from markupsafe import Markup

from app import pages
from app.flat import PURE, Flat
from app.words import LANGUAGES
from tests import matrix
from tests.conftest import Browser, Stage
from tests.test_erasure import pages as walked

MANY = 30  # pages for each
PARTS = {
    "components.html": (
        "{% macro tag(words, kind='') %}<b{{ ' ' ~ kind if kind }}>{{ words }}</b>{% endmacro %}"
        "{% macro box(title) %}<p>{{ title }}{{ caller() }}</p>{% endmacro %}"
        "{% macro told(name) %}{{ _('Read by %(name)s', name=name) }}{% endmacro %}"
    ),
    "words.html": "{% macro shout(words) %}{{ words }}!{% endmacro %}",
    "part.html": "{% from 'components.html' import tag %}{% set seen = one %}{{ tag(one) }}{{ tag('&') }}",
    "outer.html": "{% include 'part.html' %}",
    "again.html": (
        "{{ depth }}{% if depth %}{% with depth = depth - 1 %}{% include 'again.html' %}{% endwith %}{% endif %}"
    ),
    "broken.html": "{{ nobody }}",
    "base.html": (
        "{% from 'words.html' import shout %}<h1>{% block title %}{{ shout('no') }}{% endblock %}</h1>"
        "{% block main %}{% endblock %}"
    ),
}
FROM = "{% from 'components.html' import tag, box, told %}{% from 'words.html' import shout %}"
WRITTEN = {
    "a part for each": "{% for one in many %}{% include 'part.html' %}{% endfor %}",
    "a part of a part": "{% set one = '<' %}{% include 'outer.html' %}",
    "a part of itself": "{% set depth = 3 %}{% include 'again.html' %}",
    "a part that is chosen": "{% set one = 1 %}{% include name %}",
    "what a part sets stays in it": "{% set seen, one = 0, 1 %}{% include 'part.html' %}{{ seen }}",
    "a macro that is told": FROM + "{% for one in many %}{{ tag(one) }}{{ tag(one, kind='x') }}{% endfor %}",
    "a macro that is told nothing new": FROM + "{{ tag('<i>') }}{{ tag(_('Saved'), kind='y') }}{{ shout('a') }}",
    "what is handed to a macro": FROM + "{% call box(_('Saved')) %}{{ many[0] }}{% endcall %}",
    "a name that is set here too": FROM + "{% for tag in many %}{{ tag }}{% endfor %}",
    "a name of a part's macro": "{% set tag, one = 'mine', 2 %}{% include 'part.html' %}{{ tag }}",
    "a sentence": "{{ _('Saved') }}{{ _('100 %% yours') }}{{ _('Fish & chips') }}",
    "a sentence of what is known later": "{{ _(word) }}",
    "a sentence with somebody in it": "{{ _('Read by %(name)s', name=many[0]) }}{{ _('Read by %(name)s', name=7) }}",
    "a sentence with somebody known in it": "{{ _('Read by %(name)s', name='<i>') }}",
    "a sentence that is cut": "{{ _('Read by %(name)s', name='<i>')|length }}{{ (_('Saved') ~ '<')|upper }}",
    "a sentence in a macro": FROM + "{{ told('<i>') }}{{ told(many[0]) }}",
    "a page": "{% extends 'base.html' %}" + FROM + "{% block title %}{{ _('Saved') }}{{ super() }}{% endblock %}"
    "{% block main %}{{ tag(many[0]) }}{% for one in many %}{% include 'part.html' %}{% endfor %}{% endblock %}",
    "our own markup, joined": "{{ _('<b>Bold</b>') ~ '<' }}{{ _('<b>%(name)s</b>', name='<i>') }}{{ '<' ~ '>' }}",
}  # fmt: skip
SPANISH = {"Saved": "Guardado", "Read by %(name)s": "%(name)s lo leyó al 100 %%"}
CONTEXT: Any = {"many": ["<script>", Markup("<i>"), 3], "name": "part.html", "word": "Saved"}


def made(say: Callable[[str], str], flat: bool = True) -> Flat:
    one = Flat(
        say, loader=DictLoader(PARTS | WRITTEN), autoescape=True, undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"], auto_reload=not flat,
    )  # fmt: skip
    one.install_gettext_callables(say, lambda one, more, n: one, newstyle=True)  # type: ignore[attr-defined]
    one.globals["_"] = one.globals["gettext"]
    return one


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("say", [str, lambda words: SPANISH.get(words, words)], ids=["en", "es"])
def test_flat_is_what_is_written(say: Callable[[str], str], name: str) -> None:
    told = made(say).get_template(name).render(CONTEXT)
    assert told == made(say, flat=False).get_template(name).render(CONTEXT)
    assert "<script>" not in told


def test_parts_and_sentences_are_there_when_a_page_is_made() -> None:
    asked: list[str] = []
    one = made(lambda words: asked.append(words) or words)  # type: ignore[func-returns-value]
    page = one.get_template("a page")
    del one.loader.mapping["part.html"]  # type: ignore[attr-defined]
    asked.clear()
    assert page.render(CONTEXT).count("<b>") == 7
    assert asked == []


def test_what_goes_wrong_in_a_part_is_told_of_the_line_that_includes_it() -> None:
    one = made(str)
    one.loader.mapping["shown"] = "\n\n{% include 'broken.html' %}"  # type: ignore[attr-defined]
    with pytest.raises(UndefinedError) as wrong:
        one.get_template("shown").render()
    assert ("<template>", 3) in [(each.filename, each.lineno) for each in extract_tb(wrong.tb)]


def test_a_part_that_there_is_not_is_noticed_at_once() -> None:
    one = made(str)
    one.loader.mapping["shown"] = "{% if many %}{% include 'nowhere.html' %}{% endif %}"  # type: ignore[attr-defined]
    with pytest.raises(TemplateNotFound):
        one.get_template("shown")


# --- those of the product


def test_macros_that_are_told_constants_know_nothing_of_a_page() -> None:
    """What they say is worked out when a template is compiled, and stands in everybody's pages from then on."""
    here = pages.environment("en")
    tree = here.parse(here.loader.get_source(here, PURE)[0])
    assert meta.find_undeclared_variables(tree) == set()
    assert {one.name for one in tree.find_all(nodes.Name)} & here.globals.keys() == {"_", "range"}


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Each page is made of the templates as they are written, too, in each language. How often each was."""
    shown: Counter[str] = Counter()
    render = Template.render
    made = [(pages.environment(language), pages.environment.__wrapped__(language, True)) for language in LANGUAGES]

    def both(page: Template, context: dict[str, Any]) -> str:
        for flat, written in made:
            told = []
            for environment in (flat, written):
                monkeypatch.setitem(environment.globals, "new_id", count().__next__)
                told.append(render(environment.get_template(str(page.name)), context))
            assert told[0] == told[1], page.name
        shown[str(page.name)] += 1
        return told[0]

    monkeypatch.setattr(Template, "render", both)
    return shown


def test_each_page_says_what_is_written(
    month: Stage, signed_in: Callable[[str], Browser], compared: Counter[str]
) -> None:
    matrix.settle(month.house, month.cast)
    for name in ("ana", "ben", "cora", "pat"):
        assert len([*walked(signed_in(name), MANY)]) > 20
    assert len(compared) > 30
