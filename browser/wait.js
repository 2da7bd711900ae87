/**
 * Waits before something is tried again. A page that is offline waits until it is online; one that comes back, or is
 * looked at again, waits no longer.
 * @param {number} millis how long
 * @param {number} most the longest, offline too
 * @param {AbortSignal} signal ends it, by its reason
 * @returns {Promise<void>}
 */
export function wait(millis, most, signal) {
  const offline = () => globalThis.navigator?.onLine === false;
  const page = globalThis.document;
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      clearTimeout(last);
      globalThis.removeEventListener?.("online", over);
      page?.removeEventListener("visibilitychange", seen);
      signal.removeEventListener("abort", left);
      resolve();
    };
    const left = () => {
      over();
      reject(signal.reason); // nothing, where it has resolved
    };
    const seen = () => {
      if (page?.visibilityState === "visible" && !offline()) over();
    };
    const timer = setTimeout(() => offline() || over(), millis);
    const last = setTimeout(over, most);
    globalThis.addEventListener?.("online", over);
    page?.addEventListener("visibilitychange", seen);
    signal.addEventListener("abort", left);
    if (signal.aborted) left();
  });
}

/** @param {number} millis @returns {Promise<void>} */
export const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/**
 * What is waited for, unless that takes too long, or is left.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} millis
 * @param {AbortController} abort leaves it, by its reason; left where it took too long
 * @param {() => Error} late what is thrown then
 * @returns {Promise<T>}
 */
export async function within(promise, millis, abort, late) {
  let timer;
  let left = () => {};
  const over = new Promise((_, reject) => {
    left = () => reject(abort.signal.reason);
    abort.signal.addEventListener("abort", left);
    if (abort.signal.aborted) left();
    timer = setTimeout(() => {
      reject(late());
      abort.abort();
    }, millis);
  });
  over.catch(() => {});
  promise.catch(() => {}); // where a limit was first
  try {
    return await /** @type {Promise<T>} */ (Promise.race([promise, over]));
  } finally {
    clearTimeout(timer);
    abort.signal.removeEventListener("abort", left);
  }
}
