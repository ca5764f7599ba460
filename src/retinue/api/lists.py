"""Lists and deletions as the API tells them, whatever is listed or deleted."""

from collections.abc import Callable
from typing import Any, TypeVar

from retinue.core.assistant import Assistant
from retinue.core.container import Container, ContainerFile
from retinue.core.file import File
from retinue.core.item import Message
from retinue.core.paging import Page
from retinue.core.run import Run
from retinue.core.step import Step
from retinue.core.thread import Thread
from retinue.core.vector_store import VectorStore, VectorStoreFile

Json = dict[str, Any]
T = TypeVar("T", Assistant, Thread, Message, Run, Step, File, VectorStore, VectorStoreFile, Container, ContainerFile)


def page(value: Page[T], render: Callable[[T], Json]) -> Json:
    """Return a list object."""
    return rows([render(entry) for entry in value.data], has_more=value.has_more)


def rows(rendered: list[Json], *, has_more: bool) -> Json:
    """Return a list object of what is rendered already."""
    return {
        "object": "list",
        "data": rendered,
        "first_id": rendered[0]["id"] if rendered else None,
        "last_id": rendered[-1]["id"] if rendered else None,
        "has_more": has_more,
    }


def deleted(id_: str, kind: str) -> Json:
    """Return what the API says of a deletion."""
    return {"id": id_, "object": f"{kind}.deleted", "deleted": True}
