import { log } from "../log.js";
import { pipe } from "../pipe.js";

/*
 * The answer goes through the engine's own identity stream, in work that outlives the request: workerd drops a request
 * whose client has left, mostly without a word to it, but a write to its stream fails, and the pipe cancels what it reads.
 * The flag enable_request_signal tells of clients that leave in silence, when nothing is written.
 */
export default {
  /** @param {Request} request @param {import("../pipe.js").Environment} env @param {{waitUntil(work: Promise<unknown>): void}} ctx */
  async fetch(request, env, ctx) {
    const response = await pipe(request, env, { waitUntil: (work) => ctx.waitUntil(work), settled: log });
    if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
    const { readable, writable } = new /** @type {any} */ (globalThis).IdentityTransformStream();
    ctx.waitUntil(response.body.pipeTo(writable).catch(() => {})); // the client has left
    return new Response(readable, response);
  },
};
