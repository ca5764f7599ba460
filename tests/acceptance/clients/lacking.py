"""Exits with 1 if the package has any of the methods that the arguments name, `name:parameter` for a parameter.

| stands between one's several names.
"""

import inspect
import os
import sys

import openai

if "AZURE_OPENAI_ENDPOINT" in os.environ:
    client = openai.AzureOpenAI(api_version="2024-05-01-preview")
else:
    client = openai.OpenAI()


def has(name: str) -> bool:
    path, _, parameter = name.partition(":")
    found = client
    for part in path.split("."):
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return not parameter or parameter in inspect.signature(found).parameters


there = [names for names in sys.argv[1:] if any(map(has, names.split("|")))]
if there:
    sys.exit(f"openai {openai.__version__} has {there}")
