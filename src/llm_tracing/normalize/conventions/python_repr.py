"""Python's `repr` of objects, as clients write it where they have no JSON: `Call(name='f', arguments={'q': 1})`.

An object reads as a dict of its keyword arguments, an enum's member `<Role.USER: 'user'>` as its value, any other thing
in angle brackets (a function, an object without a text of its own) as None. Nothing is evaluated.
"""

import ast
import re
from typing import Any

from llm_tracing.normalize.values import MAX_DEPTH

_LONGEST = 100_000  # characters; a longer text stays one
_BEGINNING = re.compile(r"[A-Za-z_]\w*\([A-Za-z_]\w*=|[\[{(]")
_TOKEN = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|<[\w.]+: (?P<member>'[^']*'|\d+)>|<(?:[^<>]|<[^<>]*>)*>", re.S
)
_MAX_INTEGER = 2**63


def objects(value: Any) -> Any:
    """The JSON value of a `repr`; anything that is none, as it is."""
    if not isinstance(value, str) or len(value) > _LONGEST or not _BEGINNING.match(value):
        return value
    try:
        return _tree(ast.parse(_TOKEN.sub(_plain, value.strip()), mode="eval").body, MAX_DEPTH)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return value


def _plain(found: re.Match[str]) -> str:
    return found["text"] or found["member"] or "None"


def _tree(node: ast.expr, depth: int) -> Any:
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_tree(item, depth - 1) for item in node.elts]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {_key(key): _tree(item, depth - 1) for key, item in pairs}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args:
        return {str(word.arg): _tree(word.value, depth - 1) for word in node.keywords}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _tree(node.operand, depth - 1)
        return -number if isinstance(number, int | float) else None
    return None


def _key(node: ast.expr | None) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise ValueError("a key that JSON does not have")
    return node.value


def _constant(value: Any) -> Any:
    if isinstance(value, int) and abs(value) >= _MAX_INTEGER:
        return None
    return value if value is None or isinstance(value, str | int | float) else None
