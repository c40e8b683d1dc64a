/** Bounds on what one side can make the other hold, parse or wait for. */
export const limits = {
  /** Largest JSON frame of the miner link, bytes: a job carries the whole conversation. */
  frameBytes: 4 * 1024 * 1024,
  /** Largest request body of the client API, bytes. */
  bodyBytes: 2 * 1024 * 1024,
  /** Messages in one conversation. */
  messages: 2048,
  /** Tools of one request, and calls in one message. */
  tools: 128,
  /** A tool's description, and its parameters' schema as text. */
  toolChars: 65_536,
  /** Token ids of one prompt, where a client names them itself. */
  promptTokens: 262_144,
  /** Texts of one embedding job, the length of each, and the longest vector. */
  embeddingTexts: 256,
  embeddingChars: 131_072,
  embeddingLength: 65_536,
  /** Characters that ask for a picture, its sides in pixels, its file in bytes, and what one frame holds of that. */
  imagePromptChars: 32_000,
  imageLeastSide: 128,
  imageSide: 2048,
  imageBytes: 8 * 1024 * 1024,
  imageFrameBytes: 256 * 1024,
  /** Tokens in one token frame. */
  frameTokens: 1024,
  /** Text in one token frame, bytes. */
  frameTextBytes: 64 * 1024,
  /** Alternatives to a token of the output that are told with it, and the length of each in base64. */
  topLogprobs: 20,
  tokenBase64Chars: 1024,
  /** Probabilities in one answer. */
  logprobs: 65_536,
  /** Output tokens of one job. */
  outputTokens: 32_768,
  /** Stop texts of one request, and the length of each. */
  stops: 4,
  stopChars: 256,
  /** Receipts a miner can announce when it comes back. */
  pendingReceipts: 10_000,
  /** Steps of a Merkle path: batches hold at most 2^20 leaves. */
  pathSteps: 20,
  /** A coordinator's origin as who signs in names it: a host name of 253 characters, scheme and port. */
  originChars: 300,
  /** Models one miner can offer. */
  models: 64,
  /** Jobs that a miner is told to start together, and how long the first of them may be held for it, milliseconds. */
  batchJobs: 64,
  batchWindowMs: 50,
  /** Longest time that loading a model may be said to take, milliseconds. */
  loadMs: 3_600_000,
  /** Cards of one machine that its metrics tell about. */
  gpus: 32,
  /** Frames in one request of a link over plain HTTP, their bytes together, and the longest that a question is held, seconds. */
  pollFrames: 1024,
  pollBytes: 1024 * 1024,
  pollSecs: 60,
  /** Acknowledgements in one frame. */
  acks: 256,
  /** Prompts whose tokens one miner counts at a time, and the characters of each: nobody pays for it. */
  counting: 4,
  countedChars: 262_144,
  /** Client vouchers that back one miner voucher. */
  funding: 1024,
  /** A letter's body in base64 (a sealed transcript is compressed before), and letters in one page. */
  letterChars: 1_900_000,
  lettersPage: 16,
  /** Log entries in one page. */
  entriesPage: 1000,
} as const;

/** Tokens a miner generates beyond the last acknowledgement, at most: what it can lose to a coordinator. */
export const maximumUnacknowledged = 64;
/** The coordinator acknowledges after this many tokens, so that an honest miner never waits. */
export const acknowledgeEvery = 32;
