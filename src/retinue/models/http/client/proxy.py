"""A proxy on the way to a provider."""

from msgspec import Struct

from retinue.models.http.client.address import Address


class Proxy(Struct, frozen=True, kw_only=True):
    """Where it is, and how it is told who asks."""

    address: Address
    login: str = ""
    """The value of a Proxy-Authorization header; empty where it wants none."""

    @property
    def headers(self) -> dict[str, str]:
        """What it is told with each request that it reads."""
        return {"Proxy-Authorization": self.login} if self.login else {}
