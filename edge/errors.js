/*
 * Failures, in the shape and with the codes of Freshet's contract: `{"error": {"message", "type", "param", "code"}}`.
 */
const TYPES = new Map([
  [429, "rate_limit_error"],
  [403, "permission_error"],
]);

/** What went wrong, for whoever asked. */
export class Failure extends Error {
  /**
   * @param {number} status of HTTP, or the one that it would have where the head has left
   * @param {string} code
   * @param {string} message what happened, and what to do
   * @param {{type?: string, param?: string | null, retryAfter?: string | null, final?: boolean, allow?: string}} [more] final: asking again may be billed again
   */
  constructor(status, code, message, { type, param = null, retryAfter = null, final = false, allow } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.type = type ?? TYPES.get(status) ?? (status < 500 ? "invalid_request_error" : "server_error");
    this.param = param;
    this.retryAfter = retryAfter;
    this.final = final;
    this.allow = allow;
  }

  response() {
    const { message, type, param, code } = this;
    const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
    if (this.retryAfter) headers.set("Retry-After", this.retryAfter);
    if (this.final) headers.set("x-should-retry", "false");
    if (this.allow) headers.set("Allow", this.allow);
    if (this.status === 401) headers.set("WWW-Authenticate", "Bearer");
    return new Response(JSON.stringify({ error: { message, type, param, code } }), { status: this.status, headers });
  }

  /** The last event of a stream that broke. */
  event() {
    const { message, type, param, code, status } = this;
    const retryable = !this.final && (status === 429 || status >= 500);
    return `data: ${JSON.stringify({ error: { message, type, param, code, status, retryable, retry_after: null } })}\n\n`;
  }
}

/** Codes that a Freshet upstream has given already: they are right as they are. */
export const OURS = new Set(
  ("invalid_request body_too_large head_too_large unknown_model not_found method_not_allowed unsupported_media_type invalid_api_key forbidden rate_limited budget_exhausted overloaded upstream_unreachable upstream_timeout " +
    "upstream_rate_limited upstream_rejected upstream_failed upstream_stalled upstream_truncated upstream_broken stream_cancelled stream_too_large stream_interrupted stream_not_found stream_expired cursor_ahead cursor_malformed " +
    "idempotency_mismatch guard_stopped internal").split(" "),
);

const PASSED_ON = [400, 404, 413, 422];
const OWN_FAULT = [401, 402, 403];

/** A refusal of the provider's, as the gateway would tell it. @param {number} status @param {any} error its `error` member, if any @param {string | null} retryAfter */
export function refused(status, error, retryAfter = null) {
  const said = clean(typeof error === "string" ? error : error?.message);
  const more = { type: typeof error?.type === "string" ? error.type : undefined, param: typeof error?.param === "string" ? error.param : null };
  if (status === 429) return new Failure(429, "upstream_rate_limited", said || "The provider limits requests; wait and try again.", { retryAfter });
  if (PASSED_ON.includes(status)) return new Failure(status, "upstream_rejected", said || "The provider refused the request.", more);
  if (OWN_FAULT.includes(status)) return new Failure(502, "upstream_rejected", "The provider refused this endpoint's key; who runs it must look at FRESHET_UPSTREAM_KEY.", { type: "server_error" });
  return new Failure(status === 503 || status === 529 ? 503 : 502, "upstream_failed", said || `The provider answered ${status}; try again.`);
}

/** Which status an error inside a stream means. @param {any} error */
export function meant(error) {
  const words = `${error?.code} ${error?.type} ${typeof error === "string" ? error : ""}`;
  const status = [error?.status, error?.status_code, error?.code].map(Number).find((number) => number >= 400 && number < 600);
  return status ?? (/rate_?limit/i.test(words) ? 429 : /overloaded/i.test(words) ? 503 : 502);
}

/** What a provider says may repeat the key that it was asked with. @param {unknown} text */
function clean(text) {
  return typeof text === "string" ? text.replace(/\b(?:sk|pk|key|Bearer)[-_ ][\w.*-]{6,}/gi, "[key]").slice(0, 500) : "";
}
