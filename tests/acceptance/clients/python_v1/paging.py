"""Assistants v1: long lists by the client's own iterators and by hand."""

from openai import BadRequestError, OpenAI

client = OpenAI()
messages = client.beta.threads.messages

thread = client.beta.threads.create(
    messages=[{"role": "user", "content": f"message {number}"} for number in range(130)]
)


def numbers(found) -> list:
    return [int(message.content[0].text.value.split()[1]) for message in found]


assert numbers(messages.list(thread.id)) == list(reversed(range(130)))
assert numbers(messages.list(thread.id, order="asc", limit=100)) == list(range(130))
assert numbers(messages.list(thread.id, order="asc", limit=7)) == list(range(130))

page = messages.list(thread.id)
assert len(page.data) == 20, len(page.data)
assert page.has_next_page()
assert numbers(page.get_next_page().data) == list(range(109, 89, -1))

first = messages.list(thread.id, order="asc", limit=100)
after = messages.list(thread.id, order="asc", limit=10, after=first.data[9].id)
assert numbers(after.data) == list(range(10, 20)), numbers(after.data)
before = messages.list(thread.id, order="asc", limit=5, before=first.data[50].id)
assert numbers(before.data) == list(range(45, 50)), numbers(before.data)

assert messages.list(client.beta.threads.create().id).data == []

for limit in (0, 101):
    try:
        messages.list(thread.id, limit=limit)
        raise SystemExit(f"a limit of {limit} was accepted")
    except BadRequestError as error:
        assert error.param == "limit", error

mark = client.beta.assistants.create(model="gpt-4", name="mark")
made = [client.beta.assistants.create(model="gpt-4", name=f"paged {number}") for number in range(5)]
found = client.beta.assistants.list(order="asc", after=mark.id, limit=2)
assert [assistant.id for assistant in found] == [assistant.id for assistant in made]
for thing in (mark, *made):
    client.beta.assistants.delete(thing.id)
