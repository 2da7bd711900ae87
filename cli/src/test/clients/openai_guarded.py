"""Prints what the official Python client gives of an answer that a guard watches."""

import sys

from openai import OpenAI, UnprocessableEntityError

client = OpenAI(base_url=sys.argv[1] + "/v1", api_key="sk-any", max_retries=0)
try:
    stream = client.chat.completions.create(
        model=sys.argv[2],
        messages=[{"role": "user", "content": "x"}],
        stream=True,
        stream_options={"include_usage": True},
        extra_headers={"Freshet-Guard": sys.argv[3]},
    )
    text = ""
    for chunk in stream:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            if choice.finish_reason:
                print("finished: " + choice.finish_reason)
        for note in (getattr(chunk, "freshet", None) or {}).get("guard", []):
            print("guard: " + note["rule"] + " " + note["action"])
    print("text: " + text)
except UnprocessableEntityError as error:
    print("error: " + error.code)
