// node examples/stop-early.js http://127.0.0.1:8080
import { Freshet } from "@freshet/client";

const freshet = new Freshet({ url: process.argv[2] });
const request = { model: "demo", messages: [{ role: "user", content: "Which fruit should I take on the train?" }] };
const answer = freshet.chat(request, {
  stopWhen: (text, tokens) => tokens <= 50 && text.includes("banana"),
  retryWith: ({ messages, ...rest }) => ({ ...rest, messages: [...messages, { role: "user", content: "Not that: banana. Name another fruit." }] }),
});
let shown = "";
answer.addEventListener("state", () => {
  if (answer.state.name === "restarted") shown = ""; // what came is void
});
for await (const delta of answer) shown += delta.text;
console.log(shown);
console.log(answer.attempts.map(({ outcome, tokens }) => `${outcome} after ${tokens} tokens`).join(", "));
