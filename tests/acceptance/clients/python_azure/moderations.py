"""Moderations by Azure's form, which a provider answers."""

from openai import AzureOpenAI

client = AzureOpenAI(api_version="2024-05-01-preview")
answer = client.moderations.create(input="A friendly sentence.")
assert answer.model, answer
assert len(answer.results) == 1, answer
assert answer.results[0].flagged is False, answer
