/*
 * While an answer grows its end is cut anywhere, and markup that is not whole yet would flicker: half a formula, half an
 * address, two stars before a bold word. What is shown meanwhile leaves the first out and closes the last.
 */
const FENCE = /^ {0,3}(`{3,}|~{3,})/gm;
const LONGEST = 2_000; // of what is kept back, in characters

/** @param {string} text the part that still changes @returns {string} what to show of it */
export function calm(text) {
  const fence = openFence(text);
  const line = text.lastIndexOf("\n") + 1;
  const last = text.slice(line);
  if (fence) return last.trim() && fence.startsWith(last.trim()) ? text.slice(0, line) : text;
  // A ruler, the underline of a heading, the mark of a list or of a table: the next character tells which.
  if (/^[ \t>]*[-=*+_#`~|: ]+$/.test(last)) text = text.slice(0, line);
  const begin = paragraph(text);
  const before = text.slice(0, begin);
  const part = text.slice(begin);
  if (/^[ \t]*\|/.test(part) && part.split("\n").length < 3) return before; // a table, once its second line is whole
  return before + closed(cut(part));
}

/** The fence that is open at the end; empty where none is. @param {string} text */
function openFence(text) {
  let open = "";
  for (const [, mark] of text.matchAll(FENCE)) {
    if (!open) open = mark;
    else if (mark[0] === open[0] && mark.length >= open.length) open = "";
  }
  return open;
}

/** Where the last paragraph begins. @param {string} text */
function paragraph(text) {
  const blank = Math.max(text.lastIndexOf("\n\n"), 0);
  return blank && blank + 2;
}

/** @param {string} text */
function cut(text) {
  let at = text.length;
  for (const [open, close] of [["$$", "$$"], ["\\[", "\\]"], ["\\(", "\\)"]]) {
    let from = 0;
    for (;;) {
      const begin = text.indexOf(open, from);
      if (begin === -1) break;
      const end = text.indexOf(close, begin + 2);
      if (end === -1) {
        at = Math.min(at, begin);
        break;
      }
      from = end + 2;
    }
  }
  const inline = /(?:^|[\s(])(\$[^\s\d$][^$\n]{0,80}|\$|\\)$/.exec(text);
  if (inline) at = Math.min(at, text.length - inline[1].length);
  const link = /!?\[[^[\]\n]{0,300}\]\([^()\n]*$/.exec(text.slice(-LONGEST));
  if (link) at = Math.min(at, text.length - link[0].length);
  return text.length - at > LONGEST ? text : text.slice(0, at);
}

/** @param {string} text */
function closed(text) {
  const spaces = /\s*$/.exec(text)?.[0] ?? "";
  let shown = text.slice(0, text.length - spaces.length);
  if (odd(shown, /`+/g)) return shown.endsWith("`") ? shown.replace(/`+$/, "") : shown + "`";
  if (odd(shown, /\*\*/g)) return shown.endsWith("**") ? shown.slice(0, -2) : shown.replace(/\*$/, "") + "**";
  return shown + spaces;
}

/** @param {string} text @param {RegExp} mark */
function odd(text, mark) {
  return (text.match(mark)?.length ?? 0) % 2 === 1;
}
