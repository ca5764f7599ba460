"""Arithmetic: finds a sum in a text and works it out exactly, within bounds."""

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction

_LONGEST = 200  # characters of an expression; keeps its tree shallow
_MOST_BITS = 4096  # of a power's numerator or denominator
_MOST_RESULT_BITS = 2 * _MOST_BITS  # of a result; Python writes out 4300 digits, some 14000 bits, and no more
_MOST_DECIMALS = 30

_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda left, right: Fraction(left // right),
    ast.Mod: operator.mod,
}

_WORDED = (
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent)\s+of\b", re.IGNORECASE), r"\1 / 100 *"),
    (re.compile(r"\bto the power of\b|\^", re.IGNORECASE), "**"),
    (re.compile(r"\bsquared\b", re.IGNORECASE), "** 2"),
    (re.compile(r"\bcubed\b", re.IGNORECASE), "** 3"),
    (re.compile(r"\bplus\b", re.IGNORECASE), "+"),
    (re.compile(r"\bminus\b|\N{MINUS SIGN}", re.IGNORECASE), "-"),
    (re.compile(r"\b(?:multiplied by|times)\b|[×·]|(?<=\d)\s*x\s*(?=[\d(])", re.IGNORECASE), "*"),
    (re.compile(r"\bdivided by\b|÷", re.IGNORECASE), "/"),
    (re.compile(r"\bmod(?:ulo)?\b", re.IGNORECASE), "%"),
)
_EXPRESSION = re.compile(r"[-+(\d.][-+*/%().\d\s]*[\d).]")
_SUM = re.compile(r"[\d.)]\s*(?:\*\*|//|[-+*/%])\s*[-+(]*\s*[\d.(]")
_ASKED = re.compile(
    r"\bwhat(?:'s|\u2019s| is| are)|\b(?:how much|calculate|compute|work out|evaluate|solve|result|sum)\b|=\s*\??\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\s*(?:$|[?!.,;:=)\n]|(?:and|or|then|please|exactly|as|to|using|with|in|for)\b)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4}")


class Unsolvable(Exception):
    """The expression has no value, or one that is too large; the message says so in a clause."""


def find(text: str) -> str | None:
    """Return the expression that the text asks to be worked out, in Python's notation; None if there is none."""
    text = text[:2000]
    if _DATE.search(text):
        return None
    asked = _ASKED.search(text)
    for pattern, symbol in _WORDED:
        text = pattern.sub(symbol, text)
    for found in _EXPRESSION.finditer(text):
        expression = " ".join(found[0].split()).rstrip(".")
        alone = expression == text.strip().rstrip("?.!= ")
        if (alone or (asked and _GOES_ON.match(text, found.end()))) and _is_sum(expression):
            return expression
    return None


def solve(expression: str) -> Fraction:
    """Return the exact value of an expression of `find`; raises Unsolvable."""
    tree = _tree(expression)
    if tree is None:
        raise Unsolvable("that is no sum")
    try:
        value = _value(tree, expression)
    except ZeroDivisionError as exc:
        raise Unsolvable("nothing can be divided by zero") from exc
    if _bits(value) > _MOST_RESULT_BITS:
        raise Unsolvable("the result is too large to write down")
    return value


def written(value: Fraction) -> str:
    """Return the value as people write it: whole, with decimals where they end, else as a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    for digits in range(1, _MOST_DECIMALS + 1):
        if (value * 10**digits).denominator == 1:
            return _decimal(value, digits)
    return f"{value.numerator}/{value.denominator} (about {_decimal(value, 10).rstrip('0')})"


def _is_sum(expression: str) -> bool:
    short = len(expression) <= _LONGEST
    return short and _SUM.search(expression) is not None and _tree(expression) is not None


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _decimal(value: Fraction, digits: int) -> str:
    scaled = round(abs(value) * 10**digits)
    whole, rest = divmod(scaled, 10**digits)
    return f"{'-' if value < 0 else ''}{whole}.{rest:0{digits}d}"


def _tree(expression: str) -> ast.expr | None:
    try:
        return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _value(node: ast.expr, source: str) -> Fraction:
    match node:
        case ast.Constant(value=int() | float()):
            # From the text, not from the float: 0.1 is a tenth here.
            return Fraction(ast.get_source_segment(source, node) or "0")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, source)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, source)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, source), _value(right, source))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, source), _value(right, source))
    raise Unsolvable("that is more than sums")


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise Unsolvable("powers go by whole numbers only")
    bits = _bits(base)
    if bits > 1 and bits * abs(exponent.numerator) > _MOST_BITS:
        raise Unsolvable("the result is too large to write down")
    return Fraction(base**exponent.numerator)
