// The conformance cases, at every split.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { SseDecoder, SseLimitError } from "../sse.js";

const cases = new URL("../../conformance/sse/", import.meta.url);
const ALL_SPLITS = 4_000; // longer streams are cut in two at some hundreds of places

/** What a decoder makes of the pieces of a stream. */
function decode(pieces, limits) {
  const seen = { events: [], comments: 0, retries: [] };
  const decoder = new SseDecoder(
    {
      event: (event) => seen.events.push(event),
      retry: (millis) => seen.retries.push(millis),
      comment: () => seen.comments++,
    },
    limits,
  );
  try {
    for (const piece of pieces) decoder.feed(piece);
    seen.unfinished = decoder.unfinished;
  } catch (error) {
    if (!(error instanceof SseLimitError)) throw error;
    seen.error = error.what;
  }
  seen.lastEventId = decoder.lastEventId;
  return seen;
}

const names = readdirSync(cases).filter((name) => name.endsWith(".json"));
assert.ok(names.length > 80, "the cases are there");
for (const name of names) {
  const { shows, limits = { lineBytes: 65536, eventBytes: 65536 }, ...expected } = JSON.parse(new TextDecoder().decode(readFileSync(new URL(name, cases))));
  test(`${name.slice(0, -5)}: ${shows}`, () => {
    const bytes = new Uint8Array(readFileSync(new URL(name.replace(/json$/, "sse"), cases)));
    const check = (pieces, how) => assert.deepEqual({ ...decode(pieces, limits) }, expected, how);
    check([bytes], "whole");
    check(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)), "byte by byte");
    const step = bytes.length > ALL_SPLITS ? Math.ceil(bytes.length / 500) : 1;
    for (let at = 0; at <= bytes.length; at += step) check([bytes.subarray(0, at), bytes.subarray(at)], `cut at ${at}`);
  });
}
