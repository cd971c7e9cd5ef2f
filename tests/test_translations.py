"""Spanish from the first template: every sentence that a person can meet is translated, and says the same facts."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.words import LANGUAGES, translations
from tests.words import shaming

APP = Path(__file__).parent.parent / "app"
WAYS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
FACT = re.compile(r"%\(\w+\)[sd]|\d[\d-]{2,}")


@cache
def spoken() -> dict[str, tuple[str, ...]]:
    """Every sentence in the code and the templates: its first form → all its forms."""
    options = {"jinja2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
    found = extract_from_dir(str(APP), WAYS, {"templates/**.html": options["jinja2"]}, keywords=KEYWORDS)
    return {forms[0]: forms for forms in (m if isinstance(m, tuple) else (m,) for _, _, m, _, _ in found)}


@cache
def catalogue(language: str) -> Catalog:
    with (APP / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def told(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


OTHERS = [language for language in LANGUAGES if language != "en"]


def test_sentences_are_found() -> None:
    assert len(spoken()) > 150
    assert "Help now" in spoken()


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language: str) -> None:
    there = {message.id[0] if isinstance(message.id, tuple) else message.id: message for message in catalogue(language)}
    missing = [words for words in spoken() if words not in there or not all(told(there[words]))]
    assert missing == []
    assert [message.id for message in catalogue(language) if message.fuzzy and message.id] == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_translated_that_nobody_says(language: str) -> None:
    ids = [
        message.id[0] if isinstance(message.id, tuple) else message.id for message in catalogue(language) if message.id
    ]
    assert [one for one in ids if one not in spoken()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_names_the_same_facts(language: str) -> None:
    """Placeholders and numbers: a telephone number must not change on the way."""
    wrong = []
    for message in catalogue(language):
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            facts = {fact for form in forms for fact in FACT.findall(form)}
            wrong += [message.id for said in told(message) if not set(FACT.findall(said)) <= facts]
            wrong += [message.id for said in told(message)[-1:] if set(FACT.findall(said)) != facts]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_shames(language: str) -> None:
    assert [shaming(said) for message in catalogue(language) for said in told(message) if shaming(said)] == []


def test_the_catalogue_is_read_without_a_compile_step() -> None:
    assert translations("es").gettext("Help now") != "Help now"
    assert translations("en").gettext("Help now") == "Help now"
