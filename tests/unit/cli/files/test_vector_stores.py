"""Which vector store a command means."""

from typing import Any, TypeVar, cast

import msgspec
import pytest

from retinue.cli.client.api import Api
from retinue.cli.files.objects import CHAT_FILES
from retinue.cli.files.vector_stores import store_named, store_to_fill, store_to_read
from retinue.core.errors import InvalidRequest

T = TypeVar("T")

OF_A_THREAD = {"id": "vs_thread", "name": "", "retinue": {"thread_id": "thread_1"}}
OF_AN_ASSISTANT = {"id": "vs_assistant", "retinue": {"assistant_id": "asst_1"}}
OF_CHAT = {"id": "vs_chat", "name": "docs", "metadata": {CHAT_FILES: "0"}}
MADE_FOR_SOMETHING = (OF_A_THREAD, OF_AN_ASSISTANT, OF_CHAT)
KEPT = {"id": "vs_kept", "name": "documents", "metadata": {"team": "red"}, "retinue": {}}


class Stores:
    """An API with these vector stores."""

    def __init__(self, *stores: dict[str, Any]) -> None:
        self._stores = stores

    async def get(self, path: str, type_: type[T]) -> T:
        return msgspec.convert({"data": self._stores, "has_more": False}, type_)

    async def post(self, path: str, type_: type[T], *, name: str) -> T:
        return msgspec.convert({"id": "vs_new", "name": name}, type_)


def api(*stores: dict[str, Any]) -> Api:
    return cast("Api", Stores(*stores))  # it has what is asked of one


async def named(name: str | None, *stores: dict[str, Any]) -> str | None:
    found = await store_named(api(*stores), name)
    return found.id if found else None


async def test_the_only_one_is_the_only_one_that_was_made_for_nothing_else() -> None:
    assert await named(None, *MADE_FOR_SOMETHING, KEPT) == "vs_kept"
    assert await named(None, *MADE_FOR_SOMETHING) is None


async def test_of_two_one_has_to_be_named() -> None:
    with pytest.raises(InvalidRequest, match=r"There are 2 vector stores\. .*: documents, vs_2\."):
        await named(None, OF_CHAT, KEPT, {"id": "vs_2"})


async def test_each_can_be_named() -> None:
    assert await named("vs_thread", *MADE_FOR_SOMETHING, KEPT) == "vs_thread"
    assert await named("docs", *MADE_FOR_SOMETHING, KEPT) == "vs_chat"


async def test_one_that_was_made_for_nothing_else_comes_first_by_its_name() -> None:
    assert await named("docs", OF_CHAT, {"id": "vs_docs", "name": "docs"}) == "vs_docs"


async def test_files_are_not_added_to_what_a_chat_made_unless_its_id_says_so() -> None:
    assert (await store_to_fill(api(OF_CHAT), "docs")).store.id == "vs_new"
    assert (await store_to_fill(api(OF_CHAT), "vs_chat")).store.id == "vs_chat"
    assert (await store_to_fill(api(*MADE_FOR_SOMETHING), None)).store.id == "vs_new"


@pytest.mark.parametrize("name", ["", " "])
async def test_an_empty_name_is_not_the_store_that_has_none(name: str) -> None:
    for chosen in (store_named, store_to_fill):
        with pytest.raises(InvalidRequest, match="--store is empty"):
            await chosen(api(OF_A_THREAD), name)


async def test_of_two_stores_of_one_name_files_and_age_are_told() -> None:
    twin = {**KEPT, "id": "vs_twin", "created_at": 1_700_000_000, "file_counts": {"total": 2}}
    with pytest.raises(
        InvalidRequest, match=r"vs_kept \(0 files, made .*vs_twin \(2 files, made 2023-11-14 22:13 UTC\)"
    ):
        await named("documents", KEPT, twin)


async def test_the_only_one_that_holds_files_is_meant_where_it_is_read() -> None:
    filled = {"id": "vs_filled", "name": "more", "file_counts": {"total": 2}}
    assert (await store_to_read(api(KEPT, filled), None, filled=True)).id == "vs_filled"
    with pytest.raises(InvalidRequest, match="There are 2 vector stores"):
        await store_to_read(api(KEPT, filled), None)
