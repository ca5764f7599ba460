"""Moderations as a provider writes them."""

from retinue.testing.answers import Flags
from retinue.testing.completions import Json

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


def judgement(answer: Flags, body: Json) -> Json:
    """Return the body of the answer: one result for each text."""
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    flagged = {category: category in answer.categories for category in CATEGORIES}
    result = {
        "flagged": bool(answer.categories),
        "categories": flagged,
        "category_scores": {category: float(is_flagged) for category, is_flagged in flagged.items()},
        "category_applied_input_types": {category: ["text"] for category in CATEGORIES},
    }
    return {"id": "modr-fake", "model": body.get("model", "omni-moderation-latest"), "results": [result] * len(texts)}
