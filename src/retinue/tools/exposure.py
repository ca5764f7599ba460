"""Who may have which functions run on this server."""

import difflib
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from retinue.core.errors import NotStarted


class Rule(Struct, frozen=True, kw_only=True):
    """Functions, and for whom they run. An assistant's id alone says nothing: other projects may have the same."""

    functions: tuple[str, ...]
    """Names, or patterns as shells have them: `get_*`, as the models of providers are named too."""
    projects: frozenset[str] = frozenset()
    assistants: frozenset[tuple[str, str]] = frozenset()
    """Pairs of project and id."""

    def names(self, function: str) -> bool:
        """Whether the function is one of those."""
        return any(fnmatchcase(function, pattern) for pattern in self.functions)


class Exposure:
    """All rules together: what one allows is allowed."""

    def __init__(self, rules: Sequence[Rule], functions: Collection[str]) -> None:
        """Raise NotStarted for a rule about functions that there are none of."""
        for pattern in (pattern for rule in rules for pattern in rule.functions):
            if pattern != "*" and not any(fnmatchcase(function, pattern) for function in functions):
                raise NotStarted(_unknown(pattern, functions))
        self._rules = rules

    def allows(self, function: str, *, project: str, assistant_id: str) -> bool:
        """Whether the function runs for this assistant of this project."""
        return self.to_project(function, project) or assistant_id in self.to_assistants(function, project)

    def to_project(self, function: str, project: str) -> bool:
        """Whether it runs for every assistant of the project."""
        return any(project in rule.projects for rule in self._rules if rule.names(function))

    def to_assistants(self, function: str, project: str) -> set[str]:
        """Return the ids of the project's assistants that it runs for."""
        named = (pair for rule in self._rules if rule.names(function) for pair in rule.assistants)
        return {assistant_id for owner, assistant_id in named if owner == project}

    def audience(self, function: str) -> list[str]:
        """Return for whom it runs, for people: `project 'default'`, `assistant 'default/asst_1'`."""
        rules = [rule for rule in self._rules if rule.names(function)]
        projects = {f"project '{project}'" for rule in rules for project in rule.projects}
        assistants = {f"assistant '{project}/{id_}'" for rule in rules for project, id_ in rule.assistants}
        return [*sorted(projects), *sorted(assistants)]


def _unknown(pattern: str, functions: Collection[str]) -> str:
    said = f"[[tools.expose]] names the function '{pattern}', which there is not"
    if not functions:
        return f"{said}: there are none at all. Name their module: --tools mytools.py."
    if near := difflib.get_close_matches(pattern, functions, n=1):
        return f"{said}. Did you mean '{near[0]}'?"
    return f"{said}. There are: {', '.join(sorted(functions))}."
