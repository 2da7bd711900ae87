import handler from "./handler.js";

// app/v1/[...path]/route.js of a Next application.
export const runtime = "edge";
export const dynamic = "force-dynamic";

/** @param {Request} request */
const answer = (request) => handler(request);
export { answer as DELETE, answer as GET, answer as OPTIONS, answer as POST };
