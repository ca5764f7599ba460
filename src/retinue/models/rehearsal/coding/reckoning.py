"""Reckoning: what is worked out with Python, where a sum in one's head won't do."""

import ast
import math
import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from retinue.models.rehearsal import arithmetic
from retinue.models.rehearsal.coding.mending import mended
from retinue.models.rehearsal.coding.runs import Run

_LONGEST = 500  # characters of a request that is a calculation
_FUNCTIONS = frozenset(name for name in dir(math) if not name.startswith("_")) | {"abs", "round", "sum", "min", "max"}
_ASKED = re.compile(r"\b(?:python|comput\w*|calculat\w*|run|execute|work out|evaluate|solve)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"^.*?\b(?:comput\w*|calculate|work out|evaluate|solve|what(?:'s| is)|run|print)\b[:\s]*"
    r"(?:the (?:value|result) of\b)?",
    re.IGNORECASE | re.DOTALL,
)
_TAIL = re.compile(r"\s*(?:,?\s*\b(?:with|in|using|by) python\b|\bplease\b|[.?!=]|\s)+$", re.IGNORECASE)
_NUMBER = r"(-?\d{1,15}(?:\.\d{1,15})?)"
_WHOLE = r"(\d{1,6})"
_SERIES = r"((?:-?\d[\d.]*(?:\s*,\s*(?:and\s+)?|\s+and\s+)){1,500}-?\d[\d.]*)"


class Reckoning(Struct, frozen=True, kw_only=True):
    """See `Job`. An expression of Python's, or some lines that print a result."""

    title: str
    source: str

    def code(self, runs: Sequence[Run]) -> str | None:
        if not runs:
            return self.source
        failure = runs[-1].failure
        return mended(runs[-1].code, failure) if failure else None

    def told(self, run: Run) -> str:
        result = run.output.partition("\n")[0][:2_000] or "not known: nothing was printed"
        return f"{self.title} is {result.rstrip('.')}." if self.title.startswith("The ") else f"{self.title} = {result}"


def reckoned(text: str, *, alone: bool) -> Reckoning | None:
    """Return what a text asks to be worked out; `alone` is whether nothing but code can be called."""
    if len(text) > _LONGEST:
        return None
    text = " ".join(text.split())
    for pattern, made in _WORDED:
        if found := pattern.search(text):
            return made(found)
    expression, easy = _expression(text), arithmetic.find(text)
    if easy is None or (expression and "(" in expression and any(map(str.isalpha, expression))):
        return _printing(expression) if expression else None
    wanted = _ASKED.search(text) if alone else re.search(r"\bpython\b", text, re.IGNORECASE)
    return _printing(easy) if wanted or _unsolvable(easy) else None


def _printing(expression: str) -> Reckoning:
    names = sorted({node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)} & set(dir(math)))
    imports = f"from math import {', '.join(names)}\n\n" if names else ""
    return Reckoning(title=expression, source=f"{imports}print({expression})")


def _unsolvable(expression: str) -> bool:
    try:
        arithmetic.solve(expression)
    except arithmetic.Unsolvable:
        return "/ 0" not in expression
    return False


def _expression(text: str) -> str | None:
    """Return what follows the word that asks, where it is nothing but numbers, operators and functions of `math`."""
    said = _TAIL.sub("", _LEAD.sub("", text, count=1)).strip().replace("^", "**").replace("×", "*")
    try:
        tree = ast.parse(said, mode="eval").body
        return ast.unparse(tree) if isinstance(tree, ast.BinOp | ast.Call) and _is_harmless(tree) else None
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _is_harmless(tree: ast.expr) -> bool:
    return all(
        isinstance(node, ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop | ast.List | ast.Tuple | ast.Load)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords)
        or (isinstance(node, ast.Constant) and isinstance(node.value, int | float))
        or (isinstance(node, ast.Name) and node.id in _FUNCTIONS)
        for node in ast.walk(tree)
    )


def _call(name: str, title: str) -> Callable[[re.Match[str]], Reckoning]:
    def made(found: re.Match[str]) -> Reckoning:
        return Reckoning(title=title.format(found[1]), source=f"import math\n\nprint(math.{name}({_number(found[1])}))")

    return made


def _number(written: str) -> str:
    """Return a number as Python writes it: without zeros in front."""
    return written if "." in written else str(int(written))


def _average(found: re.Match[str]) -> Reckoning:
    numbers = [_number(number) for number in re.findall(r"-?\d+(?:\.\d+)?", found[2])]
    name = {"average": "mean", "standard deviation": "stdev"}.get(found[1].casefold(), found[1].casefold())
    source = f"import statistics\n\nprint(statistics.{name}([{', '.join(numbers)}]))"
    return Reckoning(title=f"The {found[1].casefold()}", source=source)


def _fibonacci(found: re.Match[str]) -> Reckoning:
    source = f"a, b = 0, 1\nfor _ in range({int(found[1])}):\n    a, b = b, a + b\nprint(a)"
    return Reckoning(title=f"The Fibonacci number {int(found[1])}", source=source)


def _primes(found: re.Match[str]) -> Reckoning:
    source = (
        f"primes = []\nnumber = 2\nwhile len(primes) < {min(int(found[1]), 10_000)}:\n"
        "    if all(number % prime for prime in primes if prime * prime <= number):\n"
        f"        primes.append(number)\n    number += 1\nprint({'sum(primes)' if 'sum' in found[0] else '*primes'})"
    )
    return Reckoning(title=f"The {found[0].strip()}", source=source)


def _span(found: re.Match[str]) -> Reckoning:
    first, last = int(found[1]), int(found[2])
    return Reckoning(title=f"The sum from {first} to {last}", source=f"print(sum(range({first}, {last} + 1)))")


_WORDED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Reckoning]], ...] = (
    (re.compile(rf"\bfactorial of {_WHOLE}\b", re.IGNORECASE), _call("factorial", "The factorial of {}")),
    (re.compile(rf"\b(?:square )?root of {_NUMBER}", re.IGNORECASE), _call("sqrt", "The square root of {}")),
    (
        re.compile(rf"\b(mean|average|median|mode|standard deviation) of (?:the numbers )?{_SERIES}", re.IGNORECASE),
        _average,
    ),
    (re.compile(rf"\b{_WHOLE}(?:st|nd|rd|th)? fibonacci\b", re.IGNORECASE), _fibonacci),
    (re.compile(rf"\b(?:sum of the )?first {_WHOLE} primes?(?: numbers)?\b", re.IGNORECASE), _primes),
    (
        re.compile(
            rf"\bsum of (?:all |the )*(?:numbers|integers) (?:from )?{_WHOLE} (?:to|through) {_WHOLE}", re.IGNORECASE
        ),
        _span,
    ),
)
