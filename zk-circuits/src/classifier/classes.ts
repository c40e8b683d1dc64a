/** What the classifier tells apart, in the order of the network's outputs and of the contract's answers. */
export const classes = ["chat", "code", "math", "writing", "translation", "unsafe"] as const;

export type PromptClass = (typeof classes)[number];
