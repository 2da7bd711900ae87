const NEAR = 4; // pixels from the bottom that count as being there

/**
 * Keeps the newest text in sight for who is at the bottom, and lets who has scrolled away read. Told by position alone:
 * if the place is above where it was put last, the reader has moved it.
 */
export class Follow {
  #box;
  #latest;
  #following = true;
  #put = 0;

  /** @param {HTMLElement} box that scrolls @param {HTMLButtonElement} latest leads back */
  constructor(box, latest) {
    this.#box = box;
    this.#latest = latest;
    box.addEventListener("scroll", () => this.#look(), { passive: true });
    latest.addEventListener("click", () => this.toLatest());
    new ResizeObserver(() => this.#following && this.#down()).observe(box);
  }

  #look() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    if (scrollHeight - scrollTop - clientHeight <= NEAR) this.#following = true;
    else if (scrollTop < this.#put - 1) this.#following = false;
    this.#latest.hidden = this.#following;
  }

  /** Changes the transcript. @param {() => void} change */
  during(change) {
    this.#look();
    change();
    if (this.#following) this.#down();
  }

  toLatest() {
    this.#following = true;
    this.#latest.hidden = true;
    this.#down();
  }

  #down() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#put = this.#box.scrollTop;
  }
}
