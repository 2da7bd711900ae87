"""Prints each line of a streamed answer as httpx gives it."""

import sys

import httpx

request = {"model": sys.argv[2], "stream": True, "messages": [{"role": "user", "content": "x"}]}
with httpx.stream("POST", sys.argv[1] + "/v1/chat/completions", json=request, timeout=60) as response:
    for line in response.iter_lines():
        print(line, flush=True)
