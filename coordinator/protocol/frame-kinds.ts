/** First byte of the miner link's binary frames: what follows. One table, so that no two are the same. */
export const frameKinds = { tokens: 1, end: 2, vector: 3, logprobs: 4, image: 5 } as const;
