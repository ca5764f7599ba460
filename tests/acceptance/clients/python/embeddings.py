"""Embeddings: as numbers and as base64, of any length, one or many, near each other where texts are."""

import asyncio
import math

import openai
from openai import AsyncOpenAI, OpenAI

client = OpenAI(max_retries=0)
create = client.embeddings.create


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


# The client itself asks for base64 where numpy is there, and decodes it
cat, kitten, physics = (
    entry.embedding
    for entry in create(
        model="text-embedding-3-small",
        input=["The cat sat on the mat", "A cat is sitting on a mat", "Quantum physics of light"],
    ).data
)
assert len(cat) == len(kitten) == len(physics) == 256, len(cat)
assert all(isinstance(value, float) for value in cat), cat
assert all(math.isclose(dot(vector, vector), 1, abs_tol=1e-5) for vector in (cat, kitten, physics))
assert dot(cat, kitten) > 0.7 > 0.3 > dot(cat, physics), (dot(cat, kitten), dot(cat, physics))

answer = create(model="text-embedding-3-small", input="The cat sat on the mat", encoding_format="float")
assert answer.object == "list", answer
assert answer.data[0].index == 0, answer
assert answer.usage.total_tokens > 0, answer
assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(answer.data[0].embedding, cat, strict=True)), (
    "base64 differs from floats"
)

answer = create(model="text-embedding-3-small", input="x", encoding_format="base64")
assert isinstance(answer.data[0].embedding, str), answer

answer = create(model="text-embedding-3-small", input="The cat", extra_body={"dimensions": 64})
assert len(answer.data[0].embedding) == 64, answer
assert math.isclose(dot(answer.data[0].embedding, answer.data[0].embedding), 1, abs_tol=1e-5)

many = create(model="text-embedding-3-small", input=[f"text number {n}" for n in range(100)]).data
assert [entry.index for entry in many] == list(range(100)), many
assert len(create(model="text-embedding-3-small", input=[101, 2_003, 15]).data) == 1
assert len(create(model="text-embedding-3-small", input=[[101, 2_003], [15]]).data) == 2

for wrong in ("", [], ["a", ""]):
    try:
        create(model="text-embedding-3-small", input=wrong)
    except openai.BadRequestError as error:
        assert error.param == "input", error
    else:
        raise AssertionError(f"{wrong!r} was taken")


async def main():
    async with AsyncOpenAI() as client:
        answers = await asyncio.gather(
            *(client.embeddings.create(model="text-embedding-3-small", input=f"text {n % 3}") for n in range(30))
        )
    assert len({tuple(answer.data[0].embedding) for answer in answers}) == 3


asyncio.run(main())
