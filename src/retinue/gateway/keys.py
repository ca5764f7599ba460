"""Access by key: a key is its project; as long as no key was ever made, any token will do."""

from retinue.core.caller import Caller
from retinue.core.errors import Unauthorized
from retinue.core.key import hash_of, masked
from retinue.gateway.access import AnyToken
from retinue.store.keys import Keys


class KeyAccess:
    """Looks each request's token up by its hash, so that a key made or revoked elsewhere counts from the next request.

    How long that takes tells nothing about keys: what is compared is the token's SHA-256, which nobody can steer
    towards a stored one, and it is found by index. No part of a token is compared with a part of a key.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._anybody = AnyToken()

    async def caller(self, token: str | None) -> Caller:
        """See `Access.caller`."""
        key, any_made = await self._keys.look_up(hash_of(token or ""))
        if not any_made:
            return await self._anybody.caller(token)
        if not token:
            raise _unauthorized(
                "You didn't provide an API key. Provide one in an Authorization header using Bearer auth "
                "(Authorization: Bearer YOUR_KEY), or in the header api-key."
            )
        if key is None:
            raise _unauthorized(
                f"Incorrect API key provided: {masked(token)}. "
                "Whoever runs this server makes keys with: retinue keys create."
            )
        if not key.in_force:
            raise _unauthorized(
                f"Incorrect API key provided: {masked(token)}. It was revoked. "
                "Whoever runs this server makes another with: retinue keys create."
            )
        return Caller(project=key.project)

    async def needs_key(self) -> bool:
        """See `Access.needs_key`."""
        return await self._keys.any_made()


def _unauthorized(message: str) -> Unauthorized:
    return Unauthorized(message, code="invalid_api_key")
