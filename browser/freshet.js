/**
 * A client for streamed answers of language models: any server of OpenAI's chat API, and a Freshet gateway, toward
 * which a lost connection loses nothing. No dependency; browsers, Node, Deno and Workers.
 */
import { Answer } from "./answer.js";
import { FreshetError, refusal } from "./error.js";

export { Answer, FreshetError };

/**
 * @typedef {import("./answer.js").ChatRequest} ChatRequest
 * @typedef {import("./answer.js").ChatOptions} ChatOptions
 * @typedef {import("./answer.js").Delta} Delta
 * @typedef {import("./answer.js").State} State
 */
/** @typedef {string | (() => string | Promise<string>)} Key what the Bearer is; a function is asked for each request */

/** Speaks to one server. */
export class Freshet {
  /** Whether the server has shown that it is a Freshet gateway. */
  gateway = false;
  /** @type {string} */ #base;
  /** @type {Key} */ #key;

  /** @param {{url?: string, key?: Key}} [options] url: an API's base, with `/v1` or without; the page's own origin if absent */
  constructor({ url = "", key = "" } = {}) {
    this.#base = url.replace(/\/+$/, "").replace(/\/v1$/, "") + "/v1";
    this.#key = key;
  }

  /**
   * Asks. Nothing is sent before the answer is read.
   * @param {import("./answer.js").ChatRequest} request
   * @param {import("./answer.js").ChatOptions} [options]
   */
  chat(request, options = {}) {
    return new Answer(this, request, options);
  }

  /**
   * Reads a stream of a Freshet gateway that somebody has begun: after a reload, in a second tab.
   * @param {string} id
   * @param {import("./answer.js").ChatOptions & {after?: string}} [options] after: the last event that is known; the start if absent
   */
  resume(id, options = {}) {
    return new Answer(this, null, { ...options, id });
  }

  /** The models that the key may use. @returns {Promise<string[]>} @throws {import("./error.js").FreshetError} */
  async models() {
    const response = await this.fetch("/models");
    if (!response.ok) throw refusal(response, await response.text());
    return (await response.json()).data.map((/** @type {{id: string}} */ { id }) => id);
  }

  /**
   * A request with the key. For the answer's use.
   * @param {string} path below the base
   * @param {RequestInit & {headers?: Record<string, string>}} [init]
   */
  async fetch(path, init = {}) {
    const key = typeof this.#key === "function" ? await this.#key() : this.#key;
    const headers = { ...init.headers, ...(key && { Authorization: `Bearer ${key}` }) };
    return fetch(this.#base + path, { redirect: "manual", ...init, headers });
  }
}
