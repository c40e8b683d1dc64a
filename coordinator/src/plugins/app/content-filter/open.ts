import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError, type Config } from "../../external/config.ts";
import type { Classifier, Verdict } from "./classifier.ts";

/** CONTENT_FILTER's word for the network of zk-circuits, which runs in this process. */
const ownClassifier = "classifier";

/** Longest answer of a classifier, bytes: it says a word for each text. */
const maximumAnswer = 1024 * 1024;

/** The classifier that CONTENT_FILTER names; undefined when it names none. Throws ConfigError. */
export async function openClassifier({
  contentFilter,
}: Pick<Config, "contentFilter">): Promise<Classifier | undefined> {
  if (contentFilter === undefined) return undefined;
  const { source, key } = contentFilter;
  if (source === ownClassifier) {
    // Loaded where it is asked for: the network takes memory that nobody else needs.
    const { classifyText } = await import("@lode/zk-circuits/classifier");
    return { classify: async (texts) => judge(texts, (text) => classifyText(text) === "unsafe") };
  }
  return /^https?:/.test(source) ? new HttpClassifier(source, key) : loadModule(source);
}

/** A module of the operator's own: `export async function classify(texts, { model, signal })`. */
async function loadModule(file: string): Promise<Classifier> {
  let loaded: { classify?: unknown };
  try {
    loaded = (await import(pathToFileURL(resolve(file)).href)) as typeof loaded;
  } catch {
    throw new ConfigError("CONTENT_FILTER", `names ${file}, which cannot be loaded`);
  }
  const { classify } = loaded;
  if (typeof classify !== "function")
    throw new ConfigError("CONTENT_FILTER", `names ${file}, which exports no classify`);
  return { classify: async (texts, about) => verdictOf(await (classify as Classifier["classify"])(texts, about)) };
}

/** The network that miners prove classifications with: a request is refused when one of its texts is unsafe to it. */
function judge(texts: readonly string[], isUnsafe: (text: string) => boolean): Verdict {
  const isRefused = texts.some(isUnsafe);
  return { isRefused, categories: isRefused ? ["unsafe"] : [] };
}

function verdictOf(value: unknown): Verdict {
  const { isRefused, categories } = (value ?? {}) as Partial<Record<keyof Verdict, unknown>>;
  if (typeof isRefused !== "boolean" || !Array.isArray(categories)) throw new Error("a classifier gave no verdict");
  return { isRefused, categories: categories.map(String) };
}

/** A server that speaks OpenAI's moderation API: `{input: [...]}` gives `{results: [{flagged, categories}]}`. */
class HttpClassifier implements Classifier {
  readonly #url: string;
  readonly #key: string | undefined;

  constructor(url: string, key: string | undefined) {
    this.#url = url;
    this.#key = key;
  }

  async classify(texts: readonly string[], { signal }: { readonly signal: AbortSignal }): Promise<Verdict> {
    const answer = await fetch(this.#url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
      },
      body: JSON.stringify({ input: texts }),
      redirect: "error",
      signal,
    });
    if (!answer.ok) throw new Error(`the classifier answered ${answer.status}`);
    const { results } = JSON.parse(await boundedText(answer)) as { results?: unknown };
    if (!Array.isArray(results) || results.length !== texts.length)
      throw new Error("the classifier judged other texts");
    const found = new Set<string>();
    let isRefused = false;
    for (const { flagged, categories } of results as { flagged?: unknown; categories?: Record<string, unknown> }[]) {
      if (typeof flagged !== "boolean") throw new Error("the classifier gave no verdict");
      isRefused ||= flagged;
      for (const [name, isFound] of Object.entries(categories ?? {})) if (flagged && isFound === true) found.add(name);
    }
    return { isRefused, categories: [...found] };
  }
}

async function boundedText(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer.body ?? []) {
    length += (piece as Uint8Array).byteLength;
    if (length > maximumAnswer) throw new Error("the classifier's answer is too long");
    pieces.push(piece as Uint8Array);
  }
  return Buffer.concat(pieces).toString("utf8");
}
