"""The server's own functions, as the terminal speaks of them."""

from collections.abc import Mapping, Sequence

EXPOSE = """to expose them, add [[tools.expose]] to retinue.toml and, below it, projects = ["default"]"""


def served_functions(functions: Mapping[str, Sequence[str]]) -> str:
    """Say which functions run for whom, and what to do where none runs for anybody."""
    named: dict[str, list[str]] = {}
    for name, audience in functions.items():
        named.setdefault(" and ".join(audience), []).append(name)
    hidden = named.pop("", [])
    said = [f"{', '.join(names)} for {audience}" for audience, names in named.items()]
    if hidden:
        said.append(f"{', '.join(hidden)} for nobody" + ("" if named else f": {EXPOSE}"))
    return f"{len(functions)} run here: " + "; ".join(said)
