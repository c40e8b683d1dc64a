import Type from "typebox";
import { ApiError } from "../../errors.ts";

/** How a page of a list is asked for, as OpenAI's clients do it. */
export const pageFields = {
  after: Type.Optional(Type.String({ maxLength: 64, description: "The last id of the page before" })),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: "20 unless given; pages of large chats are shorter" }),
  ),
  order: Type.Optional(Type.Union([Type.Literal("asc"), Type.Literal("desc")])),
} as const;
export const usualPage = 20;

export const pageOf = <T extends Parameters<typeof Type.Array>[0]>(item: T, title: string) =>
  Type.Object(
    {
      object: Type.Literal("list"),
      data: Type.Array(item),
      first_id: Type.Union([Type.String(), Type.Null()]),
      last_id: Type.Union([Type.String(), Type.Null()]),
      has_more: Type.Boolean(),
    },
    { title },
  );

interface Place {
  readonly after?: string;
  readonly order?: "asc" | "desc";
}

/** What comes behind a page's end, the oldest first unless asked otherwise. Throws 400 for a cursor that names nothing. */
export function following<T extends { readonly id: string }>(
  all: readonly T[],
  { after, order = "asc" }: Place,
): readonly T[] {
  const ordered = order === "asc" ? all : all.toReversed();
  const at = after === undefined ? -1 : ordered.findIndex(({ id }) => id === after);
  if (after !== undefined && at === -1) {
    throw new ApiError(400, "invalid_value", "'after' must be an id of this list.", { param: "after" });
  }
  return ordered.slice(at + 1);
}

export function list<T extends { readonly id: string }>(data: T[], hasMore: boolean) {
  return {
    object: "list" as const,
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}
