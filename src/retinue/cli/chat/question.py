"""The question of a call that answers once: the prompt, what comes by the pipe, or both."""

import sys

from retinue.core.errors import InvalidRequest

_MOST = 256_000  # characters; the contract's limit of a message
_MOST_BYTES = 4 * _MOST  # of as many characters in UTF-8


def question_of(prompt: str | None) -> str | None:
    """Return what is to be asked once; None where somebody sits at a terminal and named nothing."""
    piped = _piped()
    if prompt is None and piped is None:
        return None
    question = "\n\n".join(part for part in (prompt, piped) if part and part.strip())
    if not question:
        raise InvalidRequest('There is nothing to ask. Name it, as in: retinue chat "What is a run?"')
    if len(question) > _MOST:
        raise _too_long()
    return question


def _piped() -> str | None:
    """Return what comes by the pipe; None where standard input is a terminal, or is closed."""
    if sys.stdin is None or sys.stdin.isatty():
        return None
    content = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise _too_long()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _binary() from None
    if "\0" in text:
        raise _binary()
    return text


def _too_long() -> InvalidRequest:
    return InvalidRequest(
        f"That is too long: a question has at most {_MOST:,} characters. Send a part: head -c 200000."
    )


def _binary() -> InvalidRequest:
    return InvalidRequest("What came by the pipe is no text in UTF-8. Send text; `iconv -t UTF-8` makes it of another.")
