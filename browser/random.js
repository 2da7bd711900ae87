/** A name that nobody else has, also where `crypto.randomUUID` is not: on pages without TLS. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
