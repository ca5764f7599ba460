"""Texts that are too long to be shown whole: their two ends, and between them a note on what is missing."""


def cut_middle(text: str, keep: int, *, size: int | None = None) -> str:
    """Return the ends of a text, `keep` characters in all, around a note that says how much was left out.

    `size` is the characters of the whole where `text` itself is what was kept of it: its note stands in the middle
    too, and is left out with it.
    """
    whole = len(text) if size is None else size
    head, tail = text[: keep - keep // 2], text[len(text) - keep // 2 :]
    note = f"[{whole - keep:,} of {whole:,} characters are left out here; the output is kept whole on the server]"
    return f"{head}\n{note}\n{tail}"
