import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { limits, readImage, type ImageSize } from "@lode/protocol";
import type { FastifyInstance } from "fastify";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import type { Payer } from "../../plugins/app/auth.ts";
import type { ImageRequest, JobStart, WholeResult } from "../../plugins/app/relay/request.ts";
import { errorAnswers } from "../errors.ts";
import { answerHeaders, idHeaders, startHeaders } from "../inference/headers.ts";
import { idempotent, RequestHeaders } from "../inference/idempotent.ts";
import { lodeFieldsOf, runAll, type RequestHooks } from "../inference/jobs-of-request.ts";
import { modelOf, tierOf } from "../inference/model.ts";
import { wishesOf } from "../inference/wishes.ts";
import { optional, refuseUnsupported, type Unsupported } from "./fields.ts";
import { LodeFields } from "./schemas.ts";

/** Pictures of one request: each is a job that is paid for, and all of them are held until the last one is here. */
const maximumImages = 4;
const usualSize = "1024x1024";

export const ImagesRequest = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 128 }),
    prompt: Type.String({ minLength: 1, maxLength: limits.imagePromptChars }),
    n: optional(Type.Integer({ minimum: 1, maximum: maximumImages })),
    size: optional(
      Type.String({
        pattern: "^(auto|[1-9][0-9]{2,3}x[1-9][0-9]{2,3})$",
        description: `WIDTHxHEIGHT with ${limits.imageLeastSide} to ${limits.imageSide} pixels each; auto is ${usualSize}`,
      }),
    ),
    response_format: optional(
      Type.Literal("b64_json", { description: "Pictures are kept nowhere, so that none has a URL" }),
    ),
    tier: Type.Optional(Type.String({ maxLength: 32, description: "hash: a picture cannot be computed again" })),
    user: optional(Type.String({ maxLength: 512 })),
  },
  { title: "ImagesRequest" },
);
export type ImagesRequest = Static<typeof ImagesRequest>;

const tokens = Type.Integer({ description: "As billed: one for each square of 32 x 32 pixels that a picture begins" });

const Images = Type.Object(
  {
    created: Type.Integer(),
    size: Type.String(),
    data: Type.Array(
      Type.Object({
        b64_json: Type.String(),
        media_type: Type.String({ description: "image/png, image/jpeg or image/webp, as the miner's engine chose" }),
      }),
    ),
    usage: Type.Object({
      input_tokens: Type.Integer({ description: "Of the prompt, which every picture's miner reads" }),
      output_tokens: tokens,
      total_tokens: Type.Integer(),
      input_tokens_details: Type.Object({ text_tokens: Type.Integer(), image_tokens: Type.Integer() }),
    }),
    lode: LodeFields,
  },
  { title: "Images" },
);

const isAuto = (value: unknown): boolean => value === "auto";
/** What an engine behind a miner cannot be asked for. */
const unsupported: Unsupported = {
  quality: (value) => isAuto(value) || value === "standard",
  background: isAuto,
  moderation: isAuto,
  style: () => false,
  output_format: () => false,
  output_compression: () => false,
  partial_images: (value) => value === 0,
  stream: (value) => value === false,
};

/** `POST /v1/images/generations`: pictures for a text. */
export const imageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    "/v1/images/generations",
    {
      schema: {
        summary: "Pictures for a text; each costs the output tokens of its size, whatever is on it",
        tags: ["openai"],
        security: [{ key: [] }],
        headers: RequestHeaders,
        body: ImagesRequest,
        response: {
          200: {
            description: "The pictures",
            headers: answerHeaders,
            content: { "application/json": { schema: Images } },
          },
          ...errorAnswers,
        },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const id = `img-${randomBytes(12).toString("hex")}`;
      const wishes = wishesOf(request);
      const trace = request.trace();
      const onStart = (start: JobStart): void => void reply.headers(startHeaders(id, start));
      const paint = imageWork(app, id, request.payer(), request.body);
      const answer = await idempotent(app, request, reply, id, (signal) => paint({ signal, trace, onStart, wishes }));
      reply.headers(idHeaders(answer.id));
      // A serialiser that walks a schema would look at every character of a picture.
      return reply.type("application/json").serializer(JSON.stringify).send(imagesOf(answer.value, answer.created));
    },
  );
};

/** What a request led to. JSON values only. */
interface ImagesOutcome {
  readonly size: string;
  readonly pictures: readonly { readonly base64: string; readonly mediaType: string }[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly lode: Static<typeof LodeFields>;
}

/** What a request asks for, checked; it is done when what comes is called. Throws 400. */
export function imageWork(
  app: FastifyInstance,
  id: string,
  payer: Payer,
  body: ImagesRequest,
): (hooks: RequestHooks) => Promise<ImagesOutcome> {
  refuseUnsupported(body, unsupported);
  const tier = tierOf(body.tier);
  const size = body.size === undefined || body.size === null || isAuto(body.size) ? usualSize : body.size;
  const image = { prompt: body.prompt, ...sizeOf(size) };
  return async ({ wishes, ...hooks }) => {
    const job: ImageRequest = { jobId: id, ...payer, model: modelOf(app, body.model), tier, wishes, prompt: { image } };
    const jobs = Array.from({ length: body.n ?? 1 }, () => job);
    return outcomeOf(size, await runAll(app, jobs, hooks, (one, sink) => app.relay.paint(one, sink)));
  };
}

/** Throws 400 for sides that no picture may have. */
function sizeOf(text: string): ImageSize {
  const [width = 0, height = 0] = text.split("x").map(Number);
  const { imageLeastSide: least, imageSide: most } = limits;
  if ([width, height].every((side) => side >= least && side <= most)) return { width, height };
  throw new ApiError(400, "invalid_value", `'size' is WIDTHxHEIGHT with ${least} to ${most} pixels each.`, {
    param: "size",
  });
}

function outcomeOf(size: string, results: readonly WholeResult[]): ImagesOutcome {
  const total = (count: (result: WholeResult) => number): number =>
    results.reduce((sum, result) => sum + count(result), 0);
  return {
    size,
    pictures: results.flatMap(({ picture }) => (picture === undefined ? [] : [shown(picture)])),
    inputTokens: total(({ inputTokens }) => inputTokens),
    outputTokens: total(({ outputTokens }) => outputTokens),
    lode: lodeFieldsOf(results),
  };
}

function shown(picture: Uint8Array): ImagesOutcome["pictures"][number] {
  const { mediaType } = readImage(picture) ?? {};
  if (mediaType === undefined) throw new Error("a picture was taken that is none");
  const { buffer, byteOffset, byteLength } = picture;
  return { base64: Buffer.from(buffer, byteOffset, byteLength).toString("base64"), mediaType };
}

/** @param created Unix seconds */
export function imagesOf(
  { size, pictures, inputTokens, outputTokens, lode }: ImagesOutcome,
  created: number,
): Static<typeof Images> {
  return {
    created,
    size,
    data: pictures.map(({ base64, mediaType }) => ({ b64_json: base64, media_type: mediaType })),
    usage: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
      input_tokens_details: { text_tokens: inputTokens, image_tokens: 0 },
    },
    lode,
  };
}
