"""`retinue files search`."""

import shlex
import shutil
import textwrap
from collections.abc import Iterator, Sequence

from retinue.cli.clean import clean, clean_line
from retinue.cli.client.api import Api
from retinue.cli.client.objects import Page
from retinue.cli.files.folder import Folder
from retinue.cli.files.objects import Result
from retinue.cli.files.places import path_of_file, told_apart
from retinue.cli.files.vector_stores import check_named, path_of, store_to_read
from retinue.cli.say import say
from retinue.core.errors import InvalidRequest
from retinue.core.quotes import quote_of

_WIDEST = 100  # columns of a text that is read with ease
_INDENT = "   "
_BEFORE, _AFTER = 120, 480  # characters of a passage that are shown around what fits best


def run_search(words: Sequence[str], folder: Folder, *, store: str | None, limit: int) -> None:
    """Print what is found: of each passage its file, page and score, and its text."""
    check_named(store)
    question = _question(words, folder)

    async def found(api: Api) -> tuple[Result, ...]:
        path = path_of(await store_to_read(api, store, filled=True), "search")
        return (await api.post(path, Page[Result], query=question, max_num_results=limit)).data

    results = folder.ask(found)
    if not results:
        say("Nothing was found in the files.")
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    names = told_apart({one.file_id: path for one in results if (path := path_of_file(one))})
    for number, result in enumerate(results, start=1):
        name = clean_line(names.get(result.file_id, result.filename))
        for line in _told(f"{number}  {name}", question, result, width):
            say(line)


def _question(words: Sequence[str], folder: Folder) -> str:
    """Return the one question; raises InvalidRequest for none, or several."""
    if len(words) > 1:
        quoted = shlex.quote(clean_line(" ".join(words)))
        raise InvalidRequest(f"The question goes in quotes:\n  retinue files search {quoted}{folder.options}")
    if not words[0].strip():
        raise InvalidRequest('There is nothing to search for. Name it, as in: retinue files search "the warranty"')
    return words[0]


def _told(head: str, question: str, result: Result, width: int) -> Iterator[str]:
    """Yield the lines of a result: of its text, what fits the question best and what stands around it."""
    text = "\n".join(piece.text for piece in result.content)
    _, place = quote_of(text, question)
    yield f"{head}{_page(result, place)}  (score {result.score:.2f})"
    start, end = max(place - _BEFORE, 0), place + _AFTER
    shown = f"{'...' if start else ''}{text[start:end].strip()}{'...' if end < len(text) else ''}"
    for paragraph in clean(shown).splitlines():
        yield from textwrap.wrap(paragraph, width, initial_indent=_INDENT, subsequent_indent=_INDENT)
    yield ""


def _page(result: Result, place: int) -> str:
    pages = [begin.page for begin in result.retinue.pages if begin.start_index <= place]
    return f", page {pages[-1]}" if pages else ""
