import { names, run } from "./runner.js";
import "../sse.test.js";
import "../freshet.test.js";

export default {
  /** @param {Request} request @param {{CONTROL: string}} env */
  async fetch(request, env) {
    globalThis.CONTROL = env.CONTROL;
    const name = new URL(request.url).searchParams.get("name");
    return name === null ? Response.json(names()) : new Response(await run(name));
  },
};
