"""Where a provider's paths are and how it is told the key: Azure and Anthropic do it in ways of their own.

Azure: https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle. Its v1 API is `/openai/v1`; before it
each deployment had paths of its own, `/openai/deployments/NAME`, and a version of the API in the query. Anthropic's
list of models wants headers of its own, its compatible endpoint a bearer token:
https://platform.claude.com/docs/en/api/models-list. So does Gemini's beside its own API.
"""

import re
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from msgspec import Struct

from retinue.models.address import under

Style = Literal["openai", "azure", "anthropic", "gemini"]
Use = Literal["chat", "list", "server"]
"""What is asked for: a reply, the list of models, or what a server has beside OpenAI's API."""

_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)/*$")
_RESOURCE = re.compile(r"(/openai)?/*$")
_VERSION = "2024-10-21"  # the last one before v1 that is generally available
_TOKEN = "eyJ"  # how a login's token begins, and no key


class Endpoint(Struct, frozen=True, kw_only=True):
    """A provider's address, and the style of its paths and headers."""

    base_url: str
    style: Style = "openai"

    @property
    def deployment(self) -> str | None:
        """The one model that an address of Azure's leads to, None where it leads to several."""
        found = _DEPLOYMENT.search(urlsplit(self.base_url).path) if self.style == "azure" else None
        return found.group(1) if found else None

    def url(self, path: str, model: str | None = None) -> str:
        """Return the address of a path such as `/chat/completions`, asked for this model."""
        if self.style != "azure":
            return under(self.base_url, path)
        parts = urlsplit(self.base_url)
        if _DEPLOYMENT.search(parts.path):
            return under(self.base_url if parts.query else f"{self.base_url}?api-version={_VERSION}", path)
        if not _RESOURCE.fullmatch(parts.path):
            return under(self.base_url, path)
        if "api-version=" not in parts.query:
            return urlunsplit(parts._replace(path=f"/openai/v1{path}", fragment=""))
        place = "" if model is None else f"/deployments/{quote(model, safe='')}"
        return urlunsplit(parts._replace(path=f"/openai{place}{path}", fragment=""))

    def beside(self, path: str) -> str:
        """Return the address of a path of the server itself."""
        parts = urlsplit(self.base_url)
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    def login(self, key: str, use: Use = "chat") -> dict[str, str]:
        """Return the headers that bear the key; none if it is empty."""
        match self.style, use:
            case _ if not key:
                return {}
            case "azure", _ if not key.startswith(_TOKEN):
                return {"api-key": key}
            case "anthropic", "list":
                return {"x-api-key": key, "anthropic-version": "2023-06-01"}
            case "gemini", "server":
                return {"x-goog-api-key": key}
            case _:
                return {"Authorization": f"Bearer {key}"}


def endpoint_of(base_url: str, dialect: str = "default") -> Endpoint:
    """Return the endpoint at an address whose provider speaks this dialect."""
    match dialect:
        case "azure" | "anthropic" | "gemini":
            return Endpoint(base_url=base_url, style=dialect)
        case _:
            return Endpoint(base_url=base_url)
