import { time } from "./format.js";

/*
 * Two small pictures, drawn as SVG without a library: a curve of a hundred points and a row of bars need no more, and as
 * elements they take their colours from the theme, scale with the page and can be read aloud.
 */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 560;
const HEIGHT = 120;
const TOP = 18; // room for a line of text
const BOTTOM = 16;

/** @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
function shape(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** @param {string} label @param {...Node} children */
function picture(label, ...children) {
  return shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, class: "chart" }, ...children);
}

/** @param {number} x @param {number} y @param {string} text @param {string} [anchor] */
function label(x, y, text, anchor = "start") {
  return shape("text", { x, y, "text-anchor": anchor }, text);
}

/** @typedef {{name: string, first: number, pace: import("./history.js").Pace}} Series */

/** How the tokens of one answer, or of several beside each other, came over time. @param {Series[]} series */
export function paceChart(series) {
  const end = Math.max(1, ...series.map(({ pace }) => pace.at.at(-1) ?? 0));
  const most = Math.max(1, ...series.map(({ pace }) => pace.tokens.at(-1) ?? 0));
  const x = (/** @type {number} */ at) => round((at / end) * WIDTH);
  const y = (/** @type {number} */ tokens) => round(HEIGHT - BOTTOM - (tokens / most) * (HEIGHT - BOTTOM - TOP));
  const drawn = series.flatMap(({ name, first, pace }, i) => [
    shape("path", { class: `curve curve-${i}`, d: `M${x(first)} ${y(0)}` + pace.at.map((at, j) => `L${x(at)} ${y(pace.tokens[j])}`).join("") }, shape("title", {}, name)),
    shape("line", { class: `first curve-${i}`, x1: x(first), x2: x(first), y1: TOP, y2: y(0) }, shape("title", {}, `first token ${time(first)}`)),
    ...pace.marks.map((mark) => shape("line", { class: "mark", x1: x(mark.at), x2: x(mark.at), y1: TOP, y2: y(0) }, shape("title", {}, `${mark.name} ${time(mark.at)}`))),
  ]);
  const one = series.length === 1;
  return picture(
    series.map(({ name, first, pace }) => `${one ? "" : `${name}: `}${Math.round(pace.tokens.at(-1) ?? 0)} tokens in ${time(pace.at.at(-1) ?? 0)}, the first after ${time(first)}`).join("; "),
    shape("line", { class: "axis", x1: 0, x2: WIDTH, y1: y(0), y2: y(0) }),
    ...drawn,
    ...(one ? [beside(x(series[0].first), `first token ${time(series[0].first)}`)] : []),
    label(WIDTH, 11, `${Math.round(most)} tokens`, "end"),
    label(0, HEIGHT - 3, "0"),
    label(WIDTH, HEIGHT - 3, time(end), "end"),
  );
}

/** A label beside a line, on the side where there is room. @param {number} x @param {string} text */
function beside(x, text) {
  return x < WIDTH / 2 ? label(x + 5, TOP + 8, text) : label(x - 5, TOP + 8, text, "end");
}

/** @param {{day: string, value: number, told: string}[]} days in order @param {string} name what the bars are */
export function dayChart(days, name) {
  const most = Math.max(1, ...days.map(({ value }) => value));
  const width = WIDTH / Math.max(1, days.length);
  const floor = HEIGHT - BOTTOM;
  const bars = days.map(({ day, value, told }, i) => {
    const height = value === 0 ? 0 : Math.max(2, (value / most) * (floor - TOP));
    return shape("rect", { class: "bar", x: round(i * width + width * 0.15), y: round(floor - height), width: round(width * 0.7), height: round(height) }, shape("title", {}, `${day}: ${told}`));
  });
  const top = days.find(({ value }) => value === most);
  return picture(
    `${name} a day; most on ${top?.day ?? "no day"}: ${top?.told ?? "nothing"}`,
    shape("line", { class: "axis", x1: 0, x2: WIDTH, y1: floor, y2: floor }),
    ...bars,
    ...(top ? [label(WIDTH, 11, top.told, "end")] : []),
    label(0, HEIGHT - 3, days[0]?.day ?? ""),
    label(WIDTH, HEIGHT - 3, days.at(-1)?.day ?? "", "end"),
  );
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
