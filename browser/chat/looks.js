const THEME = "freshet.theme";

/** From dark to light, or back; kept for the next time. */
export function toggleTheme() {
  const root = document.documentElement;
  const chosen = root.className || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.className = chosen === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(THEME, root.className);
  } catch {
    // a browser may refuse that: it lasts as long as the page
  }
}
