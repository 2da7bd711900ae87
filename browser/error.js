/** An answer that did not come, or not whole. */
export class FreshetError extends Error {
  /**
   * @param {string} message
   * @param {{code: string, status?: number, retryable?: boolean, retryAfter?: number | null, requestId?: string, cause?: unknown}} facts
   */
  constructor(message, { code, status = 0, retryable = true, retryAfter = null, requestId = "", cause }) {
    super(message, { cause });
    this.name = "FreshetError";
    /** The server's name for the failure; else `unreachable`, `first_token_limit`, `idle_limit`, `total_limit`, `truncated`, `broken`, `redirected`, `http_STATUS`. */
    this.code = code;
    /** Of HTTP, or the one that an error in the stream names; 0 where there is none. */
    this.status = status;
    /** Whether asking the same again makes sense. It may be billed again. */
    this.retryable = retryable;
    /** Milliseconds to wait before that, where the server says so; else null. */
    this.retryAfter = retryAfter;
    /** The server's id of the request; empty where it gave none. */
    this.requestId = requestId;
    /** What came of the answer. */
    this.text = "";
  }
}

/** A refusal, as the server told it. @param {Response} response @param {string} body */
export function refusal(response, body) {
  const { status, headers } = response;
  const after = retryAfter(headers);
  let error;
  try {
    error = JSON.parse(body).error;
  } catch {
    // no JSON: the status says it
  }
  return told(error, {
    status,
    retryAfter: after,
    requestId: headers.get("x-request-id") ?? "",
    retryable: headers.get("x-should-retry") !== "false" && (status === 408 || status === 425 || status === 429 || status >= 500),
  });
}

/**
 * An error in the shape of OpenAI's, from a body or an event.
 * @param {any} error
 * @param {{status?: number, retryAfter?: number | null, requestId?: string, retryable?: boolean}} facts
 */
export function told(error, facts) {
  const [code] = [error?.code, error?.type].filter((name) => typeof name === "string" && name); // some put the status there
  const status = Number(error?.status) || facts.status || Number(error?.code) || (/rate_?limit/.test(`${error?.code} ${error?.type}`) ? 429 : 0);
  const message = typeof error === "string" ? error : error?.message;
  return new FreshetError(message || `the server answered ${status || "with an error"}`, {
    ...facts,
    status,
    code: code ?? (status ? `http_${status}` : "server_error"),
    retryable: error?.retryable ?? facts.retryable ?? true,
    retryAfter: typeof error?.retry_after === "number" ? error.retry_after * 1000 : (facts.retryAfter ?? null),
  });
}

/** RFC 9110, 10.2.3, and OpenAI's `retry-after-ms`; in milliseconds. @param {Headers} headers */
function retryAfter(headers) {
  const millis = headers.get("retry-after-ms");
  if (millis && Number(millis) >= 0) return Number(millis);
  const value = headers.get("retry-after");
  if (!value) return null;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}

/** @param {string} json */
export function parsed(json) {
  try {
    const value = JSON.parse(json);
    if (value && typeof value === "object") return value;
  } catch {
    // said below
  }
  throw new FreshetError("an event is no JSON object", { code: "broken" });
}

/** Whatever fetch and readers throw is a lost connection: browsers name it differently. @param {unknown} thrown */
export function asError(thrown) {
  if (thrown instanceof FreshetError) return thrown;
  return new FreshetError("the connection broke, or could not be made", { code: "unreachable", cause: thrown });
}

/** Whether nothing was sent. Node says so by a code, Deno in words, browsers not at all. @param {any} thrown by fetch */
export function neverConnected(thrown) {
  const code = thrown?.cause?.code;
  return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"].includes(code) || /client error \(Connect\)/.test(`${thrown?.cause?.message} ${thrown?.message}`);
}
