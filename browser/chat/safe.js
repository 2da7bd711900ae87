import DOMPurify from "./vendor/purify.mjs";

/*
 * The only place where text becomes markup. What a model says is hostile: it passes the sanitiser, whose result is a
 * fragment and no string, so that nothing is parsed twice. The page's policy allows this one Trusted Types policy.
 */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("freshet", { createHTML: (/** @type {string} */ html) => html });

const TEXT = "a blockquote br code del div em h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead tr ul".split(" ");
const COMMON = { RETURN_DOM_FRAGMENT: true, TRUSTED_TYPES_POLICY: policy, ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false };

/** Links to nowhere but these. @type {RegExp} */
export const ADDRESS = /^(?:https?:\/\/|mailto:)/i;

/** @param {string} html of Markdown @returns {DocumentFragment} */
export function safeText(html) {
  return DOMPurify.sanitize(html, { ...COMMON, ALLOWED_TAGS: TEXT, ALLOWED_ATTR: ["href", "rel", "target", "title", "class", "start"], ALLOWED_URI_REGEXP: ADDRESS, ADD_URI_SAFE_ATTR: ["rel", "target", "start"] });
}

/** @param {string} html of a highlighter: nothing but spans with classes @returns {DocumentFragment} */
export function safeCode(html) {
  return DOMPurify.sanitize(html, { ...COMMON, ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"] });
}

/** @param {string} mathml @returns {DocumentFragment} */
export function safeFormula(mathml) {
  const plain = mathml.replace(/ style="[^"]*"/g, ""); // the page's policy would drop it, and report it
  return DOMPurify.sanitize(plain, { ...COMMON, USE_PROFILES: { mathMl: true }, FORBID_ATTR: ["href", "xlink:href", "style"] });
}
