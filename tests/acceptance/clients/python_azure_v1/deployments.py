"""What Azure has under a deployment's path: chat completions, completions, embeddings."""

from openai import AzureOpenAI

client = AzureOpenAI(api_version="2024-02-15-preview")
of_one = AzureOpenAI(api_version="2024-02-15-preview", azure_deployment="my-deployment")
HELLO = "Hello! This is a reply that comes in several pieces."
messages = [{"role": "user", "content": "say hello"}]

for each in (client, of_one):
    answer = each.chat.completions.create(model="my-deployment", messages=messages)
    assert answer.choices[0].message.content == HELLO, answer
    text = "".join(
        chunk.choices[0].delta.content or ""
        for chunk in each.chat.completions.create(model="my-deployment", messages=messages, stream=True)
        if chunk.choices
    )
    assert text == HELLO, text
    answer = each.completions.create(model="my-deployment", prompt="say hello")
    assert answer.choices[0].text == HELLO, answer
    text = "".join(
        chunk.choices[0].text
        for chunk in each.completions.create(model="my-deployment", prompt="say hello", stream=True)
        if chunk.choices
    )
    assert text == HELLO, text
    answer = each.embeddings.create(model="my-deployment", input=["one", "two"])
    assert [entry.index for entry in answer.data] == [0, 1], answer
    assert answer.data[0].embedding != answer.data[1].embedding
