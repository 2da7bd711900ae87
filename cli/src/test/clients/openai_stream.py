"""Prints each piece of an answer on a line of its own, as the official Python client gives it."""

import sys

from openai import OpenAI

client = OpenAI(base_url=sys.argv[1] + "/v1", api_key="sk-any", max_retries=0)
stream = client.chat.completions.create(
    model=sys.argv[2], messages=[{"role": "user", "content": "x"}], stream=True
)
for chunk in stream:
    for choice in chunk.choices:
        if choice.delta.content:
            print(choice.delta.content, flush=True)
        if choice.finish_reason:
            print("finished: " + choice.finish_reason, flush=True)

whole = client.chat.completions.create(model="tokens-3", messages=[{"role": "user", "content": "x"}])
print("whole: " + whole.choices[0].message.content)
print("models: " + ",".join(model.id for model in client.models.list()))
