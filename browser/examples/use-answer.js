// A React hook: `const { text, state, error, ask, stop } = useAnswer(freshet)`.
import { useCallback, useEffect, useRef, useState } from "react";

/** @param {import("@freshet/client").Freshet} freshet */
export function useAnswer(freshet) {
  const [shown, show] = useState({ text: "", state: "idle", error: /** @type {Error | null} */ (null) });
  const current = useRef(/** @type {import("@freshet/client").Answer | null} */ (null));
  const stop = useCallback(() => current.current?.stop(), []);
  useEffect(() => () => void stop(), [stop]); // who leaves the page does not pay for what nobody reads

  const ask = useCallback(
    /** @param {import("@freshet/client").ChatRequest} request */
    async (request) => {
      await stop();
      const answer = freshet.chat(request);
      current.current = answer;
      let frame = 0;
      const draw = (error = null) => {
        if (current.current === answer) show({ text: answer.text, state: answer.state.name, error });
      };
      answer.addEventListener("state", () => draw());
      try {
        // Once a frame, however many tokens come.
        for await (const _ of answer) frame ||= requestAnimationFrame(() => ((frame = 0), draw()));
        cancelAnimationFrame(frame);
        draw();
      } catch (error) {
        cancelAnimationFrame(frame);
        draw(error);
      }
    },
    [freshet, stop],
  );
  return { ...shown, ask, stop };
}
