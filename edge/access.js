import { Failure } from "./errors.js";

/*
 * Who may ask, and whose streams are whose. Before a Freshet gateway all callers share one key there, so each stream's
 * id is handed out with a mark that only its caller's secret makes.
 */
const utf8 = new TextEncoder();
const MARK = 22; // characters: 132 bits

/** @param {string | undefined} list by comma */
export const listed = (list) => (list ?? "").split(",").map((one) => one.trim()).filter(Boolean);

/** @param {Request} request @param {Record<string, string | undefined>} env @returns {Promise<string>} the caller's secret; empty where everyone may @throws {Failure} */
export async function caller(request, env) {
  const secrets = listed(env.FRESHET_ACCESS);
  if (secrets.length === 0) throw new Failure(401, "invalid_api_key", "This endpoint lets nobody in yet; set FRESHET_ACCESS to callers' secrets, or to open.");
  if (secrets.includes("open")) return "";
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  const mark = await marked("access", given, env);
  for (const secret of secrets) if ((await marked("access", secret, env)) === mark) return secret; // marks are compared, so time tells nothing of secrets
  throw new Failure(401, "invalid_api_key", given ? "This key is not known here." : "Send a key: Authorization: Bearer …");
}

/** @param {string} id a stream's @param {string} secret the caller's @param {Record<string, string | undefined>} env */
export async function handedOut(id, secret, env) {
  return `${id}.${await marked(`stream\n${secret}`, id, env)}`;
}

/** The id at the gateway. @param {string} id as it was handed out @param {string | null} secret null: a read token stands for it @param {Record<string, string | undefined>} env @throws {Failure} */
export async function takenBack(id, secret, env) {
  const dot = id.lastIndexOf(".");
  const own = id.slice(0, Math.max(dot, 0));
  if (/^[\w-]+$/.test(own) && (secret === null || id === (await handedOut(own, secret, env)))) return own;
  throw new Failure(404, "stream_not_found", "There is no such stream, or it is not yours.");
}

/** An Idempotency-Key of the caller's own. @param {string} key @param {string} secret @param {Record<string, string | undefined>} env */
export function ownKey(key, secret, env) {
  return marked(`idempotency\n${secret}`, key, env);
}

/** @param {string} purpose @param {string} text @param {Record<string, string | undefined>} env */
async function marked(purpose, text, env) {
  const key = await crypto.subtle.importKey("raw", utf8.encode(`freshet edge ${env.FRESHET_UPSTREAM_KEY ?? ""}`), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(`${purpose}\n${text}`)));
  return btoa(String.fromCharCode(...mac)).replace(/\+/g, "-").replace(/\//g, "_").slice(0, MARK);
}
