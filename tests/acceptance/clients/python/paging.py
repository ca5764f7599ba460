"""Walk long lists by the client's own iterators and by hand."""

from openai import BadRequestError, OpenAI

client = OpenAI()

thread = client.beta.threads.create(
    messages=[{"role": "user", "content": f"message {number}"} for number in range(250)]
)


def numbers(messages) -> list:
    return [int(message.content[0].text.value.split()[1]) for message in messages]


# The iterator asks for page after page; newest first by default.
assert numbers(client.beta.threads.messages.list(thread.id)) == list(reversed(range(250)))
assert numbers(client.beta.threads.messages.list(thread.id, order="asc", limit=100)) == list(range(250))
assert numbers(client.beta.threads.messages.list(thread.id, order="asc", limit=7)) == list(range(250))

page = client.beta.threads.messages.list(thread.id)
assert len(page.data) == 20, len(page.data)
assert page.has_more is True, page.has_more
assert page.first_id == page.data[0].id, page.first_id
assert page.last_id == page.data[-1].id, page.last_id
assert page.has_next_page()
following = page.get_next_page()
assert numbers(following.data) == list(range(229, 209, -1)), numbers(following.data)

# Cursors are exclusive.
first = client.beta.threads.messages.list(thread.id, order="asc", limit=100)
assert numbers(first.data) == list(range(100))
after = client.beta.threads.messages.list(thread.id, order="asc", limit=100, after=first.data[9].id)
assert numbers(after.data) == list(range(10, 110)), numbers(after.data)
before = client.beta.threads.messages.list(thread.id, order="asc", limit=5, before=first.data[50].id)
assert numbers(before.data) == list(range(45, 50)), numbers(before.data)
newer = client.beta.threads.messages.list(thread.id, order="desc", limit=5, before=first.data[50].id)
assert numbers(newer.data) == list(range(55, 50, -1)), numbers(newer.data)
between = client.beta.threads.messages.list(
    thread.id, order="asc", limit=100, after=first.data[10].id, before=first.data[20].id
)
assert numbers(between.data) == list(range(11, 20)), numbers(between.data)
second = client.beta.threads.messages.list(thread.id, order="asc", limit=100, after=first.data[99].id)
assert second.has_more is True, second.has_more
last = client.beta.threads.messages.list(thread.id, order="asc", limit=100, after=second.data[-1].id)
assert numbers(last.data) == list(range(200, 250)), numbers(last.data)
assert last.has_more is False, last.has_more

# A page that ends exactly at the end has no more
exact = client.beta.threads.messages.list(thread.id, order="asc", limit=50, after=second.data[-1].id)
assert numbers(exact.data) == list(range(200, 250)), numbers(exact.data)
assert exact.has_more is False, exact.has_more

empty = client.beta.threads.messages.list(client.beta.threads.create().id)
assert empty.data == [], empty.data
assert (empty.has_more, empty.first_id, empty.last_id) == (False, None, None), empty
assert list(empty) == []

# A deleted message is passed over.
client.beta.threads.messages.delete(first.data[3].id, thread_id=thread.id)
assert numbers(client.beta.threads.messages.list(thread.id, order="asc", limit=5).data) == [0, 1, 2, 4, 5]

for limit in (0, 101):
    try:
        client.beta.threads.messages.list(thread.id, limit=limit)
        raise SystemExit(f"a limit of {limit} was accepted")
    except BadRequestError as error:
        assert error.param == "limit", error

# Assistants and runs page alike.
mark = client.beta.assistants.create(model="gpt-4o", name="mark")
made = [client.beta.assistants.create(model="gpt-4o", name=f"paged {number}") for number in range(5)]
found = client.beta.assistants.list(order="asc", after=mark.id, limit=2)
assert [assistant.id for assistant in found] == [assistant.id for assistant in made]

assistant = made[0]
single = client.beta.threads.create()
runs = []
for number in range(3):
    client.beta.threads.messages.create(single.id, role="user", content=f"say hello {number}")
    runs.append(
        client.beta.threads.runs.create_and_poll(thread_id=single.id, assistant_id=assistant.id, poll_interval_ms=20)
    )
assert [run.id for run in client.beta.threads.runs.list(single.id, limit=1)] == [run.id for run in reversed(runs)]
of_one = client.beta.threads.messages.list(single.id, run_id=runs[1].id)
assert [message.run_id for message in of_one] == [runs[1].id], of_one
for thing in (mark, *made):
    client.beta.assistants.delete(thing.id)
