"""`retinue files search`."""

import shutil
import textwrap
from collections.abc import Iterator

from retinue.cli.clean import clean, clean_line
from retinue.cli.client.api import Api
from retinue.cli.client.objects import Page
from retinue.cli.files.folder import Folder
from retinue.cli.files.objects import Result
from retinue.cli.files.vector_stores import path_of, store_to_read
from retinue.cli.say import say

_WIDEST = 100  # columns of a text that is read with ease


def run_search(question: str, folder: Folder, *, store: str | None, limit: int) -> None:
    """Print what is found: of each passage its file, page and score, and its text."""

    async def found(api: Api) -> tuple[Result, ...]:
        path = path_of(await store_to_read(api, store), "search")
        return (await api.post(path, Page[Result], query=question, max_num_results=limit)).data

    results = folder.ask(found)
    if not results:
        say("Nothing was found in the files.")
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    for number, result in enumerate(results, start=1):
        for line in _told(number, result, width):
            say(line)


def _told(number: int, result: Result, width: int) -> Iterator[str]:
    yield f"{number}  {clean_line(result.filename)}{_pages(result)}  (score {result.score:.2f})"
    for piece in result.content:
        for paragraph in clean(piece.text).splitlines():
            yield from textwrap.wrap(paragraph, width, initial_indent="   ", subsequent_indent="   ")
    yield ""


def _pages(result: Result) -> str:
    pages = [begin.page for begin in result.retinue.pages]
    if not pages:
        return ""
    first, last = min(pages), max(pages)
    return f", page {first}" if first == last else f", pages {first}-{last}"
