"""Templates compiled flat: what is known when a page is compiled is not worked out each time it is shown (0040).

The templates say what they said. A part that is included by its name becomes a piece of the page, a macro that is
imported is met without asking for it, a sentence of ours stands there in its language, and so does what a macro says
of nothing but constants. Where templates are read again as they change, they stay apart.
"""

import re
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, cast

from jinja2 import BaseLoader, Environment, nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import markup_join
from jinja2.visitor import NodeTransformer

# Its macros know nothing but what they are told, and say the same each time.
PURE = "components.html"
GAP = re.compile(r"%\((\w+)\)s")


class Flat(Environment):
    """Templates in one language. `say` is the language: our sentence → its own, markup in which %(name)s is a gap."""

    loader: BaseLoader

    def __init__(self, say: Callable[[str], str], **options: Any) -> None:
        self.say = say
        self.macros: dict[tuple[str, str], Any] = {}
        self.code_generator_class = CodeGenerator if options["auto_reload"] else _Flatly
        super().__init__(**options)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """No template has globals of its own here: to look through two mappings costs each part of each page."""
        return super().make_globals(d) if d else self.globals

    def flat(self, tree: nodes.Template, within: tuple[str, ...] = ()) -> nodes.Template:
        """A template with its parts in it; `within`: the files that it is a part of."""
        found: nodes.Template = _Flattening(self, tree, within).visit(tree)
        return found

    def part(self, name: str, within: tuple[str, ...]) -> nodes.Template:
        source = self.loader.get_source(self, name)[0]
        return self.flat(self.parse(source, name), (*within, name))


class _Flatly(CodeGenerator):
    environment: Flat

    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:
        super().visit_Template(self.environment.flat(node), frame)


class _Flattening(NodeTransformer):
    """Makes one file flat."""

    def __init__(self, environment: Flat, tree: nodes.Template, within: tuple[str, ...]) -> None:
        self.environment, self.within = environment, within
        self.known = nodes.EvalContext(environment)
        own = {each.name for each in tree.find_all(nodes.Name) if each.ctx != "load"}
        self.imported = {name: file for name, file in _imports(tree) if name not in own}

    def visit_Include(self, node: nodes.Include) -> Any:
        name = getattr(node.template, "value", None)
        if name is None or name in self.within:
            return node
        body = [each for each in self.environment.part(name, self.within).body if not _plain(each)]
        # What goes wrong in it is told of the line that includes it.
        return self._at(node, nodes.Scope(body))

    def visit_Name(self, node: nodes.Name) -> Any:
        if node.name not in self.imported:
            return node
        self._macro(node.name)
        return self._at(node, nodes.EnvironmentAttribute(f"macros[{(self.imported[node.name], node.name)!r}]"))

    def visit_CallBlock(self, node: Any) -> nodes.CallBlock:
        """A call to which is handed what is written between: that it says nothing but constants tells nothing."""
        call, node.call = self.generic_visit(node.call), nodes.Const(None)
        self.generic_visit(node)
        node.call = call
        return cast(nodes.CallBlock, node)

    def visit_Call(self, node: nodes.Call) -> Any:
        name = getattr(node.node, "name", "")
        told: Any = self.generic_visit(node)
        try:
            args, kwargs = nodes.args_as_const(told, self.known)
        except nodes.Impossible:
            return self._filled(told) if name == "_" else told
        if name == "_" and not kwargs:
            return self._at(node, _safe(self.environment.say(*args)))
        if self.imported.get(name) == PURE:
            return self._at(node, nodes.Const(self._macro(name)(*args, **kwargs)))
        return told

    def _macro(self, name: str) -> Any:
        """A macro that this file imports, at hand for the code of templates."""
        key = self.imported[name], name
        if key not in self.environment.macros:
            self.environment.macros[key] = getattr(self.environment.get_template(key[0]).module, name)
        return self.environment.macros[key]

    def _filled(self, node: nodes.Call) -> Any:
        """A sentence into which something is put: its pieces, one after the other."""
        if not isinstance(node.args[0], nodes.Const) or node.dyn_kwargs:
            return node
        given = {each.key: each.value for each in node.kwargs}
        words, *rest = GAP.split(self.environment.say(node.args[0].value))
        pieces: list[nodes.Expr] = [_safe(words)]
        for name, after in zip(rest[::2], rest[1::2], strict=True):
            pieces += [given[name], _safe(after)]
        return self.visit_Concat(self._at(node, nodes.Concat(pieces)))

    def visit_Concat(self, node: nodes.Concat) -> Any:
        """What is joined of constants alone Jinja would join itself, and take markup for words."""
        self.generic_visit(node)
        try:
            return self._at(node, nodes.Const(markup_join(each.as_const(self.known) for each in node.nodes)))
        except nodes.Impossible:
            return node

    def _at(self, node: nodes.Node, made: Any) -> Any:
        return made.set_environment(self.environment).set_lineno(node.lineno, override=True)


def _safe(words: str) -> nodes.MarkSafe:
    """A sentence of ours, in which "%%" is a "%"."""
    return nodes.MarkSafe(nodes.Const(words % {}))


def _imports(tree: nodes.Template) -> Iterator[tuple[str, str]]:
    """The macros that a file imports as they are, and from where."""
    each: Any
    for each in filter(_plain, tree.find_all(nodes.FromImport)):
        yield from ((name, each.template.value) for name in each.names)


def _plain(node: nodes.Node) -> bool:
    """Whether it imports macros that are given nothing of the page, under their own names."""
    return (
        isinstance(node, nodes.FromImport)
        and not node.with_context
        and isinstance(node.template, nodes.Const)
        and all(isinstance(name, str) for name in node.names)
    )
