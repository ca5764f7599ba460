"""Which route a request takes."""

from collections.abc import Iterable, Sequence

from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send


class RoutingTable:
    """Routes as Starlette's router takes them: the first that has the path and the method.

    Only those are tried that a path can be meant for. Tried one by one, all the patterns took an eighth of the time
    that the caller's side of a relayed request takes.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        fixed = {route.path for route in self.routes if "{" not in route.path}
        patterns = [route for route in self.routes if "{" in route.path]
        assert all("{" not in _place(route.path)[0] for route in patterns), "a pattern's first two parts are fixed"
        self._of_path = {path: [r for r in self.routes if r.path_regex.match(path)] for path in fixed}
        self._of_place = {
            place: [r for r in patterns if _is_open(r) or _place(r.path) == place]
            for place in {_place(route.path) for route in patterns}
        }
        self._open = [route for route in patterns if _is_open(route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; raises HTTPException where no route takes it."""
        await self._taken(scope).app(scope, receive, send)

    def _taken(self, scope: Scope) -> Route:
        near = self._near(scope["path"])
        of_other_methods = None
        for route in near:
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                return route
            if match is Match.PARTIAL and of_other_methods is None:
                of_other_methods = route.path
        if of_other_methods is None:
            raise HTTPException(404)
        methods = (route.methods or () for route in near if route.path == of_other_methods)
        raise HTTPException(405, headers={"allow": ", ".join(sorted(set().union(*methods)))})

    def _near(self, path: str) -> Sequence[Route]:
        return self._of_path.get(path) or self._of_place.get(_place(path)) or self._open


def _place(path: str) -> tuple[str, int]:
    """The first two parts of a path, which are fixed in every pattern, and how many parts it has."""
    end = path.find("/", path.find("/", 1) + 1)
    return path[:end], path.count("/")


def _is_open(route: Route) -> bool:
    """Whether it takes paths of any number of parts."""
    return ":path}" in route.path
