import type { FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route takes another route's body as `input`: what holds there holds for it. The model where none is named. */
    inputModel?: string;
  }
}

/** What a request asks a model for: its body, or a job's input. Undefined when it asks no model for anything. */
export function askedOf(request: FastifyRequest): (Readonly<Record<string, unknown>> & { model: string }) | undefined {
  const { inputModel } = request.routeOptions.config;
  const body = objectOf(request.body);
  const asked = inputModel === undefined ? body : { model: inputModel, ...objectOf(body?.["input"]) };
  const model = asked?.["model"];
  return typeof model === "string" ? { ...asked, model } : undefined;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}
