"""Whose job is next where projects take turns."""

from collections.abc import Collection

_LEAST_S = 0.01  # that a job counts, so that also those which take no time take turns


class Turns:
    """Shares time out: next is the project that was worked for least. Time that nobody wanted is not saved up."""

    def __init__(self) -> None:
        self._since = 0.0
        """Seconds that every project has had, or might have."""
        self._taken: dict[str, float] = {}
        """By project, where it has had more."""

    def next(self, waiting: Collection[str]) -> str:
        """Return whose turn it is of the projects that wait; of several that had as much, the first by name."""
        project = min(sorted(waiting), key=self._had)
        self._since = self._had(project)
        self._taken = {each: had for each, had in self._taken.items() if had > self._since}
        return project

    def took(self, project: str, seconds: float) -> None:
        """Note how long a project's job was worked at."""
        self._taken[project] = self._had(project) + max(seconds, _LEAST_S)

    def _had(self, project: str) -> float:
        return max(self._taken.get(project, 0.0), self._since)
