/** How something looks: well, badly, to be watched, or neither. */
export type Tone = "good" | "bad" | "warn" | "calm";
