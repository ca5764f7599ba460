"""Whom TLS trusts: the system's certificates, or those of SSL_CERT_FILE."""

import asyncio
import ssl


class Trust:
    """What connections over TLS are checked by: made once, and beside the event loop, for it takes 50 to 100 ms."""

    def __init__(self) -> None:
        self._made: asyncio.Future[ssl.SSLContext] | None = None

    async def context(self) -> ssl.SSLContext:
        """Return it; raises OSError where certificates can't be read."""
        made = self._made
        if made is None or (made.done() and (made.cancelled() or made.exception())):
            made = self._made = asyncio.get_running_loop().run_in_executor(None, _context)
        # Who gives up must not take it from those who wait for the same.
        return await asyncio.shield(made)


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
