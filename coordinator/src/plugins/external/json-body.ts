import type { FastifyInstance } from "fastify";
import { ApiError } from "../../errors.ts";

/** Objects and arrays inside each other: a conversation needs about five. */
const maximumDepth = 64;

const messages = {
  too_deep: `The body nests more than ${maximumDepth} levels.`,
  duplicate_key: "The body names a key twice in one object.",
} as const;

/**
 * Bodies are JSON, uncompressed and not deeply nested; everything else gets its own answer. Parsing deep JSON costs a
 * stack frame a level, here and in every validator behind.
 */
export function useJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") {
      done(
        new ApiError(415, "unsupported_content_encoding", "Send the body uncompressed: no Content-Encoding is taken."),
      );
    } else if (body === "") done(null, undefined);
    else {
      const problem = shapeProblem(body);
      if (problem === undefined) void parse(request, body, done);
      else done(new ApiError(400, problem, messages[problem]));
    }
  });
}

/** A double quote, a backslash, brackets and a colon. */
const [quote, escape, openList, closeList, openObject, closeObject, colon] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d, 0x3a];

/**
 * What is wrong with a text's shape, if it is JSON at all, which is the parser's business. A key that comes twice is refused,
 * because readers differ on which one counts: what a proxy before us has judged would not be what runs here.
 */
export function shapeProblem(json: string): "too_deep" | "duplicate_key" | undefined {
  /** The keys of every open object; a list has none. */
  const open: (Set<string> | undefined)[] = [];
  let text = "";
  for (let i = 0; i < json.length; i++) {
    switch (json.charCodeAt(i)) {
      case quote: {
        const from = i;
        let isEscaped = false;
        for (i += 1; i < json.length && json.charCodeAt(i) !== quote; i++) {
          if (json.charCodeAt(i) !== escape) continue;
          isEscaped = true;
          i += 1;
        }
        // Only what a colon follows is a key; slices cost nothing until they are looked at.
        text = isEscaped ? (readText(json.slice(from, i + 1)) ?? "") : json.slice(from + 1, i);
        break;
      }
      case openObject:
      case openList:
        if (open.push(json.charCodeAt(i) === openObject ? new Set() : undefined) > maximumDepth) return "too_deep";
        break;
      case closeObject:
      case closeList:
        open.pop();
        break;
      case colon: {
        const keys = open.at(-1);
        if (keys?.has(text) === true) return "duplicate_key";
        keys?.add(text);
      }
    }
  }
  return undefined;
}

/** Two ways to write a key are one key. */
function readText(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
