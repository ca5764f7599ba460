"""Who is calling, by the token of the request."""

from typing import Protocol

from retinue.core.caller import Caller
from retinue.core.errors import Unauthorized
from retinue.core.key import DEFAULT_PROJECT


class Access(Protocol):
    """Knows the callers."""

    async def caller(self, token: str | None) -> Caller:
        """Return who bears this token; raises Unauthorized."""
        ...

    async def needs_key(self) -> bool:
        """Return whether a key is asked for, and not just any token."""
        ...


class AnyToken:
    """Any token is the default project: for a server that only this machine can reach.

    A token is asked for all the same. A page in a browser can't add one to a request to another origin without
    asking first, and nobody answers such questions here: so no page can act on a server at localhost.
    """

    async def caller(self, token: str | None) -> Caller:
        """See `Access.caller`."""
        if not token:
            raise Unauthorized(
                "You didn't provide an API key. Provide one in an Authorization header using Bearer auth "
                "(Authorization: Bearer YOUR_KEY); on this machine any key will do.",
                code="invalid_api_key",
            )
        return Caller(project=DEFAULT_PROJECT)

    async def needs_key(self) -> bool:
        """See `Access.needs_key`."""
        return False
