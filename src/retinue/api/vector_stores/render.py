"""Core values as the API's objects."""

from collections.abc import Sequence

from retinue.api.lists import Json
from retinue.core.search import Passage
from retinue.core.vector_store import Chunking, FileBatch, FileCounts, VectorStore, VectorStoreFile, Window


def store(value: VectorStore) -> Json:
    """Return a `vector_store`."""
    rendered: Json = {
        "id": value.id,
        "object": "vector_store",
        "created_at": int(value.created_at),
        "name": value.name or "",
        "description": value.description,
        "usage_bytes": value.usage_bytes,
        "file_counts": _counts(value.counts),
        "status": value.status,
        "expires_at": None if value.expires_at is None else int(value.expires_at),
        "last_active_at": int(value.last_active_at or value.created_at),
        "metadata": value.metadata,
    }
    if value.expires_days is not None:
        rendered["expires_after"] = {"anchor": "last_active_at", "days": value.expires_days}
    if extras := _extras(value):
        rendered["retinue"] = extras
    return rendered


def file(value: VectorStoreFile, *, stored: int | None = None) -> Json:
    """Return a `vector_store.file`; of one that is being read, `stored` is how many of its windows are stored."""
    rendered: Json = {
        "id": value.file_id,
        "object": "vector_store.file",
        "created_at": int(value.created_at),
        "vector_store_id": value.store_id,
        "status": value.status,
        "last_error": value.error and {"code": value.error.code, "message": value.error.message},
        "usage_bytes": value.usage_bytes,
        "chunking_strategy": _chunking(value.chunking),
        "attributes": value.attributes,
    }
    if stored is not None:
        rendered["retinue"] = {"windows": {"stored": stored, "total": value.windows or None}}
    return rendered


def batch(value: FileBatch) -> Json:
    """Return a `vector_store.files_batch`."""
    return {
        "id": value.id,
        "object": "vector_store.files_batch",
        "created_at": int(value.created_at),
        "vector_store_id": value.store_id,
        "status": value.status,
        "file_counts": _counts(value.counts),
    }


def content(windows: Sequence[Window], *, next_page: str | None) -> Json:
    """Return a page of a file's text; where it has pages, slides or sheets, each piece says on which it stands."""
    return {
        "object": "vector_store.file_content.page",
        "data": [_piece(window) for window in windows],
        "has_more": next_page is not None,
        "next_page": next_page,
    }


def results(passages: Sequence[Passage], *, queries: Sequence[str]) -> Json:
    """Return what a search found."""
    return {
        "object": "vector_store.search_results.page",
        "search_query": list(queries),
        "data": [_result(passage) for passage in passages],
        "has_more": False,
        "next_page": None,
    }


def _extras(value: VectorStore) -> Json:
    extras: Json = {"thread_id": value.thread_id, "assistant_id": value.assistant_id}
    if value.embedding is not None:
        extras["embedding"] = {"model": value.embedding.model, "dimensions": value.embedding.dimensions}
    return {name: said for name, said in extras.items() if said is not None}


def _counts(counts: FileCounts) -> Json:
    return {
        "in_progress": counts.in_progress,
        "completed": counts.completed,
        "failed": counts.failed,
        "cancelled": counts.cancelled,
        "total": counts.total,
    }


def _chunking(chunking: Chunking) -> Json:
    sizes = {"max_chunk_size_tokens": chunking.size, "chunk_overlap_tokens": chunking.overlap}
    return {"type": "static", "static": sizes}


def _piece(window: Window) -> Json:
    piece: Json = {"type": "text", "text": window.text}
    if window.page is not None:
        piece["retinue"] = {"page": window.page}
    return piece


def _result(passage: Passage) -> Json:
    rendered: Json = {
        "file_id": passage.file_id,
        "filename": passage.file_name,
        "score": passage.score,
        "attributes": passage.attributes,
        "content": [{"type": "text", "text": passage.text}],
    }
    if passage.pages:
        rendered["retinue"] = {"pages": [{"start_index": start, "page": page} for start, page in passage.pages]}
    return rendered
