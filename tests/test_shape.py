"""What the code looks like: the rules of the design that a machine can see. The numbers are for noticing."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import pytest
from jinja2 import meta

from app.pages import Pages

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
    """What is written nowhere in the app but in some files."""

    pattern: str
    only_in: frozenset[str] = frozenset()
    where: str = "**/*.py"

    def broken(self) -> set[str]:
        paths = (path for path in APP.glob(self.where) if path.is_file())
        found = {str(path.relative_to(APP)) for path in paths if re.search(self.pattern, path.read_text(), re.M)}
        return found - self.only_in


FRAME = frozenset({"guard.py", "database.py"})
RULES = {
    "routes ask no query": Rule(r"\bselect\(|\bexec(ute)?\(|\.session\b", where="routes/*.py"),
    "routes do not commit": Rule(r"\b(commit|rollback|flush)\b", where="routes/*.py"),
    "routes do not try": Rule(r"^\s*(try|except|raise (?!NotYours))\b", where="routes/*.py"),
    "routes answer by page, changed and refused": Rule(r"HTTPException|status_code|JSONResponse", where="routes/*.py"),
    "SQL in words": Rule(r"(?<![\w.\"'])text\(|literal_column\(|\.exec_driver_sql\(", FRAME),
    "a door is opened by the doors": Rule(r"\bopen_to\(|\bRecord\.open\(", frozenset({"guard.py", "access.py", "record.py"})),
    "tables past their models": Rule(r"__table__|metadata\.tables", FRAME),
    "past the session": Rule(r"\.connection\(|\.engine\b|\bbulk_\w+\(|\bmerge\(", FRAME | {"migrate.py"}),
    "sessions are opened by the frame": Rule(
        r"\.session\((\w+=\w+)?\) as|\bSession\(\w", frozenset({"database.py", "access.py", "founding.py", "migrate.py", "worker.py", "demo.py"})
    ),
    "nothing is caught that is not named": Rule(r"except\s*:|except\s+\(?\s*(Base)?Exception\b|suppress\((Base)?Exception"),
    "one importer of the cipher": Rule(r"^\s*(from|import) cryptography\b", frozenset({"lib/vault.py"})),
    "no pickle, no eval, no shell": Rule(r"\b(pickle|marshal|shelve|eval|exec)\b\(?(?<!\.exec\()(?<!session\.exec\()", frozenset()),
    "nobody is called a service": Rule(r"^(class|def) \w*(Service|Manager|Helper|Util|Repository|_service|_helper)\w*\b"),
    "functions do not get, handle or process": Rule(r"def (get|handle|process)_(?!bind_param|result_value)"),
    "nothing is left for later": Rule(r"\b(TODO|FIXME|XXX|HACK)\b"),
    "words are escaped": Rule(r"\|\s*safe\b|autoescape\s+false|Markup\(", where="templates/**/*.html"),
    "no style in a page": Rule(r"<style\b|\sstyle\s*=", where="templates/**/*.html"),
    "no script in a page": Rule(r"<script\b(?![^>]*\bsrc=)[^>]*>|javascript:", where="templates/**/*.html"),
    "no handler in a page": Rule(r"\son\w+\s*=|\shx-on\b|\shx-vals\s*=\s*.js:", where="templates/**/*.html"),
    "nothing from elsewhere in a page": Rule(r"(src|action|hx-\w+|<link[^>]*href)\s*=\s*[\"']?(https?:)?//", where="templates/**/*.html"),
    "nothing from elsewhere in style or script": Rule(r"url\(\s*[\"']?(https?:)?//|@import|\beval\(|new Function|innerHTML\s*=", where="static/*/*.[cj]s*"),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_it_is_written_where_it_belongs(rule: str) -> None:
    assert RULES[rule].broken() == set()


PURE = ["models/schedule.py", "lib/chart.py", "lib/qr.py"]
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
ALWAYS = {"reader", "program", "here", "now", "times", "status", "form", "asset", "new_id", "language"}
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
    used = meta.find_undeclared_variables(Pages({}).environments["en"].parse(words))
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
