// A plain page to see the gateway work: a prompt, tokens as they come, a stop button.

const element = (id) => document.getElementById(id);
const [model, transcript, status, alert, form, message, send, stop] =
  ["model", "transcript", "status", "alert", "form", "message", "send", "stop"].map(element);

/** The conversation so far, as the API wants it. */
const messages = [];
let running = null;

async function listModels() {
  const response = await fetch("/v1/models");
  const { data } = await response.json();
  model.replaceChildren(...data.map(({ id }) => new Option(id, id)));
}

/** Adds an article to the transcript, and gives the node that its text goes into. */
function article(label, mine) {
  const box = document.createElement("article");
  box.setAttribute("aria-label", label);
  box.classList.toggle("mine", mine);
  const heading = document.createElement("h2");
  heading.textContent = label;
  const text = document.createElement("pre");
  box.append(heading, text);
  transcript.append(box);
  return text;
}

/** The data of each event, as the bytes arrive: a line may be cut anywhere, a character too. */
async function* events(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith("data: ")) yield line.slice(6);
    }
  }
}

async function ask(text) {
  alert.textContent = "";
  article("You", true).textContent = text;
  messages.push({ role: "user", content: text });
  const answer = document.createTextNode("");
  article(model.value, false).append(answer);
  running = new AbortController();
  busy(true);
  const began = performance.now();
  let first = null;
  try {
    const response = await fetch("/v1/chat/completions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ model: model.value, messages, stream: true }),
      signal: running.signal,
    });
    if (!response.ok) throw new Error((await response.json()).error.message);
    let complete = false;
    for await (const data of events(response.body)) {
      if (data === "[DONE]") {
        complete = true;
        break;
      }
      const chunk = JSON.parse(data);
      if (chunk.error) throw new Error(chunk.error.message);
      const delta = chunk.choices?.[0]?.delta?.content;
      if (!delta) continue;
      first ??= performance.now() - began;
      follow(() => answer.appendData(delta));
    }
    if (!complete) throw new Error("The answer ended before it was complete.");
    status.textContent = `Complete. First token after ${Math.round(first ?? 0)} ms.`;
  } catch (error) {
    if (error.name === "AbortError") status.textContent = "Stopped.";
    else {
      status.textContent = "";
      alert.textContent = error.message;
    }
  } finally {
    if (answer.data) messages.push({ role: "assistant", content: answer.data });
    running = null;
    busy(false);
  }
}

/** Keeps the newest text in sight, but only for who is at the bottom already. */
function follow(change) {
  const page = document.scrollingElement;
  const atBottom = page.scrollHeight - page.scrollTop - page.clientHeight < 40;
  change();
  if (atBottom) page.scrollTop = page.scrollHeight;
}

function busy(yes) {
  send.hidden = yes;
  stop.hidden = !yes;
  if (yes) status.textContent = "Generating…";
  (yes ? stop : message).focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = message.value.trim();
  if (!text || running) return;
  message.value = "";
  ask(text);
});

message.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

stop.addEventListener("click", () => running?.abort());

listModels().catch(() => {
  alert.textContent = "The models could not be listed. Is the gateway running? Reload the page to try again.";
});
