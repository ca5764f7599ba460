"""Text from outside, made harmless: what models, functions and servers say reaches the terminal through here alone."""

_PICTURES = 0x2400  # Unicode shows control characters from here on: ESC as ␛
_REPLACED = 0xFFFD

_C0 = {code: _PICTURES + code for code in range(0x20)} | {0x7F: 0x2421}
_C1 = dict.fromkeys(range(0x80, 0xA0), _REPLACED)  # xterm obeys them in UTF-8 too
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), _REPLACED)  # make text read backwards
_HALVES = dict.fromkeys(range(0xD800, 0xE000), _REPLACED)
_KEPT = {ord("\n"): ord("\n"), ord("\t"): ord("\t"), ord("\r"): None, 0x2028: ord("\n"), 0x2029: ord("\n")}
_HARMLESS = _C0 | _C1 | _TURNING | _HALVES | _KEPT

_LINE = 300  # characters of what is told in one line


def clean(text: str) -> str:
    """Return the text with nothing in it that a terminal would obey but line breaks and tabs."""
    return text.translate(_HARMLESS)


def clean_line(text: str, most: int = _LINE) -> str:
    """Return the text in one line, cut where it is long."""
    line = " ".join(clean(text[: 4 * most]).split())
    return line if len(line) <= most else f"{line[: most - 3]}..."
