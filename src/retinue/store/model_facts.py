"""What was found out of providers' models by asking them; it belongs to no project."""

from collections.abc import Sequence

from retinue.core.model_profile import ModelProfile
from retinue.store.base import Database, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(ModelProfile)


class ModelFacts:
    """Profiles of models, one for each model at each place."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, profile: ModelProfile) -> None:
        """Store what was found out of a model, in place of what was before."""

        async def work(tx: Transaction) -> None:
            await tx.execute(
                "INSERT INTO model_facts (place, model, probed_at, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (place, model) DO UPDATE SET probed_at = excluded.probed_at, body = excluded.body",
                profile.place,
                profile.model,
                profile.probed_at,
                encode(profile),
            )

        await self._database.write(work)

    async def list(self) -> Sequence[ModelProfile]:
        """Return all profiles, by place and model."""
        rows = await self._database.all("SELECT body FROM model_facts ORDER BY place, model")
        return [_codec.decode(row[0]) for row in rows]
