/** Puts an answer together from its chunks. */
export class Assembly {
  text = "";
  reasoning = "";
  model = "";
  /** Pieces of content: about as many as tokens. */ tokens = 0;
  /** @type {any} */ usage = null;
  /** @type {string | null} of the first choice */ finishReason = null;
  #reasoningField = "reasoning_content";
  #refusal = "";
  /** @type {any[]} */ #calls = [];
  /** @type {Map<number, boolean>} each choice, and whether it has its finish_reason */ #choices = new Map();

  /** Whether every choice has its finish_reason: evidence that the answer is whole. */
  get finished() {
    return this.#choices.size > 0 && [...this.#choices.values()].every(Boolean);
  }

  /** The message of the first choice. Reasoning goes back only with calls of tools: some models refuse it elsewhere. */
  get message() {
    const calls = this.#calls.filter(Boolean);
    return {
      role: "assistant",
      content: this.text || (calls.length ? null : ""),
      ...(this.#refusal && { refusal: this.#refusal }),
      ...(calls.length && { tool_calls: calls }),
      ...(calls.length && this.reasoning && { [this.#reasoningField]: this.reasoning }),
    };
  }

  /** @param {any} chunk @returns {import("./answer.js").Delta | null} null where it has no content */
  add(chunk) {
    this.model = chunk.model || this.model;
    this.usage = chunk.usage ?? this.usage;
    let content = null;
    for (const choice of chunk.choices ?? []) {
      const index = choice.index ?? 0;
      const delta = this.#delta(choice.delta ?? {}, index);
      if (delta) {
        this.tokens++;
        content = index === 0 || !content ? delta : content;
      }
      this.#choices.set(index, this.#choices.get(index) || Boolean(choice.finish_reason));
      if (index === 0 && choice.finish_reason) this.finishReason = choice.finish_reason;
    }
    return content;
  }

  /** An answer in one body. @param {any} body */
  whole(body) {
    const choices = (body.choices ?? []).map((/** @type {any} */ choice) => ({
      ...choice,
      delta: { ...choice.message, tool_calls: choice.message?.tool_calls?.map((/** @type {any} */ call, /** @type {number} */ index) => ({ index, ...call })) },
    }));
    return this.add({ ...body, choices });
  }

  /** @param {any} delta @param {number} index of its choice */
  #delta(delta, index) {
    const field = delta.reasoning_content ? "reasoning_content" : "reasoning";
    const text = typeof delta.content === "string" ? delta.content : "";
    const reasoning = typeof delta[field] === "string" ? delta[field] : "";
    const toolCalls = delta.tool_calls ?? [];
    if (index === 0) {
      this.text += text;
      if (reasoning) this.#reasoningField = field;
      this.reasoning += reasoning;
      this.#refusal += delta.refusal ?? "";
      for (const part of toolCalls) this.#call(part);
    }
    const content = text || reasoning || delta.refusal || toolCalls.length || delta.audio;
    return content ? { text: index === 0 ? text : "", reasoning: index === 0 ? reasoning : "", toolCalls: index === 0 ? toolCalls : [] } : null;
  }

  /** @param {any} part */
  #call(part) {
    const at = part.index ?? this.#calls.length;
    const call = (this.#calls[at] ??= { id: "", type: "function", function: { name: "", arguments: "" } });
    call.id ||= part.id ?? "";
    call.function.name ||= part.function?.name ?? "";
    call.function.arguments += part.function?.arguments ?? "";
  }
}
