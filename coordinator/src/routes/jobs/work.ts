import type { FastifyInstance } from "fastify";
import { Compile } from "typebox/compile";
import { ApiError, validationError, type FastifyValidation } from "../../errors.ts";
import type { Payer } from "../../plugins/app/auth.ts";
import { noWishes, type Wishes } from "../../plugins/app/market/wishes.ts";
import type { WorkHooks } from "../../plugins/app/jobs/jobs.ts";
import type { Workload } from "../../plugins/app/jobs/record.ts";
import { benchmarkModel } from "../../plugins/app/hosting/models.ts";
import { classifierName, ClassifyRequest, classifyWork } from "./classify.ts";
import { noSpan } from "../../plugins/external/tracing.ts";
import { runChoices } from "../inference/choices.ts";
import type { Order } from "../inference/serve.ts";
import { chatOrder } from "../openai/chat.ts";
import { ChatRequest } from "../openai/chat-request.ts";
import { completionOrder, CompletionRequest } from "../openai/completions.ts";
import { embeddingsOf, EmbeddingsRequest, embeddingWork } from "../openai/embeddings.ts";
import { imagesOf, ImagesRequest, imageWork } from "../openai/images.ts";

/** Work that was checked: the model it asks for, and how it is done. What it gives are JSON values. */
export interface PreparedWork {
  readonly model: string;
  run(hooks: WorkHooks): Promise<unknown>;
}

/** Names that clients use for a workload. */
const workloads: ReadonlyMap<string, Workload> = new Map([
  ["text", "text"],
  ["text_generation", "text"],
  ["chat", "text"],
  ["completion", "text"],
  ["embedding", "embedding"],
  ["embeddings", "embedding"],
  ["image", "image"],
  ["images", "image"],
  ["image_generation", "image"],
  ["benchmark", "benchmark"],
  ["classify", "classify"],
]);

/** Throws 400 for a workload that nobody here can do. */
export function workloadOf(name: string): Workload {
  const known = workloads.get(name);
  if (known !== undefined) return known;
  const message = "There is no such workload here; use text, embedding, image, benchmark or classify.";
  throw new ApiError(400, "unsupported_workload", message, { param: "workload" });
}

/** Made when a job first asks for one: most processes see few kinds of jobs. */
const requests = {
  chat: once(() => Compile(ChatRequest)),
  completion: once(() => Compile(CompletionRequest)),
  embedding: once(() => Compile(EmbeddingsRequest)),
  image: once(() => Compile(ImagesRequest)),
  classify: once(() => Compile(ClassifyRequest)),
};

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** A benchmark's answer is a hash in hexadecimal: 64 bytes. */
const benchmarkTokens = 16;

/**
 * Checks what a job asks for, as the route of that work would. Throws 400 that names the field.
 * @param job its id is the one under which its receipts are found
 */
export async function prepareWork(
  app: FastifyInstance,
  job: { readonly id: string; readonly createdMs: number; readonly workload: Workload },
  payer: Payer,
  input: unknown,
  wishes: Wishes = noWishes,
): Promise<PreparedWork> {
  const { id, workload } = job;
  const fields = input as Readonly<Record<string, unknown>>;
  const created = Math.floor(job.createdMs / 1000);
  if (workload === "classify") {
    const classify = await classifyWork(app, checked(requests.classify(), fields));
    return { model: classifierName, run: ({ signal }) => classify(signal) };
  }
  if (workload === "embedding") {
    const body = checked(requests.embedding(), fields);
    const embed = embeddingWork(app, id, payer, body);
    const run = async ({ signal }: WorkHooks): Promise<unknown> => {
      const outcome = await embed({ signal, trace: noSpan, onStart: () => undefined, wishes });
      return embeddingsOf(outcome, body.model, body.encoding_format === "base64");
    };
    return { model: body.model, run };
  }
  if (workload === "image") {
    const body = checked(requests.image(), fields);
    const paint = imageWork(app, id, payer, body);
    const run = async ({ signal }: WorkHooks): Promise<unknown> =>
      imagesOf(await paint({ signal, trace: noSpan, onStart: () => undefined, wishes }), created);
    return { model: body.model, run };
  }
  if (workload === "text" && fields["messages"] !== undefined) {
    const body = { ...checked(requests.chat(), fields), stream: false };
    return orderWork(app, chatOrder(app, id, payer, body), body.model, created, wishes);
  }
  const given = workload === "text" ? fields : benchmarkRequest(fields);
  const body = { ...checked(requests.completion(), given), stream: false };
  return orderWork(app, completionOrder(app, id, payer, body), body.model, created, wishes);
}

function benchmarkRequest({ prompt = "benchmark", model = benchmarkModel }: Readonly<Record<string, unknown>>) {
  return { model, prompt, max_tokens: benchmarkTokens };
}

function orderWork(app: FastifyInstance, order: Order, model: string, created: number, wishes: Wishes): PreparedWork {
  return {
    model,
    async run({ signal, onText, onDrain }) {
      const choices = order
        .choices(wishes.cloud === true)
        .map((choice) => ({ ...choice, job: { ...choice.job, wishes } }));
      const outcome = await runChoices(app, choices, {
        signal,
        onDrain,
        trace: noSpan,
        onStart: () => undefined,
        onDelta: (choice, { content = "", call }) => onText(choice, content + (call?.arguments ?? "")),
      });
      const metrics = outcome.receipts
        .map((receipt) => app.host?.metricsOf(receipt))
        .find((known) => known !== undefined);
      return {
        ...order.face(order.id, created).whole(outcome),
        ...(metrics !== undefined && { miner_metrics: metrics }),
      };
    },
  };
}

interface Checker<T> {
  Check(value: unknown): value is T;
  Errors(value: unknown): unknown[];
}

/** The body as its route would take it. Throws 400 as that would. */
function checked<T>(checker: Checker<T>, value: unknown): T {
  if (checker.Check(value)) return value;
  const validation = checker.Errors(value) as NonNullable<FastifyValidation["validation"]>;
  throw validationError({ validation, validationContext: "input" });
}
