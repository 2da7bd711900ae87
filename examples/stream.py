"""The shortest streaming client in Python: pip install httpx"""

import json
import os

import httpx

URL = os.environ.get("FRESHET_URL", "http://127.0.0.1:8080") + "/v1/chat/completions"

request = {
    "model": "deepseek-chat",
    "messages": [{"role": "user", "content": "Hello"}],
    "stream": True,
}
headers = {"Authorization": "Bearer sk-your-key"}

with httpx.stream("POST", URL, json=request, headers=headers, timeout=60) as response:
    response.raise_for_status()
    for line in response.iter_lines():
        if not line.startswith("data: "):
            continue
        data = line[len("data: "):]
        if data == "[DONE]":
            break
        chunk = json.loads(data)
        print(chunk["choices"][0]["delta"].get("content") or "", end="", flush=True)
print()
