"""A release must hang together: what it imports, loads and links to is in it."""

import ast
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader import readme
from grader.release.tree import Tree


def gaps(tree: Tree) -> list[str]:
    """What is missing in `tree`, `FILE:LINE: what`."""
    return [*imports(tree), *links(tree)]


def imports(tree: Tree) -> Iterator[str]:
    """Modules of the grader that shipped Python imports, and that are not shipped."""
    for path, entry in tree.items():
        if not path.endswith(".py"):
            continue
        for node in _statements(ast.parse(entry.content, path)):
            for module in _modules(tree, node):
                if _file(module) not in tree and _package(module) not in tree:
                    yield (
                        f"{path}:{node.lineno}: imports {module}, which is the "
                        "staff's: ship it, or import it in grader/staff.py"
                    )


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements in `node`, without a look into expressions."""
    for part in ("body", "handlers", "orelse", "finalbody"):
        for inner in getattr(node, part, ()):
            if isinstance(inner, ast.stmt):
                yield inner
            yield from _statements(inner)


def _modules(tree: Tree, node: ast.stmt) -> list[str]:
    """The modules of the grader that an import wants; our packages define nothing
    themselves, so what is imported from one is a module."""
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        names = [node.module]
        if _package(node.module) in tree:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in names if name.split(".")[0] == "grader"]


def _file(module: str) -> str:
    return module.replace(".", "/") + ".py"


def _package(module: str) -> str:
    return module.replace(".", "/") + "/__init__.py"


def links(tree: Tree) -> list[str]:
    """Links of shipped pages that lead nowhere in the release."""
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        root = Path(name)
        lay_out(tree, root)
        return [
            f"{path}:{why}"
            for path in tree
            if path.endswith(".md")
            for why in readme.broken_links(root / path, root)
        ]


def lay_out(tree: Tree, root: Path) -> None:
    """Writes the files of `tree` below `root`."""
    for path, entry in tree.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(entry.content)
        target.chmod(0o755 if entry.runs else 0o644)
