"""Texts with a form."""

from collections.abc import Sequence
from html import escape


def html(title: str, paragraphs: Sequence[str]) -> bytes:
    """Return a web page with a script and a style, which say nothing."""
    body = "".join(f"<p>{escape(text)}</p>\n" for text in paragraphs)
    head = (
        f"<title>{escape(title)}</title><style>p {{ color: red }}</style><script>let hidden = '<p>unsaid</p>'</script>"
    )
    return f"<!DOCTYPE html>\n<html><head>{head}</head><body><h1>{escape(title)}</h1>\n{body}</body></html>\n".encode()


def csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows of comma-separated values, each quoted."""
    return "".join(",".join(f'"{_quoted(cell)}"' for cell in row) + "\r\n" for row in rows).encode()


def markdown(title: str, sections: Sequence[tuple[str, str]]) -> bytes:
    """Return a note of sections, each with its heading."""
    return (f"# {title}\n\n" + "".join(f"## {heading}\n\n{text}\n\n" for heading, text in sections)).encode()


def _quoted(cell: str) -> str:
    return cell.replace('"', '""')
