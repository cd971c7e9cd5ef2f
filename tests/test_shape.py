"""What the code looks like: the rules of the design that a machine can see. The numbers are for noticing."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import pytest
from jinja2 import meta

from app.pages import environment

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
TEMPLATES = APP / "templates"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def python(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


# --- sizes


@dataclass(frozen=True)
class Shape:
    """Lines of the bodies of the app's functions, without docstrings; and lines of tests to a line of app."""

    functions: int
    median: float
    p90: float
    longest: int
    longest_name: str
    tests_to_app: float


def measure() -> Shape:
    sizes = {f"{path.relative_to(ROOT)}:{one.name}": body(one) for path in python(APP) for one in functions(path)}
    return Shape(
        functions=len(sizes), median=median(sizes.values()), p90=quantiles(sizes.values(), n=10)[-1],
        longest=max(sizes.values()), longest_name=max(sizes, key=lambda name: sizes[name]),
        tests_to_app=sum(map(lines, python(ROOT / "tests"))) / sum(map(lines, python(APP))),
    )  # fmt: skip


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function))


def body(function: Function) -> int:
    said = function.body[1:] if ast.get_docstring(function) else function.body
    return (said[-1].end_lineno or 0) - said[0].lineno + 1 if said else 0


def test_functions_fit_in_a_glance() -> None:
    shape = measure()
    assert shape.functions > 300
    assert shape.median <= 6
    assert shape.p90 <= 15
    assert shape.longest <= 40, shape.longest_name


def test_there_is_at_least_a_line_of_tests_to_a_line_of_app() -> None:
    assert measure().tests_to_app >= 1.0


SMALL = [
    *((path, 120) for path in python(APP / "routes")),
    *((path, 50) for path in sorted(TEMPLATES.rglob("_*.html"))),
    *((path, 120) for path in sorted(APP.glob("static/*/*.css")) + sorted(APP.glob("static/*/*.js"))),
]


def test_files_are_small() -> None:
    assert len(SMALL) > 50
    assert {str(path.relative_to(ROOT)): lines(path) for path, most in SMALL if lines(path) > most} == {}


# --- where what is said


@dataclass(frozen=True)
class Rule:
    """What is written nowhere in the app but in some files. `example` breaks it."""

    pattern: str
    example: str
    only_in: frozenset[str] = frozenset()
    where: str = "**/*.py"

    def broken(self) -> set[str]:
        paths = (path for path in APP.glob(self.where) if path.is_file())
        found = {str(path.relative_to(APP)) for path in paths if re.search(self.pattern, path.read_text(), re.M)}
        return found - self.only_in


def only(*names: str) -> frozenset[str]:
    return frozenset(names)


ROUTES, PAGES, STATIC = "routes/*.py", "templates/**/*.html", "static/*/*.[cj]s*"
ELSEWHERE = r"(src|action|hx-\w+|<link[^>]*href)\s*=\s*[\"']?(https?:)?//"
RULES = {
    "routes ask no query": Rule(r"\bselect\(|\bexec(ute)?\(|\.session\b", "record.session.exec(", where=ROUTES),
    "routes do not commit": Rule(r"\b(commit|rollback|flush)\b", "session.commit()", where=ROUTES),
    "routes do not try": Rule(r"^\s*(try|except|raise (?!NotYours))\b", "    try:", where=ROUTES),
    "routes answer in three ways": Rule(r"HTTPException|status_code|JSONResponse", "HTTPException(404)", where=ROUTES),
    "SQL in words": Rule(
        r"(?<![\w.\"'])text\(|literal_column\(|\.exec_driver_sql\(",
        ' text("',
        only("guard.py", "database.py", "query.py"),
    ),
    "doors are opened by the frame": Rule(
        r"\bopen_to\(|\bRecord\.open\(",
        "Record.open(session",
        only("guard.py", "access.py", "record.py", "move.py", "restore.py", "models/links.py"),
    ),
    "tables past their models": Rule(
        r"__table__|metadata\.tables", "Entry.__table__", only("guard.py", "owned.py", "database.py")
    ),
    "past the session": Rule(
        r"\.connection\(|\.engine\b|\bbulk_\w+\(",
        "session.connection().execute",
        only(
            "guard.py",
            "query.py",
            "database.py",
            "migrate.py",
            "move.py",
            "backups.py",
            "dumps.py",
            "restore.py",
            "doctor/inside.py",
            "doctor/machine.py",
            "doctor/__init__.py",
        ),
    ),
    "sessions are opened by the frame and by what runs on a clock": Rule(
        r"\.session\((\w+=\w+)?\) as|\bSession\(\w",
        "with house.database.session() as session",
        only(
            "database.py",
            "access.py",
            "founding.py",
            "migrate.py",
            "move.py",
            "restore.py",
            "worker.py",
            "demo.py",
            "chain.py",
            "doctor/inside.py",
        ),
    ),
    "only what is named is caught": Rule(
        r"except\s*:|except\s+\(?\s*(Base)?Exception\b|suppress\((Base)?Exception", "except Exception:"
    ),
    "one importer of the cipher": Rule(
        r"^\s*(from|import) cryptography\b", "from cryptography import x", only("lib/vault.py")
    ),
    "nothing is run that was read": Rule(
        r"\b(pickle|marshal|shelve|subprocess)\b|os\.system|(?<![.\w])(eval|exec)\(",
        "x = eval(text)",
        only("dumps.py"),  # pg_dump and pg_restore
    ),
    "nobody is a service": Rule(
        r"^class \w*(Service|Manager|Helper|Util|Repository)|^def \w*(service|helper|util)", "class EntryService:"
    ),
    "functions do not get, handle or process": Rule(
        r"def (get|handle|process)_(?!bind_param|result_value)", "def get_entry("
    ),
    "nothing is left for later": Rule(r"\b(TODO|FIXME|XXX|HACK)\b", "# TODO: more"),
    "words are escaped": Rule(r"\|\s*safe\b|autoescape\s+false|Markup\(", "{{ words | safe }}", where=PAGES),
    "no style in a page": Rule(r"<style\b|\sstyle\s*=", '<p style="color:red">', only("templates/sheet.html"), PAGES),
    "no script in a page": Rule(r"<script\b(?![^>]*\bsrc=)[^>]*>|javascript:", "<script>alert(1)", where=PAGES),
    "no handler in a page": Rule(r"\son\w+\s*=|\shx-on\b|hx-\w+\s*=\s*.js:", '<p onclick="x()">', where=PAGES),
    "nothing from elsewhere in a page": Rule(ELSEWHERE, '<img src="//evil.example/x.png">', where=PAGES),
    "nothing from elsewhere in style or script": Rule(
        r"url\(\s*[\"']?(https?:)?//|@import|\beval\(|new Function|innerHTML\s*=", "@import 'x'", where=STATIC
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_v1_2_1_v1_2_4_v1_5_2_it_is_written_where_it_belongs(rule: str) -> None:
    assert RULES[rule].broken() == set()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_can_be_broken(rule: str) -> None:
    assert re.search(RULES[rule].pattern, RULES[rule].example, re.M)
    assert [path for path in APP.glob(RULES[rule].where) if path.is_file()]


PURE = [
    "models/schedule.py",
    "models/scores.py",
    "models/rules.py",
    "models/clocks.py",
    "models/hours.py",
    "models/insights.py",
    "models/presence.py",
    "lib/chart.py",
    "lib/qr.py",
    "models/codes.py",
]
WORLD = (
    "sqlalchemy",
    "sqlmodel",
    "sqlcipher3",
    "psycopg",
    "fastapi",
    "starlette",
    "app.database",
    "app.guard",
    "app.record",
)


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("name", PURE)
def test_clinical_rules_are_pure(name: str) -> None:
    assert not [one for one in imported(APP / name) if one.startswith(WORLD)]


def test_words_know_nothing_of_requests_and_routes_nothing_of_tables() -> None:
    for path in python(APP / "models"):
        assert not [
            one for one in imported(path) if one.startswith(("fastapi", "starlette", "app.routes", "app.access"))
        ]
    for path in python(APP / "routes"):
        assert not [
            one for one in imported(path) if one.startswith(("sqlalchemy", "sqlmodel", "app.database", "app.guard"))
        ]


# --- fragments

# What `pages.whole` hands to every template.
ALWAYS = {
    "reader",
    "program",
    "here",
    "now",
    "times",
    "status",
    "form",
    "asset",
    "new_id",
    "language",
    "look",
    "offline",
    "worker",
}
ALWAYS |= {"_", "gettext", "ngettext"}
FRAGMENTS = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("_*.html"))


def needed(name: str) -> set[str]:
    first = (TEMPLATES / name).read_text().splitlines()[0]
    named = re.fullmatch(r"\{# needs: (\w+(?:, \w+)*)? ?#\}", first)
    assert named, f"{name} starts with {first!r} instead of naming what it needs"
    return set((named[1] or "").split(", ")) - {""}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_names_in_its_first_line_what_it_needs(name: str) -> None:
    words = (TEMPLATES / name).read_text()
    used = meta.find_undeclared_variables(environment("en").parse(words))
    by_itself = set(re.findall(r"{%-? set (\w+)", words)) | set(re.findall(r"(\w+) is defined", words))
    assert used - by_itself - ALWAYS <= needed(name)


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_is_one_element(name: str) -> None:
    """Nothing stands beside its root, so that it can be put in the place of itself."""
    markup = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", (TEMPLATES / name).read_text(), flags=re.DOTALL)
    depth, roots = 0, 0
    for closing, tag, alone in re.findall(r"<(/?)([a-z][\w-]*)[^>]*?(/?)>", markup):
        if closing:
            depth -= 1
        else:
            roots += depth == 0
            depth += not alone and tag not in ("input", "br", "hr", "img", "link", "meta", "wbr")
    assert (depth, roots) == (0, 1)
