"""The baseline for whole questions: the official SDK used as its documentation shows, and nothing else."""

import asyncio
import sys
import time

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionUserMessageParam

QUESTIONS = 150
AT_ONCE = 16


async def ask(client: AsyncOpenAI, number: int, *, stream: bool) -> str:
    asked = client.chat.completions
    message = ChatCompletionUserMessageParam(role="user", content=f"请问第 {number} 个问题？")
    if not stream:
        whole = await asked.create(model="m", messages=[message], stream=False)
        return whole.choices[0].message.content or ""
    pieces = await asked.create(model="m", messages=[message], stream=True)
    return "".join([one.choices[0].delta.content or "" async for one in pieces if one.choices])


async def main(url: str, *, stream: bool) -> None:
    client = AsyncOpenAI(api_key="sk-bench", base_url=url, max_retries=0)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            assert await ask(client, number, stream=stream)  # noqa: S101 - an empty answer measures nothing

    await asyncio.gather(*(one(number) for number in range(20)))
    began = time.process_time()
    await asyncio.gather(*(one(number) for number in range(QUESTIONS)))
    print((time.process_time() - began) / QUESTIONS * 1000)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], stream=sys.argv[2] == "stream"))
