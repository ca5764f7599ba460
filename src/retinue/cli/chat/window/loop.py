"""What goes on in a window: a line, what it asks or commands, the next line."""

from retinue.cli.chat.window.commands import obey
from retinue.cli.chat.window.line import Interrupted, Line
from retinue.cli.chat.window.window import Window


async def converse(window: Window, line: Line) -> None:
    """Take lines until the user leaves."""
    window.screen.notice(_greeting(window))
    while not window.over:
        draft, window.draft = window.draft, ""
        try:
            typed = await line.read(draft=draft)
        except EOFError:
            return
        except Interrupted:
            _interrupted(window)
        else:
            window.armed = False
            await _take(window, typed)


def _greeting(window: Window) -> str:
    conversation = window.conversation
    thread = conversation.thread_id or "new thread"
    documents = f"searches {conversation.documents}" if conversation.documents else ""
    return " · ".join(filter(None, [conversation.model, conversation.place, thread, documents, "/help"]))


def _interrupted(window: Window) -> None:
    """A second Ctrl-C leaves."""
    if window.armed:
        window.over = True
    else:
        window.armed = True
        window.screen.notice("Ctrl-C again leaves, and so does Ctrl-D.")


async def _take(window: Window, typed: str) -> None:
    if typed.startswith("/") and not typed.startswith("//"):
        await obey(window, typed)
    elif question := typed.strip():
        await window.ask(question.removeprefix("/") if question.startswith("//") else question)
