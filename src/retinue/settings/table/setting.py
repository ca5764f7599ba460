"""What a setting is: what it takes, and by which names it is set."""

from msgspec import Struct

from retinue.settings.kinds import Kind


class Setting(Struct, frozen=True):
    """One field of the settings."""

    field: str
    """Of the struct that the values make."""
    kind: Kind
    about: str
    """A sentence for people."""
    place: str = ""
    """Where a retinue.toml says it: "server.port", inside of tables that come by name the key alone."""
    variable: str = ""
    older: tuple[str, ...] = ()
    """Names that the variable had elsewhere."""
    example: str = ""
    """A value as a retinue.toml says it, where there is no default to show."""

    @property
    def table(self) -> str:
        """The table of its place."""
        return self.place.rpartition(".")[0]

    @property
    def key(self) -> str:
        """The last part of its place."""
        return self.place.rpartition(".")[2]
