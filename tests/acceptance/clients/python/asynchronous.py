"""The async client: helpers, handlers, iterators, and many runs side by side."""

import asyncio

from openai import AsyncAssistantEventHandler, AsyncOpenAI

HELLO = "Hello! This is a reply that comes in several pieces."


class Recorder(AsyncAssistantEventHandler):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.done = []

    async def on_text_delta(self, delta, snapshot):
        self.text += delta.value or ""
        assert snapshot.value == self.text, snapshot

    async def on_tool_call_done(self, tool_call):
        self.done.append(tool_call.id)

    async def on_message_done(self, message):
        self.done.append(message.id)

    async def on_end(self):
        self.done.append("end")


async def main() -> None:
    async with AsyncOpenAI() as client:
        assistant = await client.beta.assistants.create(
            model="gpt-4o",
            tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}],
        )

        async def hello(number: int) -> None:
            thread = await client.beta.threads.create(
                messages=[{"role": "user", "content": "say hello"}], metadata={"number": str(number)}
            )
            async with client.beta.threads.runs.stream(
                thread_id=thread.id, assistant_id=assistant.id, event_handler=Recorder()
            ) as stream:
                await stream.until_done()
            messages = await stream.get_final_messages()
            assert stream.text == HELLO == messages[0].content[0].text.value, stream.text
            assert stream.done == [messages[0].id, "end"], stream.done

        await asyncio.gather(*(hello(number) for number in range(20)))

        run = await client.beta.threads.create_and_run_poll(
            assistant_id=assistant.id,
            thread={"messages": [{"role": "user", "content": "weather in Paris and Rome"}]},
            poll_interval_ms=50,
        )
        assert run.status == "requires_action", run
        calls = run.required_action.submit_tool_outputs.tool_calls
        async with client.beta.threads.runs.submit_tool_outputs_stream(
            run_id=run.id,
            thread_id=run.thread_id,
            tool_outputs=[{"tool_call_id": call.id, "output": "fog"} for call in reversed(calls)],
            event_handler=Recorder(),
        ) as stream:
            final = await stream.get_final_run()
        assert final.status == "completed", final
        assert stream.text.count("fog") == 2, stream.text

        run = await client.beta.threads.create_and_run_poll(
            assistant_id=assistant.id,
            thread={"messages": [{"role": "user", "content": "weather in Oslo"}]},
            poll_interval_ms=50,
        )
        (call,) = run.required_action.submit_tool_outputs.tool_calls
        run = await client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run.id,
            thread_id=run.thread_id,
            tool_outputs=[{"tool_call_id": call.id, "output": "ice"}],
            poll_interval_ms=50,
        )
        assert run.status == "completed", run

        thread = await client.beta.threads.create(
            messages=[{"role": "user", "content": str(number)} for number in range(45)]
        )
        seen = [
            message.content[0].text.value
            async for message in client.beta.threads.messages.list(thread.id, order="asc", limit=20)
        ]
        assert seen == [str(number) for number in range(45)], seen


asyncio.run(main())
