// node examples/errors.js http://127.0.0.1:8080
import { Freshet, FreshetError } from "@freshet/client";

const freshet = new Freshet({ url: process.argv[2] });
try {
  for await (const delta of freshet.chat({ model: "no-done", messages: [{ role: "user", content: "count" }] }, { idle: 10_000 })) process.stdout.write(delta.text);
} catch (error) {
  if (!(error instanceof FreshetError)) throw error;
  console.log(`\n${error.code}: ${error.message}`);
  console.log(`What came: ${error.text}`);
  console.log(error.retryable ? `Try again in ${error.retryAfter ?? 1000} ms` : "Trying again does not help");
}
