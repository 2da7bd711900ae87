// Prints each piece of an answer on a line of its own, as the official Node client gives it.
import { createRequire } from "node:module";

const [modules, url, model] = process.argv.slice(2);
const { OpenAI } = createRequire(modules + "/")("openai");
const client = new OpenAI({ baseURL: url + "/v1", apiKey: "sk-any", maxRetries: 0 });
const stream = await client.chat.completions.create({ model, messages: [{ role: "user", content: "x" }], stream: true });
for await (const chunk of stream) {
  for (const choice of chunk.choices) {
    if (choice.delta.content) console.log(choice.delta.content);
    if (choice.finish_reason) console.log("finished: " + choice.finish_reason);
  }
}
const whole = await client.chat.completions.create({ model: "tokens-3", messages: [{ role: "user", content: "x" }] });
console.log("whole: " + whole.choices[0].message.content);
