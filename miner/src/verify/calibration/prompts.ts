/** Openings for measurements: answers to them are long and open, so that many tokens could as well be others. */
export const usualPrompts: readonly string[] = [
  "Tell me a long story.",
  "Write a short story.",
  "Tell me a short story.",
  "Describe a city that nobody has seen.",
  "Write a letter to a friend who lives far away.",
  "Explain how bread is made, step by step.",
  "Make a list of ideas for a rainy day.",
  "Write a dialogue between two people in a train.",
  "What could go wrong at a picnic?",
  "Invent an animal and describe how it lives.",
  "Write a poem about a river.",
  "Tell me about a day at the market.",
];
