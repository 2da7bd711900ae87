/** What the simulated model has answers to, so that there is something to see without a key. @type {{title: string, hint: string, prompt: string, extra?: object}[]} */
export const PROMPTS = [
  { title: "Markdown", hint: "code, a table, a formula", prompt: "What is Freshet?" },
  { title: "A long answer", hint: "reload the page while it comes, or open it in a second tab", prompt: "Tell me a long story about streams." },
  { title: "Reasoning", hint: "folded, and never taken for waiting", prompt: "Think it through: why do streams break?" },
  { title: "A provider that stalls", hint: "it falls silent in the middle, and the answer comes whole", prompt: "Stall in the middle, please." },
  {
    title: "A tool",
    hint: "is called, and you give what it gives",
    prompt: "What is the weather in Oslo?",
    extra: {
      tools: [{ type: "function", function: { name: "weather", description: "The weather of a place", parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] } } }],
    },
  },
  {
    title: "A guard",
    hint: "stops what goes off track, and asks again",
    prompt: "Which fruit should I take on the train?",
    extra: {
      freshet: { guard: { add: [{ id: "no-bananas", contains: ["banana"] }], hold: { tokens: 40 }, then: { retry: { append: "Not that: {match}. Name another fruit." } } } },
    },
  },
];
