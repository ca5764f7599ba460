"""What a docstring tells the model: what a function does, and what its arguments are."""

from collections.abc import Mapping

from msgspec import Struct


class Docstring(Struct, frozen=True, kw_only=True):
    """A function's docstring, in Google's, NumPy's or Sphinx's style."""

    description: str | None = None
    """Its first paragraph, on one line."""
    arguments: Mapping[str, str] = {}


def read_docstring(text: str | None) -> Docstring:
    """Return what it says; nothing, if there is none."""
    if not text:
        return Docstring()
    import docstring_parser  # here: a server without functions has no use for it

    parsed = docstring_parser.parse(text)
    arguments = {
        name.strip().lstrip("*"): _line(argument.description)
        for argument in parsed.params
        for name in argument.arg_name.split(",")
        if argument.description
    }
    return Docstring(description=_line((parsed.description or "").split("\n\n")[0]) or None, arguments=arguments)


def _line(text: str) -> str:
    return " ".join(text.split())
