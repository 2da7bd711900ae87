import { Failure } from "./errors.js";
import { Watch } from "./events.js";

/** @typedef {{idle: number, first: number, heartbeat: number}} Times in milliseconds */
/** @typedef {{outcome: string, content: number, usage: any, model: string}} Settled what became of an answer */

const HEARTBEAT = new TextEncoder().encode(":\n");
const DONE = new TextEncoder().encode("data: [DONE]\n\n");

/**
 * An upstream's event stream as a body that is handed on as it is read, at the client's pace, never buffered.
 * @param {Promise<{body: ReadableStream<Uint8Array>, ids: boolean}>} upstream may still be on its way
 * @param {AbortController} abort of the request upstream
 * @param {AbortSignal} left the client's
 * @param {Times} times
 * @param {(settled: Settled) => void} settled once
 * @returns {ReadableStream<Uint8Array>}
 */
export function body(upstream, abort, left, times, settled) {
  let watch = new Watch(false);
  /** @type {ReadableStreamDefaultReader<Uint8Array> | undefined} */ let reader;
  /** @type {Promise<ReadableStreamReadResult<Uint8Array>> | undefined} a read that waits is kept, whatever else happens */ let pending;
  let opened = false;
  let over = false;
  let quiet = Date.now(); // since when there is no content
  let heard = Date.now(); // since when the client hears nothing
  let rested = Date.now(); // since when the client asks for nothing: that is no silence of the provider's

  /** @param {string} outcome */
  const end = (outcome) => {
    if (over) return;
    over = true;
    left.removeEventListener("abort", gone);
    // Both: on Deno aborting alone can leave the other side running.
    reader?.cancel().catch(() => {});
    abort.abort();
    settled({ outcome, content: watch.content, usage: watch.usage, model: watch.model });
  };
  // workerd never calls cancel(); Deno's signal also aborts when all is well, but then it is over already.
  const gone = () => end("cancelled");
  left.addEventListener("abort", gone);

  const read = async () => {
    if (!reader) {
      const { body, ids } = await upstream;
      watch = new Watch(ids);
      opened = true;
      reader = body.getReader();
    }
    return reader.read();
  };

  /** @param {ReadableStreamDefaultController<Uint8Array>} controller @param {Failure} failure */
  const fail = (controller, failure) => {
    const numbered = opened && watch.numbered;
    end(failure.code);
    if (numbered) return controller.error(failure); // who reads numbered events goes on behind the last one
    controller.enqueue(new TextEncoder().encode(failure.event()));
    controller.close();
  };

  /** @param {ReadableStreamDefaultController<Uint8Array>} controller */
  const next = async (controller) => {
    for (;;) {
      if (over) return closeIfOpen(controller);
      const limit = watch.content > 0 ? times.idle : times.first;
      const failing = quiet + limit;
      const beating = heard + times.heartbeat;
      pending ??= read();
      pending.catch(() => {});
      let timer;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(0, Math.min(failing, beating) - Date.now()), null)));
      let result;
      try {
        result = await Promise.race([pending, late]);
      } catch (error) {
        if (over) return closeIfOpen(controller);
        result = error instanceof Failure ? error : { done: true, value: undefined }; // a connection that broke is an end, whose evidence counts
      } finally {
        clearTimeout(timer);
      }
      if (over) return closeIfOpen(controller);
      if (result === null) {
        if (Date.now() >= failing - 5) return fail(controller, silence(watch.content > 0, limit));
        heard = Date.now();
        return controller.enqueue(HEARTBEAT);
      }
      pending = undefined;
      if (result instanceof Failure) return fail(controller, result);
      if (result.done) {
        if (!watch.finished || watch.numbered) return fail(controller, truncated());
        end("completed");
        controller.enqueue(DONE);
        return controller.close();
      }
      const { pass, content } = watch.take(result.value);
      if (content) quiet = Date.now();
      if (pass.length > 0) heard = Date.now();
      for (const piece of joined(pass)) controller.enqueue(piece);
      if (watch.failure) return fail(controller, watch.failure);
      if (watch.over) {
        end(watch.over === "done" ? "completed" : "failed");
        return controller.close();
      }
      if (pass.length > 0) return;
    }
  };

  return new ReadableStream(
    {
      async pull(controller) {
        quiet += Date.now() - rested;
        await next(controller);
        rested = Date.now();
      },
      cancel: gone,
    },
    { highWaterMark: 0 },
  );
}

/** @param {ReadableStreamDefaultController<Uint8Array>} controller */
function closeIfOpen(controller) {
  try {
    controller.close();
  } catch {
    // the client has left
  }
}

/** One write for what came in one read: pieces of the same bytes that follow each other. @param {Uint8Array[]} pieces */
function joined(pieces) {
  /** @type {Uint8Array[]} */ const all = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    const follows = last && last.buffer === piece.buffer && last.byteOffset + last.length === piece.byteOffset;
    if (follows) all[all.length - 1] = new Uint8Array(piece.buffer, last.byteOffset, last.length + piece.length);
    else all.push(piece);
  }
  return all;
}

/** @param {boolean} begun @param {number} limit */
function silence(begun, limit) {
  return begun
    ? new Failure(504, "upstream_stalled", `The provider fell silent for ${limit} ms; try again.`)
    : new Failure(504, "upstream_timeout", `The provider said nothing within ${limit} ms. Asking again may be billed again.`, { final: true });
}

const truncated = () => new Failure(502, "upstream_truncated", "The provider ended the answer before it was complete; try again.");
