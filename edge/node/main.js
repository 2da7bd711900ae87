// For Node, which has no server in the web's terms: PORT=8000 node edge/node/main.js
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { log } from "../log.js";
import { pipe } from "../pipe.js";

const server = createServer(async (incoming, outgoing) => {
  const left = new AbortController();
  outgoing.on("close", () => left.abort());
  const { method = "GET", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(`http://${headers.host ?? "localhost"}${incoming.url}`, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) => (Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value ?? ""]])),
    signal: left.signal,
    ...(hasBody && { body: Readable.toWeb(incoming), duplex: "half" }),
  });
  const response = await pipe(request, process.env, { settled: log });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.flushHeaders();
  const reader = response.body?.getReader();
  outgoing.on("close", () => void reader?.cancel().catch(() => {}));
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      if (!outgoing.write(part.value)) await new Promise((resolve) => outgoing.once("drain", resolve).once("close", resolve));
    }
    outgoing.end();
  } catch {
    outgoing.destroy(); // a broken stream must not look whole
  }
});
server.listen(Number(process.env.PORT ?? 8000), () => console.log(`listening on ${server.address().port}`));
