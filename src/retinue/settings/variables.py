"""Variables: those of the environment and, where it has none of a name, those of a `.env` file."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from retinue.settings.dotenv import DotEnv, Variable, read_dotenv
from retinue.settings.files import DOTENV, is_there
from retinue.settings.source import Source

_NOTHING = DotEnv(variables={}, notes=())


class Variables:
    """What is set, by name; a variable that is set to nothing is not set."""

    def __init__(self, environment: Mapping[str, str], folder: Path | None) -> None:
        self.file = folder / DOTENV if folder is not None and is_there(folder / DOTENV) else None
        """The `.env` of the folder, if there is one."""
        dotenv = _NOTHING if self.file is None else read_dotenv(self.file)
        self.notes = dotenv.notes
        self._layers = [dict(_of_environment(environment)), dotenv.variables]

    def __iter__(self) -> Iterator[Variable]:
        """Return all of both places."""
        return (variable for layer in self._layers for variable in layer.values())

    def find(self, *names: str) -> Variable | None:
        """Return the first that is set: the environment goes before the file, then the names count in their order."""
        found = (layer.get(name) for layer in self._layers for name in names)
        return next((variable for variable in found if variable is not None and variable.value.strip()), None)


def _of_environment(environment: Mapping[str, str]) -> Iterable[tuple[str, Variable]]:
    for name, value in environment.items():
        yield name, Variable(value=value, source=Source(layer="environment", name=name))
