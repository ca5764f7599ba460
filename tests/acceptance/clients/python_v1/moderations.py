"""Moderations, which a provider answers."""

from openai import OpenAI

client = OpenAI()
answer = client.moderations.create(input="A friendly sentence.")
assert answer.id, answer
assert answer.model, answer
assert len(answer.results) == 1, answer
assert answer.results[0].flagged is False, answer
