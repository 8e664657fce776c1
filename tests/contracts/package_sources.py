"""What the contracts ask about the modules of the package, read from each file once in a process."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bigdata_emis.settings import PACKAGE

MODULES = tuple(sorted(PACKAGE.rglob("*.py")))


@dataclass(frozen=True)
class Source:
    """What a Python file says: facts, not its syntax tree, which takes a hundred times the memory of the text.

    imports: dotted names of all imports, also those inside functions; a relative one begins with a dot.
    import_modules: the modules of `from MODULE import …`.
    function_lines: of each function, the lines after its signature and docstring.
    called: the last word of what is called. texts: every constant that is a text.
    reference_tables: the names in `reference.read("name")`.
    """

    line_count: int
    docstring: str
    imports: tuple[str, ...]
    import_modules: frozenset[str]
    class_names: tuple[str, ...]
    function_lines: tuple[tuple[str, int], ...]
    called: frozenset[str]
    attributes: frozenset[str]
    texts: frozenset[str]
    reference_tables: frozenset[str]


@cache
def source_of(path: Path) -> Source:
    """The facts of a file."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return Source(
        line_count=len(text.splitlines()),
        docstring=ast.get_docstring(tree) or "",
        imports=tuple(name for node in nodes for name in _imports(node)),
        import_modules=frozenset(node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module),
        class_names=tuple(node.name for node in nodes if isinstance(node, ast.ClassDef)),
        function_lines=tuple((function.name, _body_lines(function)) for function in functions),
        called=frozenset(getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls),
        attributes=frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute)),
        texts=frozenset(n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)),
        reference_tables=frozenset(name for call in calls for name in _reference_tables(call)),
    )


def name_of(path: Path) -> str:
    """The path of a module within the package."""
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    """The room of a module at the top of the package, or the module that lies there."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines after signature and docstring: a stage's parameters are its tables, and may be many."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _reference_tables(call: ast.Call) -> Iterator[str]:
    if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "reference.read":
        yield from (arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
