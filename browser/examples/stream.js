// node examples/stream.js http://127.0.0.1:8080
import { Freshet } from "@freshet/client";

const freshet = new Freshet({ url: process.argv[2], key: process.env.FRESHET_KEY });
const answer = freshet.chat({ model: "demo", messages: [{ role: "user", content: "Hello" }] });
answer.addEventListener("state", () => console.error(answer.state.name));
for await (const delta of answer) process.stdout.write(delta.text);
console.error(answer.usage, answer.cost);
