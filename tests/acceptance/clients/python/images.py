"""Messages with pictures: the parts come back as they were sent, and a run goes over them."""

from openai import BadRequestError, OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(model="gpt-4o", instructions="Look.")
thread = client.beta.threads.create()
message = client.beta.threads.messages.create(
    thread.id,
    role="user",
    content=[
        {"type": "text", "text": "say hello to this picture"},
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.png", "detail": "low"}},
        {"type": "text", "text": "and to this"},
        {"type": "image_url", "image_url": {"url": "https://example.com/dog.png"}},
    ],
)
assert [part.type for part in message.content] == ["text", "image_url", "text", "image_url"], message
assert message.content[0].text.value == "say hello to this picture", message
assert message.content[1].image_url.url == "https://example.com/cat.png", message
assert message.content[1].image_url.detail == "low", message
assert message.content[3].image_url.url == "https://example.com/dog.png", message
assert message.content[3].image_url.detail == "auto", message
assert client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == message

run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
assert run.status == "completed", run
assert len(client.beta.threads.messages.list(thread.id).data) == 2

for content, param in (
    ([{"type": "image_url", "image_url": {}}], "content[0].image_url.url"),
    ([{"type": "text", "text": "a"}, {"type": "video"}], "content[1].type"),
    ([], "content"),
):
    try:
        client.beta.threads.messages.create(thread.id, role="user", content=content)
        raise SystemExit(f"accepted {content}")
    except BadRequestError as error:
        assert error.param == param, (error.param, error.message)
assert len(client.beta.threads.messages.list(thread.id).data) == 2
