const MOST = 120; // points that are kept of one answer

/** Notes when the tokens of an answer came, in few numbers. */
export class Clock {
  #begun = performance.now();
  #at = /** @type {number[]} */ ([]);
  #tokens = /** @type {number[]} */ ([]);
  #marks = /** @type {{at: number, name: string}[]} */ ([]);
  #count = 0;
  #step = 1;

  #now() {
    return Math.round(performance.now() - this.#begun);
  }

  token() {
    if (this.#count++ % this.#step !== 0) return;
    this.#at.push(this.#now());
    this.#tokens.push(this.#count);
    if (this.#at.length < 2 * MOST) return;
    this.#at = this.#at.filter((_, i) => i % 2 === 0);
    this.#tokens = this.#tokens.filter((_, i) => i % 2 === 0);
    this.#step *= 2;
  }

  /** @param {string} name of a state: those that tell of a break are kept */
  state(name) {
    if (["stalled", "reconnecting", "resumed", "restarted"].includes(name)) this.#marks.push({ at: this.#now(), name });
  }

  /** @param {number} tokens how many there were in truth: pieces are not quite tokens @returns {import("./history.js").Pace} */
  pace(tokens) {
    const factor = tokens > 0 && this.#count > 0 ? tokens / this.#count : 1;
    return {
      at: [...this.#at, this.#now()],
      tokens: [...this.#tokens, this.#count].map((count) => Math.round(count * factor * 10) / 10),
      marks: this.#marks.slice(0, 20),
    };
  }
}
