// What a right client makes of each fault of the simulated provider, as the engines allow it.
/* global ENGINE */
export const engine = typeof ENGINE === "undefined" ? ("Deno" in globalThis ? "deno" : "node") : ENGINE;

/** What engines make of the same, where they differ. @template T @param {Record<string, T>} own @param {T} others */
export const by = (own, others) => own[engine] ?? others;
export const FIVE = "1 2 3 4 5 ";

const survives = (text = FIVE) => ({ code: null, text });
const fails = (code, text) => ({ code, text });

/** @param {string} engine that reads it */
export const expectations = (engine) => {
  const by = (own, others) => own[engine] ?? others;
  return {
    "fault-4": fails("first_token_limit", ""),
    "fault-5": fails("first_token_limit", ""),
    "fault-6": fails("idle_limit", FIVE),
    "fault-7": fails("idle_limit", FIVE),
    "fault-8": fails("first_token_limit", ""),
    "fault-8-after-5": fails("idle_limit", FIVE),
    "fault-9": fails("rate_limit_exceeded", ""),
    "fault-9-absurd": fails("rate_limit_exceeded", ""),
    "fault-9-date": fails("rate_limit_exceeded", ""),
    "fault-9-ms": fails("rate_limit_exceeded", ""),
    "fault-9-bare": fails("rate_limit_exceeded", ""),
    "fault-10": fails("rate_limit_exceeded", ""),
    "fault-10-object": fails("overloaded_error", ""),
    "fault-10-event": fails("server_error", ""),
    "fault-11": fails("rate_limit_exceeded", FIVE),
    "fault-11-error": fails("engine_failed", FIVE),
    "fault-12": fails("engine_failed", ""),
    "fault-12-overloaded": fails("engine_failed", ""),
    "fault-13": by({ chromium: fails("redirected", "") }, fails("http_307", "")), // a page is not told where to
    "fault-14": by({ node: fails("unreachable", ""), workerd: fails("first_token_limit", "") }, survives()), // a 100 that nobody asked for
    "fault-17": by({ node: fails("unreachable", "") }, survives()), // a head over 16 KiB
    "fault-16-deflate": by({ deno: fails("truncated", ""), workerd: fails("truncated", "") }, survives()), // they know no deflate
    "fault-15-html": fails("broken", ""),
    "fault-17-lengths": fails("unreachable", ""),
    "fault-18": fails("unreachable", FIVE),
    "fault-19": fails("unreachable", FIVE), // a reset takes with it what Chromium has not handed on yet
    "fault-20": fails("truncated", FIVE),
    "fault-21": fails("truncated", FIVE),
    "fault-22": fails("truncated", FIVE),
    "fault-24": survives("na\u00efve \u20ac \u{1f600} "),
    "fault-25": survives("a\ufffd\ufffdb"),
    "fault-28": fails("broken", "1 "),
    "fault-28-fits": survives("1 " + "x".repeat(1_000_000)),
    "fault-29": fails("broken", FIVE),
    "fault-30": fails("broken", "1 "),
  };
};
export const EXPECTED = expectations(engine);
export const FAULTS = [
  "fault-15", "fault-16", "fault-20-finished", "fault-21-finished", "fault-22-finished", "fault-23",
  "fault-26", "fault-26-cr", "fault-26-crlf", "fault-27", "fault-27-split", "fault-31", "fault-32", "fault-33", "fault-34",
  ...Object.keys(EXPECTED),
];
