/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
export const get = (id) => /** @type {T} */ (document.getElementById(id));

/** @param {string} tag @param {string} [name] its class @param {...(Node | string)} children */
export function element(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children);
  return made;
}

/** @param {string} label @param {() => void} act @param {string} [name] */
export function button(label, act, name = "quiet") {
  const made = /** @type {HTMLButtonElement} */ (element("button", name, label));
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** A button that is a sign: its name is for who does not see it, and for who rests on it. @param {string} sign @param {string} label @param {() => void} act */
export function sign(sign, label, act) {
  const made = button(sign, act);
  made.setAttribute("aria-label", label);
  made.title = label;
  return made;
}

/** Puts children in the wanted order; those that stay are not moved. @param {HTMLElement} parent @param {Element[]} wanted */
export function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  for (const [i, child] of wanted.entries()) if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
}

/** Lets the browser save a file. @param {string} name @param {string[]} parts @param {string} type */
export function save(name, parts, type) {
  const link = /** @type {HTMLAnchorElement} */ (element("a"));
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
