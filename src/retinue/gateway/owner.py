"""Access of whoever may read the data folder: the terminal, to the server that has it."""

import hmac

from retinue.core.caller import Caller
from retinue.core.errors import InvalidRequest, Unauthorized
from retinue.core.key import OWNER_PREFIX, check_project
from retinue.gateway.access import Access


class OwnerAccess:
    """Opens any project to who bears the secret that a server wrote into its folder; others go the usual way."""

    def __init__(self, secret: str, others: Access) -> None:
        self._secret, self._others = secret.encode(), others

    async def caller(self, token: str | None) -> Caller:
        """See `Access.caller`."""
        if token is None or not token.startswith(OWNER_PREFIX):
            return await self._others.caller(token)
        secret, _, project = token.removeprefix(OWNER_PREFIX).rpartition(".")
        if not hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), self._secret):
            raise Unauthorized(
                "That is not the token of this server's data folder: it is another one after each start.",
                code="invalid_api_key",
            )
        return Caller(project=_checked(project))

    async def needs_key(self) -> bool:
        """See `Access.needs_key`."""
        return await self._others.needs_key()


def _checked(project: str) -> str:
    try:
        check_project(project)
    except InvalidRequest as error:
        raise Unauthorized(error.message, code="invalid_api_key") from error
    return project
