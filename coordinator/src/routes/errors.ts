import Type from "typebox";

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

/** Error answers of a route, for its schema. */
export const errorAnswers = { "4xx": ErrorBody, "5xx": ErrorBody } as const;
