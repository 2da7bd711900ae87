// Before anything is painted: the theme that was chosen, so that a reload does not flash.
try {
  const chosen = localStorage.getItem("freshet.theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.className = chosen;
} catch {
  // a browser may refuse its storage
}
