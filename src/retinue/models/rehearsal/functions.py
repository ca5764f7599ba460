"""Functions: the tools that a request offers, as the rest of this package looks at them."""

import re
from collections.abc import Sequence

from msgspec import Struct

from retinue.core.hosted import FILE_SEARCH
from retinue.models.base import Json

_FILE_SEARCH = re.compile(rf"(?:hosted_)*{FILE_SEARCH.name}")
_CODE_INTERPRETER = re.compile(r"(?:hosted_)*code_interpreter")


class Function(Struct, frozen=True, kw_only=True):
    """A function that may be called."""

    name: str
    description: str = ""
    parameters: Json = {}
    """JSON Schema of the arguments; empty where there are none."""

    @property
    def properties(self) -> Json:
        """The schemas of its parameters by name."""
        properties = self.parameters.get("properties")
        return properties if isinstance(properties, dict) else {}

    @property
    def required(self) -> list[str]:
        """The parameters that every call needs: the first one where the schema names none."""
        named = [name for name in self.parameters.get("required") or () if name in self.properties]
        return named or list(self.properties)[:1]


def offered(tools: Sequence[Json]) -> list[Function]:
    """Return the functions among these tools, in order."""
    return [
        Function(
            name=function["name"],
            description=str(function.get("description") or ""),
            parameters={} if function.get("parameters") is True else function.get("parameters") or {},
        )
        for tool in tools
        if isinstance(function := tool.get("function"), dict) and isinstance(function.get("name"), str)
    ]


def searches_files(name: str | None) -> bool:
    """Whether a function of this name is the hosted search, which has another one where a caller's own bears its."""
    return name is not None and _FILE_SEARCH.fullmatch(name) is not None


def runs_code(name: str | None) -> bool:
    """Whether a function of this name is the code interpreter; as for the search, there may be another of its name."""
    return name is not None and _CODE_INTERPRETER.fullmatch(name) is not None
