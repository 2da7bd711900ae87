// Clients of streamed answers, each used as its own page shows it. Every one reads until it says that it is over.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { streamText } from "ai";
import { createEventSource } from "eventsource-client";
import { Freshet } from "../../freshet.js";

const LIMIT = 2_000; // milliseconds, where a client has a limit of its own
const body = (model) => JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "count" }] });
const HEADERS = { "Content-Type": "application/json" };

/** @typedef {{text: string, whole: boolean, error: string}} Seen */

/** What readers of events do with each: the guide's loop. @returns {boolean} whether it was the last */
function take(seen, data) {
  if (data === "[DONE]") return (seen.whole = true);
  const chunk = JSON.parse(data);
  if (chunk.error) throw new Error(chunk.error.message ?? "error");
  seen.text += chunk.choices?.[0]?.delta?.content ?? "";
  return false;
}

export const contenders = {
  Freshet: async (url, model, seen) => {
    const answer = new Freshet({ url }).chat({ model, messages: [{ role: "user", content: "count" }] }, { firstToken: LIMIT, idle: LIMIT, tries: 2, maxWait: 300 });
    for await (const delta of answer) seen.text += delta.text;
    seen.whole = true;
  },
  // It cannot POST: a gateway would have to ask for it, which the proxy in front of these runs does.
  EventSource: (url, model, seen) =>
    new Promise((resolve, reject) => {
      const source = new EventSource(`${url}/get?model=${model}`);
      const end = (how) => (error) => (source.close(), how(error));
      source.onmessage = ({ data }) => {
        try {
          if (take(seen, data)) end(resolve)();
        } catch (error) {
          end(reject)(error);
        }
      };
      source.onerror = () => source.readyState === EventSource.CLOSED && reject(new Error("closed"));
      seen.stop = end(resolve);
    }),
  "fetch-event-source": async (url, model, seen) => {
    const control = new AbortController();
    seen.stop = () => control.abort();
    await fetchEventSource(`${url}/chat/completions`, {
      method: "POST",
      headers: HEADERS,
      body: body(model),
      signal: control.signal,
      openWhenHidden: true, // else it asks again each time that the tab is shown
      onmessage: ({ data }) => {
        if (data && !seen.whole && take(seen, data)) control.abort();
      },
      onerror: (error) => {
        if (error instanceof SyntaxError || seen.whole) throw error;
      },
    });
  },
  "eventsource-client": async (url, model, seen) => {
    const source = createEventSource({ url: `${url}/chat/completions`, method: "POST", headers: HEADERS, body: body(model) });
    seen.stop = () => source.close();
    try {
      for await (const { data } of source) if (take(seen, data)) return;
    } finally {
      source.close();
    }
  },
  "AI SDK": async (url, model, seen) => {
    const provider = createOpenAICompatible({ name: "simulated", baseURL: url });
    const control = new AbortController();
    seen.stop = () => control.abort();
    const { fullStream } = streamText({ model: provider(model), prompt: "count", abortSignal: control.signal, onError: () => {} });
    for await (const part of fullStream) {
      if (part.type === "text-delta") seen.text += part.text;
      if (part.type === "error") throw part.error;
      if (part.type === "finish") seen.whole = part.finishReason !== "unknown";
    }
  },
};

/** Runs one against one model. @returns {Promise<Seen & {hangs: boolean}>} */
globalThis.contend = async (name, url, model, limit) => {
  const seen = { text: "", whole: false, error: "" };
  const over = contenders[name](url, model, seen).catch((error) => (seen.error = String(error?.message ?? error).slice(0, 100) || "error"));
  let hangs = false;
  await Promise.race([over, new Promise((resolve) => setTimeout(() => resolve((hangs = true)), limit))]);
  const { text, whole, error } = seen;
  seen.stop?.();
  return { text, whole, error, hangs };
};
