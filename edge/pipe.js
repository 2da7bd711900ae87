import { caller, handedOut, listed, ownKey, takenBack } from "./access.js";
import { body as piped } from "./body.js";
import { Failure, OURS, refused } from "./errors.js";

/*
 * A streaming gateway for platforms at the edge: one function from a request to a response, in the web's own terms. It
 * adds the key, calls a provider or a Freshet gateway, and hands its body on as it arrives. See docs/edge.md.
 */
const LARGEST = 20 << 20; // bytes of a request
const HEAD_AFTER = 10_000; // milliseconds without the upstream's head until ours leaves
const MAXIMA = ["max_tokens", "max_completion_tokens"];
const PASSED_IN = ["freshet-ids", "freshet-grace", "freshet-guard", "freshet-tag", "last-event-id"];
const PASSED_OUT = /^(x-request-id|x-should-retry|retry-after|x-ratelimit-.*|freshet-(model|provider|attempts))$/;
const EXPOSED = "Freshet-Stream, Freshet-Model, Freshet-Provider, Freshet-Attempts, x-request-id, Retry-After, x-should-retry";

/** @typedef {Record<string, string | undefined>} Environment the settings of docs/edge.md */
/** @typedef {{waitUntil?: (work: Promise<unknown>) => void, settled?: (answer: object) => unknown}} Context settled: is told what became of each answer */

/**
 * @param {Request} request
 * @param {Environment} env
 * @param {Context} [ctx]
 * @returns {Promise<Response>}
 */
export async function pipe(request, env, ctx = {}) {
  const origin = request.headers.get("origin");
  const origins = listed(env.FRESHET_CORS);
  const allowed = origin !== null && (origins.includes("*") || origins.includes(origin));
  let response;
  try {
    response = await answered(request, env, ctx, allowed);
  } catch (error) {
    response = (error instanceof Failure ? error : new Failure(500, "internal", "This endpoint failed; try again.")).response();
  }
  if (origin !== null) response.headers.append("Vary", "Origin");
  if (allowed) {
    response.headers.set("Access-Control-Allow-Origin", origin);
    response.headers.set("Access-Control-Expose-Headers", EXPOSED);
  }
  return response;
}

/** @param {Request} request @param {Environment} env @param {Context} ctx @param {boolean} allowed the origin */
async function answered(request, env, ctx, allowed) {
  const url = new URL(request.url);
  const route = ROUTES.find(({ path }) => path.test(url.pathname));
  if (!route) throw new Failure(404, "not_found", "There is nothing at this path; chat is at POST /v1/chat/completions.");
  const methods = Object.keys(route.methods);
  if (request.method === "OPTIONS") return preflight(request, methods, allowed);
  const handler = route.methods[request.method];
  if (!handler) throw new Failure(405, "method_not_allowed", `This path does not take ${request.method}; use ${methods.join(", ")}.`, { allow: methods.join(", ") });
  if (!/^https?:\/\/.+\/v1$/.test(env.FRESHET_UPSTREAM ?? "")) throw new Failure(500, "internal", "FRESHET_UPSTREAM must be the base of an API, ending in /v1.");
  return handler({ request, url, env, ctx, id: route.path.exec(url.pathname)?.[1] ?? "" });
}

/** @typedef {{request: Request, url: URL, env: Environment, ctx: Context, id: string}} Call */
/** @type {{path: RegExp, methods: Record<string, (call: Call) => Promise<Response>>}[]} */
const ROUTES = [
  { path: /^\/v1\/chat\/completions$/, methods: { POST: chat } },
  { path: /^\/v1\/models$/, methods: { GET: models } },
  { path: /^\/v1\/streams\/([^/]+)\/events$/, methods: { GET: events } },
  { path: /^\/v1\/streams\/([^/]+)$/, methods: { GET: state, DELETE: state } },
];

/** @param {Request} request @param {string[]} methods @param {boolean} allowed */
function preflight(request, methods, allowed) {
  if (!allowed) throw new Failure(403, "forbidden", "Pages of this origin may not use this endpoint; add it to FRESHET_CORS.");
  const headers = new Headers({ "Access-Control-Allow-Methods": methods.join(", "), "Access-Control-Max-Age": "600" });
  const asked = request.headers.get("access-control-request-headers");
  if (asked) headers.set("Access-Control-Allow-Headers", asked);
  return new Response(null, { status: 204, headers });
}

/** @param {Call} call */
async function chat({ request, env, ctx }) {
  const secret = await caller(request, env);
  const { text, streamed } = checked(await bodyOf(request), env);
  const headers = await headersFor(request, secret, env);
  headers.set("Content-Type", "application/json");
  const call = { method: "POST", headers, body: text };
  return streamed ? stream("/chat/completions", call, request, env, ctx, secret) : whole("/chat/completions", call, request, env, secret);
}

/** @param {Call} call */
async function models({ request, env }) {
  await caller(request, env);
  const response = await ask("/models", { headers: keyed(env), signal: request.signal }, env);
  if (!response.ok) throw await refusal(response);
  const list = await response.json();
  const names = listed(env.FRESHET_MODELS);
  const data = (list.data ?? []).filter((/** @type {{id: string}} */ { id }) => names.length === 0 || names.includes(id));
  return Response.json({ ...list, data }, { headers: { "Cache-Control": "no-store" } });
}

/** @param {Call} call */
async function events({ request, url, env, ctx, id }) {
  const token = url.searchParams.get("token"); // the gateway's own, for this stream alone: it stands for a key
  const secret = token ? "" : await caller(request, env);
  const own = await takenBack(id, token ? null : secret, env);
  const headers = token ? new Headers() : keyed(env);
  for (const name of PASSED_IN) if (request.headers.has(name)) headers.set(name, request.headers.get(name) ?? "");
  return stream(`/streams/${own}/events${url.search}`, { headers }, request, env, ctx, secret);
}

/** The state of a stream, or its end. @param {Call} call */
async function state({ request, env, id }) {
  const secret = await caller(request, env);
  const own = await takenBack(id, secret, env);
  return whole(`/streams/${own}`, { method: request.method, headers: keyed(env) }, request, env, secret);
}

/** @param {Request} request @returns {Promise<string>} */
async function bodyOf(request) {
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) throw new Failure(415, "unsupported_media_type", "Send the request as application/json.");
  const tooLarge = new Failure(413, "body_too_large", `The body is larger than ${LARGEST} bytes; send less.`);
  if (Number(request.headers.get("content-length") ?? 0) > LARGEST) throw tooLarge;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  const reader = request.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      if ((bytes += part.value.length) > LARGEST) throw tooLarge;
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(400, "invalid_request", "The body is not UTF-8, or did not come whole.");
  }
}

/** What protects the purse. @param {string} text @param {Environment} env @returns {{text: string, streamed: boolean}} @throws {Failure} */
function checked(text, env) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Failure(400, "invalid_request", "The body is no JSON.");
  }
  if (!body || typeof body !== "object" || Array.isArray(body)) throw new Failure(400, "invalid_request", "The body must be a JSON object.");
  const names = listed(env.FRESHET_MODELS);
  if (typeof body.model !== "string" || !body.model) throw new Failure(400, "invalid_request", "The request names no model.", { param: "model" });
  if (names.length > 0 && !names.includes(body.model)) throw new Failure(404, "unknown_model", "There is no such model here; GET /v1/models lists the ones that there are.", { param: "model" });
  const most = env.FRESHET_MAX_TOKENS ? Number(env.FRESHET_MAX_TOKENS) : Infinity;
  if (!(most > 0)) throw new Failure(500, "internal", "FRESHET_MAX_TOKENS must be a number above 0.");
  if (most !== Infinity) limit(body, most, env.FRESHET_MAX_TOKENS_FIELD || "max_tokens");
  // Written anew: a member that stands there twice is for the upstream what it was for these checks.
  return { text: JSON.stringify(body), streamed: body.stream === true };
}

/** @param {any} body @param {number} most @param {string} field */
function limit(body, most, field) {
  if (body.n !== undefined && body.n !== 1) throw new Failure(400, "invalid_request", "Here one answer at a time is given: leave n out.", { param: "n" });
  const there = [...new Set([...MAXIMA, field])].filter((name) => body[name] !== undefined && body[name] !== null);
  for (const name of there) {
    if (!(Number.isInteger(body[name]) && body[name] > 0)) throw new Failure(400, "invalid_request", `${name} must be a whole number above 0.`, { param: name });
    body[name] = Math.min(body[name], most);
  }
  if (there.length === 0) body[field] = most;
}

/** @param {Environment} env */
function keyed(env) {
  return new Headers(env.FRESHET_UPSTREAM_KEY ? { Authorization: `Bearer ${env.FRESHET_UPSTREAM_KEY}` } : {});
}

/** Nothing of the caller's goes on but what is named here. @param {Request} request @param {string} secret @param {Environment} env */
async function headersFor(request, secret, env) {
  const headers = keyed(env);
  for (const name of PASSED_IN) if (request.headers.has(name)) headers.set(name, request.headers.get(name) ?? "");
  const key = request.headers.get("idempotency-key");
  if (key) headers.set("Idempotency-Key", await ownKey(key, secret, env));
  return headers;
}

/** @param {string} path @param {RequestInit} init @param {Environment} env */
async function ask(path, init, env) {
  let response;
  try {
    response = await fetch(env.FRESHET_UPSTREAM + path, { redirect: "manual", ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Failure(502, "upstream_unreachable", "The provider could not be reached, or broke the connection; try again.");
  }
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
    response.body?.cancel().catch(() => {});
    throw new Failure(502, "upstream_failed", "The provider sends elsewhere, where the key must not go.");
  }
  return response;
}

/** A refusal of the upstream's; a Freshet gateway's is passed on as it is. @param {Response} response */
async function refusal(response) {
  let error;
  try {
    error = (await response.json())?.error;
  } catch {
    // no JSON: the status says it
  }
  const retryAfter = response.headers.get("retry-after");
  if (OURS.has(error?.code)) {
    const { message, code, type, param } = error;
    return new Failure(response.status, code, String(message), { type, param, retryAfter, final: response.headers.get("x-should-retry") === "false" });
  }
  return refused(response.status, error, retryAfter);
}

/** An answer in one body. @param {string} path @param {RequestInit} init @param {Request} request @param {Environment} env @param {string} secret */
async function whole(path, init, request, env, secret) {
  const response = await ask(path, { ...init, signal: request.signal }, env);
  if (response.status >= 400) throw await refusal(response);
  const headers = await headersOf(response, secret, env);
  headers.set("Content-Type", "application/json");
  headers.set("Cache-Control", "no-store");
  if (!path.startsWith("/streams/")) return new Response(response.body, { status: response.status, headers });
  const text = await response.text();
  const state = text ? JSON.parse(text) : null;
  if (state?.id) state.id = await handedOut(state.id, secret, env);
  return new Response(state ? JSON.stringify(state) : null, { status: response.status, headers });
}

/** @param {string} path @param {RequestInit} init @param {Request} request @param {Environment} env @param {Context} ctx @param {string} secret */
async function stream(path, init, request, env, ctx, secret) {
  const begun = Date.now();
  const abort = new AbortController();
  const numbered = path.startsWith("/streams/") || new Headers(init.headers).get("freshet-ids") === "1";
  const response = ask(path, { ...init, signal: abort.signal }, env);
  const early = new Headers({ "Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no" });
  const opened = response.then(async (one) => {
    if (one.status === 204) return { body: new ReadableStream(), ids: numbered, status: 204, headers: await headersOf(one, secret, env) };
    if (one.status !== 200) throw await refusal(one);
    const type = one.headers.get("content-type") ?? "text/event-stream";
    const ids = numbered && (one.headers.has("freshet-stream") || path.startsWith("/streams/"));
    const headers = await headersOf(one, secret, env);
    if (/^application\/json\b/.test(type)) return { body: asEvents(await one.json()), ids: false, status: 200, headers };
    if (!/^text\/event-stream\b/.test(type) || !one.body) {
      one.body?.cancel().catch(() => {});
      throw new Failure(502, "upstream_broken", "The provider sent no event stream.");
    }
    return { body: one.body, ids, status: 200, headers };
  });
  opened.catch(() => {});

  const settled = settling(ctx, { path, begun });
  const times = timesOf(env);
  const wait = Math.min(HEAD_AFTER, times.first);
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, wait, null)));
  const left = new Promise((resolve) => request.signal.addEventListener("abort", () => resolve("left")));
  let head;
  try {
    head = await Promise.race([opened, late, left]);
  } catch (error) {
    settled({ outcome: error instanceof Failure ? error.code : "internal", content: 0, usage: null, model: "" });
    throw error;
  } finally {
    clearTimeout(timer);
  }
  if (head === "left" || (head === null && wait === times.first)) {
    abort.abort();
    const failure = head === null ? new Failure(504, "upstream_timeout", `The provider said nothing within ${wait} ms. Asking again may be billed again.`, { final: true }) : new Failure(499, "stream_cancelled", "The client left.");
    settled({ outcome: failure.code, content: 0, usage: null, model: "" });
    throw failure;
  }
  if (head?.status === 204) {
    settled({ outcome: "completed", content: 0, usage: null, model: "" });
    return new Response(null, { status: 204, headers: head.headers });
  }
  head?.headers.forEach((/** @type {string} */ value, /** @type {string} */ name) => early.set(name, value));
  return new Response(piped(opened, abort, request.signal, times, settled), { headers: early });
}

/** Tells once what became of an answer; the platform waits for it. @param {Context} ctx @param {{path: string, begun: number}} facts */
function settling(ctx, { path, begun }) {
  /** @type {(record: object) => void} */ let tell = () => {};
  const record = new Promise((resolve) => (tell = resolve));
  const told = record.then((answer) => ctx.settled?.(answer)).catch(() => {});
  ctx.waitUntil?.(told);
  return (/** @type {import("./body.js").Settled} */ answer) => tell({ ...answer, kind: path.startsWith("/streams/") ? "resumed" : "asked", duration_ms: Date.now() - begun });
}

/** @param {Environment} env @returns {import("./body.js").Times} */
function timesOf(env) {
  const [idle, heartbeat] = [Number(env.FRESHET_IDLE_MS ?? 30_000), Number(env.FRESHET_HEARTBEAT_MS ?? 15_000)];
  const first = Number(env.FRESHET_FIRST_TOKEN_MS ?? env.FRESHET_IDLE_MS ?? 300_000);
  if (![idle, heartbeat, first].every((time) => time > 0)) throw new Failure(500, "internal", "FRESHET_IDLE_MS, FRESHET_FIRST_TOKEN_MS and FRESHET_HEARTBEAT_MS must be numbers above 0.");
  return { idle, first, heartbeat };
}

/** What of the upstream's head goes on. @param {Response} response @param {string} secret @param {Environment} env */
async function headersOf(response, secret, env) {
  const headers = new Headers();
  response.headers.forEach((value, name) => {
    if (PASSED_OUT.test(name)) headers.set(name, value);
  });
  const id = response.headers.get("freshet-stream");
  if (id) headers.set("Freshet-Stream", await handedOut(id, secret, env));
  return headers;
}

/** A whole answer, where a stream was asked for. @param {any} body @returns {ReadableStream<Uint8Array>} */
function asEvents(body) {
  const choices = (body.choices ?? []).map((/** @type {any} */ { message, ...choice }) => ({ ...choice, delta: message }));
  const text = `data: ${JSON.stringify({ ...body, object: "chat.completion.chunk", choices })}\n\ndata: [DONE]\n\n`;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}
