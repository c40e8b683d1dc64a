import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, Bytes32, limits, SignatureText } from "@lode/protocol";
import Type, { type Static } from "typebox";
import type { KeyRecord } from "../../domain/settlement/index.ts";
import { ApiError } from "../../errors.ts";
import { errorAnswers } from "../errors.ts";
import { Logins, type Login } from "./login.ts";
import { ownKey, refuseBeyondDefault } from "./own.ts";
import { ByPrefix, ExpiresInSecs, KeyView, Label, Limits, MadeKey, Scope } from "./schemas.ts";
import { madeOf, viewOf } from "./view.ts";

/** Challenges and keys that one address can get in a minute: each key is kept for ever. */
const loginsPerMinute = 60;

const NewKey = Type.Object(
  {
    client: Type.Optional(AddressText),
    origin: Type.Optional(
      Type.String({
        maxLength: limits.originChars,
        description: "Where the wallet found this coordinator: scheme, host and port",
      }),
    ),
    nonce: Type.Optional(Bytes32),
    timestampMs: Type.Optional(Type.Integer({ minimum: 0 })),
    signature: Type.Optional(SignatureText),
    label: Type.Optional(Label),
    scope: Type.Optional(Scope),
    limits: Type.Optional(Limits),
    expiresInSecs: Type.Optional(ExpiresInSecs),
  },
  { title: "NewApiKey" },
);

const Rotation = Type.Object({
  overlapSecs: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 2_592_000, description: "How long the old key is still taken; a day" }),
  ),
  key: Type.Optional(
    Type.String({ maxLength: 100, description: "The old key's text: the new one then reaches what it keeps" }),
  ),
});
const dayMs = 86_400_000;

const KeyChange = Type.Object(
  { label: Type.Optional(Label), limits: Type.Optional(Limits), expiresInSecs: Type.Optional(ExpiresInSecs) },
  { additionalProperties: false, minProperties: 1, title: "ApiKeyChange" },
);

/** API keys: made for a wallet that signs or by an admin key; listed, changed, rotated and revoked by admin keys. */
export const keyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const logins = new Logins(app);
  const tags = ["keys"];
  const security = [{ key: [] }];
  const admin = { scopes: ["admin"] as const };
  const config = { requestsPerMinute: loginsPerMinute };

  app.post(
    "/v1/keys/challenge",
    {
      schema: { summary: "A nonce to sign", tags, response: { 200: Type.Object({ nonce: Bytes32 }), ...errorAnswers } },
      config,
    },
    async () => ({ nonce: logins.challenge() }),
  );
  app.post(
    "/v1/keys",
    {
      schema: {
        summary: "An API key for the wallet that signed, or of an admin key's account; the secret is shown only here",
        tags,
        security: [{}, ...security],
        body: NewKey,
        response: { 201: MadeKey, ...errorAnswers },
      },
      config: { ...config, optionalScopes: ["admin"] },
    },
    async (request, reply) => {
      const { body } = request;
      const account = request.keyRecord?.account ?? logins.prove(loginOf(body), body);
      refuseBeyondDefault(app, account, body.limits);
      const made = await app.ledger.keys.create({
        scope: body.scope ?? "client",
        account,
        label: body.label ?? "",
        ...(body.limits !== undefined && { limits: body.limits }),
        ...(body.expiresInSecs !== undefined && { expiresAtMs: app.nowMs() + body.expiresInSecs * 1000 }),
      });
      const { prefix: target } = made;
      const detail = { scope: body.scope ?? "client", limits: body.limits ?? {}, ...byWallet(request.keyRecord) };
      await app.audit.record({ action: "key.created", account, ...byKey(request.keyRecord), target, detail });
      return reply.code(201).send(madeOf(app, made));
    },
  );
  app.get(
    "/v1/keys",
    {
      schema: {
        summary: "The account's keys with their limits and what they used",
        tags,
        security,
        querystring: Type.Object({
          account: Type.Optional(
            Type.Unsafe<`0x${string}`>({
              ...AddressText,
              description: "Another account, for the operator's admin key",
            }),
          ),
        }),
        response: { 200: Type.Object({ keys: Type.Array(KeyView) }), ...errorAnswers },
      },
      config: admin,
    },
    async (request) => {
      const { account } = request.key();
      const wanted = (request.query.account?.toLowerCase() ?? account) as typeof account;
      if (wanted !== account && account !== app.ledger.coordinator) {
        throw new ApiError(403, "other_account", "Only the operator's admin key sees other accounts.");
      }
      return { keys: app.ledger.keys.list(wanted).map((record) => viewOf(app, record)) };
    },
  );
  app.get(
    "/v1/keys/self",
    {
      schema: {
        summary: "The key that asks: its limits and what it used",
        tags,
        security,
        response: { 200: KeyView, ...errorAnswers },
      },
      config: { scopes: ["client", "read", "miner", "admin"] },
    },
    async (request) => viewOf(app, request.key()),
  );
  app.patch(
    "/v1/keys/:prefix",
    {
      schema: {
        summary: "Changes a key's label, end or limits; limits are replaced as a whole",
        tags,
        security,
        params: ByPrefix,
        body: KeyChange,
        response: { 200: KeyView, ...errorAnswers },
      },
      config: admin,
    },
    async (request) => {
      const { prefix, account } = ownKey(app, request.key(), request.params.prefix);
      const { expiresInSecs, ...change } = request.body;
      if (request.key().account !== app.ledger.coordinator) refuseBeyondDefault(app, account, change.limits);
      await app.ledger.keys.change(prefix, {
        ...change,
        ...(expiresInSecs !== undefined && { expiresAtMs: app.nowMs() + expiresInSecs * 1000 }),
      });
      const detail = { limits: change.limits ?? null, expiresInSecs: expiresInSecs ?? null };
      await app.audit.record({ action: "key.changed", account, ...byKey(request.key()), target: prefix, detail });
      return viewOf(app, ownKey(app, request.key(), prefix));
    },
  );
  app.post(
    "/v1/keys/:prefix/rotate",
    {
      schema: {
        summary: "A new key in the place of one, with its limits; the old one is taken for a while longer",
        tags,
        security,
        params: ByPrefix,
        body: Rotation,
        response: { 201: MadeKey, ...errorAnswers },
      },
      config: admin,
      preValidation: async (request) => {
        // Everything in it has a default.
        (request as { body: unknown }).body ??= {};
      },
    },
    async (request, reply) => {
      const { prefix, account } = ownKey(app, request.key(), request.params.prefix);
      const { overlapSecs, key } = request.body;
      const overlapMs = overlapSecs === undefined ? dayMs : overlapSecs * 1000;
      const made = await app.ledger.keys.rotate(prefix, overlapMs, key);
      const detail = { into: made.prefix, overlapSecs: overlapMs / 1000 };
      await app.audit.record({ action: "key.rotated", account, ...byKey(request.key()), target: prefix, detail });
      return reply.code(201).send(madeOf(app, made));
    },
  );
  app.delete(
    "/v1/keys/:prefix",
    {
      schema: {
        summary: "Revokes a key at once; every key may revoke itself",
        tags,
        security,
        params: ByPrefix,
        response: { 200: KeyView, ...errorAnswers },
      },
      config: { scopes: ["client", "read", "miner", "admin"] },
    },
    async (request) => {
      const by = request.key();
      const { prefix, account } = ownKey(app, by, request.params.prefix);
      if (by.scope !== "admin" && by.prefix !== prefix) {
        throw new ApiError(403, "wrong_scope", `A ${by.scope} key can revoke itself only; others need an admin key.`);
      }
      await app.ledger.keys.revoke(prefix);
      await app.audit.record({ action: "key.revoked", account, ...byKey(by), target: prefix });
      return viewOf(app, ownKey(app, by, prefix));
    },
  );
};

const byKey = (record: KeyRecord | null): { key?: string } => (record === null ? {} : { key: record.prefix });
const byWallet = (record: KeyRecord | null): { by?: "wallet" } => (record === null ? { by: "wallet" } : {});

/** Throws 401 when a request has neither a key nor a whole signature. */
function loginOf({ client, origin, nonce, timestampMs, signature }: Static<typeof NewKey>): Login {
  const isSigned = nonce !== undefined && timestampMs !== undefined && signature !== undefined;
  if (client !== undefined && origin !== undefined && isSigned) {
    return { client, origin, nonce, timestampMs, signature };
  }
  const message =
    "Sign a nonce of /v1/keys/challenge (client, origin, nonce, timestampMs, signature), or send an admin key.";
  throw new ApiError(401, "missing_signature", message, { headers: { "www-authenticate": "Bearer" } });
}
