"""Core values as the API's objects."""

from retinue.api.lists import Json
from retinue.core.container import Container, ContainerFile
from retinue.core.container_paths import FOLDER


def container(value: Container, *, now: float) -> Json:
    """Return a `container`."""
    rendered: Json = {
        "id": value.id,
        "object": "container",
        "created_at": int(value.created_at),
        "name": value.name,
        "status": "expired" if value.is_over(now) else "running",
        "last_active_at": int(value.last_active_at),
        "memory_limit": value.memory_limit,
        "network_policy": {"type": "disabled"},
    }
    if value.expires_minutes is not None:
        rendered["expires_after"] = {"anchor": "last_active_at", "minutes": value.expires_minutes}
    if value.thread_id is not None:
        rendered["retinue"] = {"thread_id": value.thread_id}
    return rendered


def file(value: ContainerFile) -> Json:
    """Return a `container.file`; one that has the bytes of a stored file names that."""
    rendered: Json = {
        "id": value.id,
        "object": "container.file",
        "created_at": int(value.created_at),
        "container_id": value.container_id,
        "bytes": value.size,
        "path": f"{FOLDER}/{value.path}",
        "source": value.source,
    }
    if value.file_id is not None:
        rendered["retinue"] = {"file_id": value.file_id}
    return rendered
