"""The documents say what is true: settings, links, decisions, and no longer than somebody reads."""

import re
from pathlib import Path

import pytest

from app.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LONGEST = {"README.md": 80, "STYLE.md": 60}


def test_settings_page_names_every_setting_and_no_other() -> None:
    told = set(re.findall(r"^\| `FOOTBRIDGE_(\w+)`", (ROOT / "docs/settings.md").read_text(), re.M))
    assert told == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", LONGEST)
def test_short_enough_to_be_read(name: str) -> None:
    assert len((ROOT / name).read_text().splitlines()) <= LONGEST[name]


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/decisions/*.md")), ids=lambda page: page.stem)
def test_a_decision_says_context_decision_consequences(page: Path) -> None:
    words = page.read_text()
    assert all(f"**{part}.**" in words for part in ("Context", "Decision", "Consequences"))
    assert words.startswith(f"# {page.stem[:4]} ")


def test_commands_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    told = set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert told <= targets
