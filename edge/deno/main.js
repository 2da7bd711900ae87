import { log } from "../log.js";
import { pipe } from "../pipe.js";

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000) }, (request) => pipe(request, Deno.env.toObject(), { settled: log }));
