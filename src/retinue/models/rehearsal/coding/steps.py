"""Steps: single changes of a table, as a text asks for them, and as lines of code."""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

_NAME = r"(?:\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|`([^`\n]{1,80})`|([^\W\d]\w{0,79}))"
_END = r"(?=\s*(?:$|[.!?;\n](?:\s|$)|,|\b(?:and|then|to|in|into|from|for|save|please)\b))"
_ADDED = re.compile(
    rf"\badd\b[^.\n]{{0,20}}\bcolumn\s+(?:called\s+|named\s+)?{_NAME}\s*(?:=|:|with|as|that is|which is|being|for)\s*"
    r"(.{1,200}?)(?=\s*(?:$|[!?;\n]|\.(?:\s|$)|,\s|\b(?:and|then|to|in|into|from|save|please)\b))",
    re.IGNORECASE,
)
_SORTED = re.compile(
    rf"\bsort(?:ed)?\b[^.\n]{{0,40}}?\bby\s+(?:the\s+)?(?:column\s+)?{_NAME}(?P<order>[\s,(]*(?:in\s+)?descending|\s+desc)?",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"\b(?:filter\b[^.\n]{0,40}?|(?:only|keep)\b[^.\n]{0,30}?)\b(?:where|with|by|on|whose|to)\s+"
    r"(?:the\s+)?(?:rows where\s+)?"
    rf"{_NAME}\s*(?P<sign>>=|<=|==|!=|>|<|=|(?:is\s+)?(?:not|above|over|greater than|more than|below|under|less than|"
    r"at least|at most|equal to|equals)|is|contains)\s*(?:\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|([^\s,;!?]{1,80}))",
    re.IGNORECASE,
)
_RENAMED = re.compile(rf"\brename\b[^.\n]{{0,20}}?(?:column\s+)?{_NAME}\s+(?:to|as|into)\s+{_NAME}", re.IGNORECASE)
_DROPPED = re.compile(rf"\b(?:remove|drop|delete)\s+(?:the\s+)?column\s+{_NAME}", re.IGNORECASE)
_SPOKEN = (
    (re.compile(r"\b(?:times|multiplied by)\b|×", re.IGNORECASE), "*"),
    (re.compile(r"\bdivided by\b|÷", re.IGNORECASE), "/"),
    (re.compile(r"\bplus\b", re.IGNORECASE), "+"),
    (re.compile(r"\bminus\b", re.IGNORECASE), "-"),
    (re.compile(r"`([^`\n]+)`"), r"'\1'"),
)
_SIGNS = {
    "=": "==", "is": "==", "equals": "==", "equal to": "==", "not": "!=", "above": ">", "over": ">",
    "greater than": ">",
    "more than": ">", "below": "<", "under": "<", "less than": "<", "at least": ">=", "at most": "<=",
}  # fmt: skip


class Step(Struct, frozen=True, kw_only=True):
    """One change."""

    at: int
    """Where in the text it is asked for."""
    said: str
    """What was done, in a clause."""
    pandas: str
    """A line that changes `table`; columns are named by `column(...)`, which finds them."""
    plain: str
    """One that changes `rows` and `names`."""


def steps(text: str) -> list[Step]:
    """Return the changes that a text asks for, in its order."""
    found = (step for made in (_added, _sorted, _kept, _renamed, _dropped) for step in made(text))
    return sorted(found, key=lambda step: step.at)


def _first(*groups: str | None) -> str:
    return next((group for group in groups if group), "")


def _added(text: str) -> Iterator[Step]:
    for found in _ADDED.finditer(text):
        name, formula = _first(*found.groups()[:4]), _formula(found[5])
        if formula is None:
            continue
        table, row = (ast.unparse(_Columns(cell).visit(ast.parse(formula, mode="eval"))) for cell in ("table", "row"))
        plain = f"for row in rows:\n    row[{name!r}] = {row}\nnames.append({name!r})"
        yield Step(at=found.start(), said=f"a new column {name}", pandas=f"table[{name!r}] = {table}", plain=plain)


def _sorted(text: str) -> Iterator[Step]:
    for found in _SORTED.finditer(text):
        name, down = _first(*found.groups()[:4]), found["order"] is not None
        pandas = f"table = table.sort_values(column({name!r}){', ascending=False' if down else ''})"
        key = f"(number(row[column({name!r})]) or 0, row[column({name!r})])"
        plain = f"rows.sort(key=lambda row: {key}{', reverse=True' if down else ''})"
        said = f"its rows sorted by {name}{', the largest first' if down else ''}"
        yield Step(at=found.start(), said=said, pandas=pandas, plain=plain)


def _kept(text: str) -> Iterator[Step]:
    for found in _KEPT.finditer(text):
        groups = found.groups()
        name, given = _first(*groups[:4]), _first(*groups[5:]).rstrip(".")
        sign = " ".join(found["sign"].casefold().split()).removeprefix("is ")
        cells, value = f"table[column({name!r})]", _value(given)
        if sign == "contains":
            pandas = f"table = table[{cells}.astype(str).str.contains({given!r}, case=False, regex=False)]"
            plain = f"rows = [row for row in rows if {given!r}.casefold() in row[column({name!r})].casefold()]"
        else:
            sign = _SIGNS.get(sign, sign)
            cell = f"row[column({name!r})]" if isinstance(value, str) else f"(number(row[column({name!r})]) or 0)"
            pandas = f"table = table[{cells} {sign} {value!r}]"
            plain = f"rows = [row for row in rows if {cell} {sign} {value!r}]"
        yield Step(
            at=found.start(), said=f"only the rows where {name} {found['sign']} {given}", pandas=pandas, plain=plain
        )


def _renamed(text: str) -> Iterator[Step]:
    for found in _RENAMED.finditer(text):
        old, new = _first(*found.groups()[:4]), _first(*found.groups()[4:])
        pandas = f"table = table.rename(columns={{column({old!r}): {new!r}}})"
        plain = (
            f"for row in rows:\n    row[{new!r}] = row[column({old!r})]\nnames[names.index(column({old!r}))] = {new!r}"
        )
        yield Step(at=found.start(), said=f"its column {old} renamed to {new}", pandas=pandas, plain=plain)


def _dropped(text: str) -> Iterator[Step]:
    for found in _DROPPED.finditer(text):
        name = _first(*found.groups())
        pandas, plain = f"table = table.drop(columns=column({name!r}))", f"names.remove(column({name!r}))"
        yield Step(at=found.start(), said=f"no column {name} any more", pandas=pandas, plain=plain)


def _value(text: str) -> int | float | str:
    number = text.replace(",", "")
    for kind in (int, float):
        try:
            return kind(number)
        except ValueError:
            continue
    return text


def _formula(text: str) -> str | None:
    """Return a formula of columns in Python's notation; None for anything that is more than sums."""
    for pattern, instead in _SPOKEN:
        text = pattern.sub(instead, text)
    try:
        tree = ast.parse(text.strip(), mode="eval")
        harmless = all(isinstance(node, _HARMLESS) for node in ast.walk(tree))
        return ast.unparse(tree) if harmless else None
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


_HARMLESS = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.Constant, ast.USub, ast.UAdd,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod,
)  # fmt: skip


class _Columns(ast.NodeTransformer):
    """Puts the cells of columns in the place of their names."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._cells(node.id)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._cells(node.value) if isinstance(node.value, str) else node

    def _cells(self, name: str) -> ast.expr:
        column = ast.Call(func=ast.Name(id="column", ctx=ast.Load()), args=[ast.Constant(name)], keywords=[])
        cell: ast.expr = ast.Subscript(value=ast.Name(id=self._owner, ctx=ast.Load()), slice=column, ctx=ast.Load())
        if self._owner == "row":
            cell = ast.Call(func=ast.Name(id="number", ctx=ast.Load()), args=[cell], keywords=[])
        return ast.BoolOp(op=ast.Or(), values=[cell, ast.Constant(0)]) if self._owner == "row" else cell
