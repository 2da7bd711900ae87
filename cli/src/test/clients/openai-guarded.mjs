// Prints what the official Node client gives of an answer that a guard watches.
import { createRequire } from "node:module";

const [modules, url, model, guard] = process.argv.slice(2);
const { OpenAI } = createRequire(modules + "/")("openai");
const client = new OpenAI({ baseURL: url + "/v1", apiKey: "sk-any", maxRetries: 0 });
try {
  const stream = await client.chat.completions.create(
    { model, messages: [{ role: "user", content: "x" }], stream: true, stream_options: { include_usage: true } },
    { headers: { "Freshet-Guard": guard } },
  );
  let text = "";
  for await (const chunk of stream) {
    for (const choice of chunk.choices) {
      text += choice.delta.content ?? "";
      if (choice.finish_reason) console.log("finished: " + choice.finish_reason);
    }
    for (const note of chunk.freshet?.guard ?? []) console.log("guard: " + note.rule + " " + note.action);
  }
  console.log("text: " + text);
} catch (error) {
  console.log("error: " + error.code);
}
