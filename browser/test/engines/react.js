import { createElement, StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { useAnswer } from "../../examples/use-answer.js";
import { Freshet } from "../../freshet.js";

/** A page with one answer; `ask` and `stop` are called from outside. */
globalThis.begin = (url) => {
  const freshet = new Freshet({ url });
  const Page = () => {
    const { text, state, error, ask, stop } = useAnswer(freshet);
    useEffect(() => Object.assign(globalThis, { ask, stop }) && undefined, [ask, stop]);
    return createElement("main", null, createElement("p", { id: "text" }, text), createElement("p", { id: "state" }, error ? error.code : state));
  };
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  root.render(createElement(StrictMode, null, createElement(Page)));
  globalThis.leave = () => root.unmount();
};
