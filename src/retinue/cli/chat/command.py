"""`retinue chat`."""

from pathlib import Path
from typing import Any

from retinue.cli.chat.beginning import Wish
from retinue.cli.chat.chat import Manner, run_talk
from retinue.cli.chat.opening import open_conversation
from retinue.cli.chat.question import question_of
from retinue.cli.settings import settings_of
from retinue.core.errors import InvalidRequest


def run_chat(
    prompt: str | None,
    *,
    wish: dict[str, Any],
    places: dict[str, Any],
    plain: bool,
    as_json: bool,
    save: Path | None = None,
) -> None:
    """Answer a question and end with code 0 where the answer is complete, else 1; or talk until the user leaves."""
    question = question_of(prompt)
    if as_json and question is None:
        raise InvalidRequest('--json prints one answer: name the question, as in: retinue chat --json "Why?"')
    if save is not None and question is None:
        raise InvalidRequest("--save is for one answer: name the question, or save with /files in a conversation.")
    # what goes wrong is told on the screen; the log would be written into it
    settings = settings_of(log_level="error", asks_providers=True, **places)
    manner = Manner(data=settings.data, plain=plain, as_json=as_json, save=save)
    raise SystemExit(
        run_talk(lambda: open_conversation(settings, Wish(**wish, functions=bool(places["tools"]))), question, manner)
    )
