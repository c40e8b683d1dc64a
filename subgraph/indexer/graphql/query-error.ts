/** Something wrong with a query, in words for whoever sent it. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}
