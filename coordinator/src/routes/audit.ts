import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText } from "@lode/protocol";
import Type from "typebox";
import type { AuditRecord as AuditEntry } from "../plugins/app/audit/record.ts";
import { errorAnswers } from "./errors.ts";

const AuditRecord = Type.Object(
  {
    seq: Type.Integer(),
    at: Type.String({ format: "date-time" }),
    action: Type.String(),
    account: Type.Optional(AddressText),
    key: Type.Optional(Type.String({ description: "Prefix of the key that asked" })),
    target: Type.Optional(Type.String({ description: "Prefix of the key that it was done to" })),
    from: Type.Optional(Type.String()),
    detail: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    prev: Type.String({ description: "Hash of the record before it, whoever's it is" }),
    hash: Type.String(),
  },
  { title: "AuditRecord" },
);

/** `GET /v1/audit`: who did what, never what was said. */
export const auditRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    "/v1/audit",
    {
      schema: {
        summary: "Latest records of the audit log: the account's own, or everybody's for the operator's admin key",
        tags: ["keys"],
        security: [{ key: [] }],
        querystring: Type.Object({
          after: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        }),
        response: { 200: Type.Object({ records: Type.Array(AuditRecord) }), ...errorAnswers },
      },
      config: { scopes: ["admin"] },
    },
    async (request) => {
      const { account } = request.key();
      const { after = 0, limit = 100 } = request.query;
      const whose = account === app.ledger.coordinator ? undefined : account;
      return { records: app.audit.latest(whose, after, limit).map((record) => copyOf(record)) };
    },
  );
};

function copyOf({ detail, ...record }: AuditEntry) {
  return { ...record, ...(detail !== undefined && { detail: { ...detail } }) };
}
