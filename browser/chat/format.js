/** @param {number} millis */
export function time(millis) {
  if (millis < 1000) return `${Math.round(millis)} ms`;
  return millis < 60_000 ? `${(millis / 1000).toFixed(1)} s` : `${Math.floor(millis / 60_000)} min ${Math.round((millis % 60_000) / 1000)} s`;
}

/** @param {number} nano billionths of a dollar */
export function money(nano) {
  const dollars = nano / 1e9;
  if (dollars === 0) return "$0";
  return `$${dollars >= 0.01 ? dollars.toFixed(2) : dollars.toPrecision(2).replace(/e.*/, "")}`.replace(/(\.\d*?)0+$/, "$1");
}

/** What an answer took. @param {import("./history.js").Figures} figures */
export function figures({ first, speed, tokens, estimated, cost }) {
  return [
    first && `first token ${time(first)}`,
    speed && `${Math.round(speed)} tokens/s`,
    tokens && `${estimated ? "about " : ""}${tokens} tokens`,
    cost !== null && money(cost),
  ].filter(Boolean).join(" · ");
}

/** A name for a conversation: the beginning of its first message. @param {string} text */
export function title(text) {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length <= 60 ? line : line.slice(0, 59).replace(/\s\S*$/, "") + "…";
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
