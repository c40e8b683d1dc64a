import type { TemplateValues } from "./interpret.ts";

/** What crosses between the engine's process and the one that renders templates. Answers come in order. */
export type ToRender = { type: "read"; source: string } | { type: "render"; values: TemplateValues };

/**
 * `limit`: the template takes more than it may; `failed`: it cannot be read, or refuses, with its own words.
 */
export type FromRender =
  { type: "read" } | { type: "rendered"; text: string } | { type: "limit" | "failed"; reason: string };
