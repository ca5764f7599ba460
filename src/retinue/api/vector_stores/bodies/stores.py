"""Bodies of vector stores."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, structs

from retinue.api.assistants.bodies.assistants import Description, Name
from retinue.api.assistants.bodies.messages import Id
from retinue.api.fields import Body, Metadata
from retinue.api.vector_stores.bodies.chunking import Strategy, chunking_of
from retinue.core.errors import InvalidRequest
from retinue.core.vector_store import FileDraft, FilledStore, VectorStore

MAX_FIRST_FILES = 500  # contract


class ExpiresAfter(Body, frozen=True, kw_only=True):
    """After how many days without use a vector store expires."""

    anchor: Literal["last_active_at"]
    days: Annotated[int, Meta(ge=1, le=365)]


class StoreBody(Body, frozen=True, kw_only=True):
    """To create a vector store."""

    file_ids: Annotated[tuple[Id, ...], Meta(max_length=MAX_FIRST_FILES)] | None = None
    name: Name | None = None
    description: Description | None = None
    expires_after: ExpiresAfter | None = None
    chunking_strategy: Strategy | None = None
    metadata: Metadata | None = None

    def draft(self) -> FilledStore:
        """Return a new vector store's draft; raises InvalidRequest."""
        chunking = chunking_of(self.chunking_strategy)
        return FilledStore(
            store=VectorStore(
                id="",
                created_at=0,
                name=self.name,
                description=self.description,
                expires_days=days_of(self.expires_after),
                metadata=self.metadata or {},
            ),
            files=tuple(FileDraft(file_id=id_, chunking=chunking) for id_ in self.file_ids or ()),
        )


class StoreChanges(Body, frozen=True, kw_only=True):
    """To modify a vector store; what is unset stays as it is, null clears."""

    name: Name | None | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET
    expires_after: ExpiresAfter | None | UnsetType = UNSET
    metadata: Metadata | None | UnsetType = UNSET

    def applied_to(self, store: VectorStore, *, now: float) -> VectorStore:
        """Return the vector store with what this body sets; raises InvalidRequest."""
        changes: dict[str, object] = {
            field: value for field in ("name", "description") if (value := getattr(self, field)) is not UNSET
        }
        if self.expires_after is not UNSET:
            changes |= _lasting(store, days_of(self.expires_after), now=now)
        if self.metadata is not UNSET:
            changes["metadata"] = self.metadata or {}
        return structs.replace(store, **changes)


def days_of(expires_after: ExpiresAfter | None) -> int | None:
    """Return after how many days a vector store expires; None is never."""
    return None if expires_after is None else expires_after.days


def _lasting(store: VectorStore, days: int | None, *, now: float) -> dict[str, object]:
    """What changes where a vector store is to last so many days: it is a use of it, so that none expires by it."""
    if not store.is_over(now):
        return {"expires_days": days, "last_active_at": now}
    if days == store.expires_days:
        return {}
    raise InvalidRequest(
        f"The vector store {store.id} has expired, and its contents are gone: 'expires_after' can't bring it back. "
        "Make another one.",
        param="expires_after",
        code="invalid_value",
    )
