import { get } from "./dom.js";

const KEY = "freshet.key";
let inMemory = ""; // a browser may refuse its storage

/** The key, which stays in the tab. */
export function key() {
  try {
    return sessionStorage.getItem(KEY) ?? inMemory;
  } catch {
    return inMemory;
  }
}

/** @param {string} value */
function keep(value) {
  inMemory = value;
  try {
    sessionStorage.setItem(KEY, value);
  } catch {
    // it is gone with a reload
  }
}

/** A link may bring the key; it does not stay in the address. */
export function takeKeyFromAddress() {
  const found = /^#\/key=(.+)$/.exec(location.hash)?.[1];
  if (!found) return;
  keep(decodeURIComponent(found));
  window.history.replaceState(null, "", location.pathname);
}

/** Asks for a key; once. */
export function signIn() {
  const dialog = /** @type {HTMLDialogElement} */ (get("signin"));
  if (dialog.open) return;
  get("signin-wrong").textContent = key() ? "This key is not known here." : "";
  dialog.showModal();
}

/** @param {() => void} then */
export function onSignIn(then) {
  get("signin-form").addEventListener("submit", () => {
    const field = /** @type {HTMLInputElement} */ (get("key"));
    keep(field.value.trim());
    field.value = "";
    then();
  });
}
