"""The name of the folder that code knows its files by, where they lie elsewhere: `/mnt/data` in the texts of a cell."""

import ast
import re

KNOWN = "/mnt/data"
_NAMED = re.compile(rf"(?<![\w.-]){KNOWN}(?![\w-]|\.\w)")
_NAMED_BYTES = re.compile(_NAMED.pattern.encode())


def moved(tree: ast.Module, data: str) -> ast.Module:
    """Put the folder's place where constants name it, in commands too; what is put together from parts is left."""
    if data == KNOWN:
        return tree
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                node.value = _NAMED.sub(data, node.value)
            elif isinstance(node.value, bytes):
                node.value = _NAMED_BYTES.sub(data.encode(), node.value)
    return tree
