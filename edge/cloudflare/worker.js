import { log } from "../log.js";
import { pipe } from "../pipe.js";

// The flag enable_request_signal in wrangler.toml is needed: without it nobody tells that the client has left.
export default {
  /** @param {Request} request @param {import("../pipe.js").Environment} env @param {import("../pipe.js").Context} ctx */
  fetch: (request, env, ctx) => pipe(request, env, { waitUntil: (work) => ctx.waitUntil?.(work), settled: log }),
};
