import type { FastifyInstance } from "fastify";
import { ApiError } from "../../errors.ts";

/** Objects and arrays inside each other: a conversation needs about five. */
const maximumDepth = 64;

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
    else if (isDeep(body)) done(new ApiError(400, "too_deep", `The body nests more than ${maximumDepth} levels.`));
    else void parse(request, body, done);
  });
}

/** Counts brackets outside of strings; whether they match is the parser's business. */
function isDeep(json: string): boolean {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < json.length; i++) {
    const char = json.charCodeAt(i);
    if (isText) {
      if (char === 0x5c) i += 1;
      else if (char === 0x22) isText = false;
    } else if (char === 0x22) isText = true;
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > maximumDepth) return true;
    } else if (char === 0x5d || char === 0x7d) depth -= 1;
  }
  return false;
}
