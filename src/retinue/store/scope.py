"""A store, and each project's own view of it: nothing else can reach a row."""

from collections.abc import Sequence
from functools import lru_cache, partial

from retinue.store.assistant_files import AssistantFiles
from retinue.store.assistants import Assistants
from retinue.store.base import Database
from retinue.store.container_files import ContainerFiles
from retinue.store.containers import Containers
from retinue.store.documents import Documents
from retinue.store.file_batches import FileBatches
from retinue.store.files import Files, unowned
from retinue.store.imports import Imports
from retinue.store.jobs import Jobs
from retinue.store.keys import Keys
from retinue.store.messages import Messages
from retinue.store.model_facts import ModelFacts
from retinue.store.runs import Runs, unfinished
from retinue.store.schema import migrate, released
from retinue.store.spending import Spendings
from retinue.store.steps import Steps
from retinue.store.threads import Threads
from retinue.store.turns import Turns
from retinue.store.uploads import Uploads
from retinue.store.vector_store_files import VectorStoreFiles
from retinue.store.vector_stores import VectorStores

_PROJECTS = 1_024  # whose views are kept: every request wants one


class Scope:
    """What one project has stored."""

    def __init__(self, database: Database, project: str) -> None:
        self.project = project
        self.assistants = Assistants(database, project)
        self.assistant_files = AssistantFiles(database, project)
        self.threads = Threads(database, project)
        self.messages = Messages(database, project)
        self.runs = Runs(database, project)
        self.steps = Steps(database, project)
        self.turns = Turns(database, project)
        self.spending = Spendings(database, project)
        self.files = Files(database, project)
        self.uploads = Uploads(database, project)
        self.vector_stores = VectorStores(database, project)
        self.vector_store_files = VectorStoreFiles(database, project)
        self.file_batches = FileBatches(database, project)
        self.documents = Documents(database, project)
        self.containers = Containers(database, project)
        self.container_files = ContainerFiles(database, project)
        self.imports = Imports(database, project)


class Store:
    """Everything that is stored, over any database behind the seam."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._scope = lru_cache(_PROJECTS)(partial(Scope, database))
        self.jobs = Jobs(database)
        self.keys = Keys(database)
        self.model_facts = ModelFacts(database)

    @classmethod
    async def open(cls, database: Database) -> "Store":
        """Bring the database to this version's schema; raises SchemaTooNew for a newer one."""
        await migrate(database, released())
        return cls(database)

    def scoped(self, project: str) -> Scope:
        """Return the project's view. It holds nothing but the way to the database."""
        return self._scope(project)

    async def unfinished_runs(self) -> list[tuple[str, str]]:
        """Return (project, run id) of every run that a driver has to take up when the process starts."""
        return await unfinished(self._database)

    async def unowned_blobs(self, blobs: Sequence[str]) -> list[str]:
        """Return those of the blobs that no row owns."""
        return await self._database.read(lambda tx: unowned(tx, blobs))

    async def close(self) -> None:
        """Finish the writes under way and let go of the database."""
        await self._database.close()
