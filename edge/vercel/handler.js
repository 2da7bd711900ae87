import { log } from "../log.js";
import { pipe } from "../pipe.js";

/** For Vercel's functions, on Node and on the edge runtime. @param {Request} request @param {import("../pipe.js").Context} [ctx] */
export default function handler(request, ctx) {
  const env = /** @type {any} */ (globalThis).process?.env ?? {};
  return pipe(request, env, { waitUntil: (work) => ctx?.waitUntil?.(work), settled: log });
}
