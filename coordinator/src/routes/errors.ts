import Type, { type Static } from "typebox";
import type { ApiError } from "../errors.ts";

/** OpenAI's error shape: what every answer that is not a success carries. */
export const ErrorBody = Type.Object(
  {
    error: Type.Object({
      message: Type.String(),
      type: Type.String(),
      param: Type.Union([Type.String(), Type.Null()]),
      code: Type.String(),
    }),
  },
  { title: "Error" },
);

/** What an error's headers can say, for the routes' schemas. */
export const errorHeaders = {
  "x-should-retry": Type.String({
    description:
      "false where the same request meets the same error again, true where nothing but room or time was missing",
  }),
  "retry-after": Type.String({ description: "Seconds after which another try makes sense" }),
} as const;

const problem = {
  description: "What is wrong",
  headers: errorHeaders,
  content: { "application/json": { schema: ErrorBody } },
};

/** What miners, machines and asynchronous jobs get: the same with `details`, for those who look for these. */
const MarketErrorBody = Type.Object(
  {
    error: Type.Object({
      ...ErrorBody.properties.error.properties,
      details: Type.Object({ param: Type.Union([Type.String(), Type.Null()]) }),
    }),
  },
  { title: "MarketError" },
);
const marketProblem = { ...problem, content: { "application/json": { schema: MarketErrorBody } } };
export const marketErrorAnswers = { "4xx": marketProblem, "5xx": marketProblem } as const;

export function marketError(problem: ApiError): Static<typeof MarketErrorBody> {
  const { error } = problem.body();
  return { error: { ...error, details: { param: error.param } } };
}

/** Error answers of a route, for its schema. */
export const errorAnswers = { "4xx": problem, "5xx": problem } as const;
