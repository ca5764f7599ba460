"""Bodies of containers."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from retinue.api.assistants.bodies.messages import Id
from retinue.api.fields import Body
from retinue.core.container import EXPIRES_MINUTES, Container, MemoryLimit
from retinue.core.container_paths import MAX_FILES
from retinue.core.errors import InvalidRequest

MAX_MINUTES = 7 * 24 * 60
MAX_NAME = 256  # characters


class ExpiresAfter(Body, frozen=True, kw_only=True):
    """After how many minutes without use a container expires."""

    anchor: Literal["last_active_at"]
    minutes: Annotated[int, Meta(ge=1, le=MAX_MINUTES)]


class Network(Body, frozen=True, kw_only=True):
    """Whom code may talk to."""

    type: Literal["disabled", "allowlist"]
    allowed_domains: list[Any] | None = None
    domain_secrets: list[Any] | None = None


class ContainerBody(Body, frozen=True, kw_only=True):
    """To create a container."""

    name: Annotated[str, Meta(max_length=MAX_NAME)]
    file_ids: Annotated[tuple[Id, ...], Meta(max_length=MAX_FILES)] | None = None
    expires_after: ExpiresAfter | None = None
    skills: list[Any] | None = None
    memory_limit: MemoryLimit | None = None
    network_policy: Network | None = None

    def draft(self) -> Container:
        """Return a new container's draft; raises InvalidRequest for what containers here don't have."""
        if self.skills:
            raise _refusal("skills", "containers have no skills here. Put what code needs into it as files")
        if self.network_policy and self.network_policy != Network(type="disabled"):
            raise _refusal("network_policy", "code reaches no network here. The one policy is {'type': 'disabled'}")
        return Container(
            id="",
            created_at=0,
            last_active_at=0,
            name=self.name,
            expires_minutes=self.expires_after.minutes if self.expires_after else EXPIRES_MINUTES,
            memory_limit=self.memory_limit or "1g",
        )


class FileBody(Body, frozen=True, kw_only=True):
    """To put a stored file into a container."""

    file_id: Id


def _refusal(param: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid '{param}': {why}.", param=param, code="unsupported_value")
