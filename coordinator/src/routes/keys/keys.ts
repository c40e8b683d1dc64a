import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, Bytes32, CoordinatorInfo, SignatureText, SignerProofAnswer } from "@lode/protocol";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import { ledgerDomain } from "@lode/sdk/typed-data";
import Type from "typebox";
import { ApiError } from "../../errors.ts";
import { errorAnswers } from "../errors.ts";

const nonceMs = 300_000;
const maximumNonces = 10_000;
const clockSkewMs = 120_000;
/** Challenges and keys that one address can get in a minute: each key is kept for ever. */
const loginsPerMinute = 60;

/** How a wallet gets an API key: it proves itself by a signature; the key is shown once. */
export const keyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const nonces = new Map<Hex, number>();
  const domain = ledgerDomain(app.chain.addresses);
  const tags = ["keys"];
  const config = { rateLimit: { max: Math.min(loginsPerMinute, app.config.requestsPerMinute) } };

  app.get(
    "/v1/info",
    {
      schema: {
        summary: "Who this coordinator is, where its contracts are, what it charges",
        tags,
        response: { 200: CoordinatorInfo, ...errorAnswers },
      },
    },
    async () => ({
      coordinator: app.ledger.coordinator,
      operator: await app.chain.operator(),
      sessionSigner: app.ledger.sessionSigner,
      addresses: app.chain.addresses,
      feePpm: app.config.feePpm,
      inputPriceWei: app.config.inputPriceWei.toString(),
      outputPriceWei: app.config.outputPriceWei.toString(),
      ...(app.config.publicUrl !== undefined && { publicUrl: app.config.publicUrl }),
      version: app.release,
    }),
  );
  app.post(
    "/v1/signer-proof",
    {
      schema: {
        summary: "The session key's agreement to sign vouchers for a client, as the escrow asks for it",
        tags,
        body: Type.Object({ client: AddressText }),
        response: { 200: SignerProofAnswer, ...errorAnswers },
      },
    },
    async ({ body }) => ({
      signer: app.ledger.sessionSigner,
      payee: app.ledger.coordinator,
      proof: app.ledger.signerProof(body.client.toLowerCase() as Hex),
    }),
  );
  app.post(
    "/v1/keys/challenge",
    {
      schema: { summary: "A nonce to sign", tags, response: { 200: Type.Object({ nonce: Bytes32 }), ...errorAnswers } },
      config,
    },
    async () => {
      const nowMs = app.nowMs();
      for (const [nonce, expiresMs] of nonces) {
        if (expiresMs > nowMs && nonces.size < maximumNonces) break;
        nonces.delete(nonce);
      }
      const nonce = bytesToHex(randomBytes(32));
      nonces.set(nonce, nowMs + nonceMs);
      return { nonce };
    },
  );
  app.post(
    "/v1/keys",
    {
      schema: {
        summary: "An API key for the wallet that signed; the secret is shown only here",
        tags,
        body: Type.Object({
          client: AddressText,
          nonce: Bytes32,
          timestampMs: Type.Integer({ minimum: 0 }),
          signature: SignatureText,
          label: Type.Optional(Type.String({ maxLength: 64 })),
          scope: Type.Optional(Type.Union([Type.Literal("client"), Type.Literal("read"), Type.Literal("miner")])),
        }),
        response: {
          201: Type.Object({ key: Type.String(), scope: Type.String(), account: AddressText }),
          ...errorAnswers,
        },
      },
      config,
    },
    async ({ body }, reply) => {
      const client = body.client.toLowerCase() as Hex;
      const nonce = body.nonce.toLowerCase() as Hex;
      const expiresMs = nonces.get(nonce);
      // Used up by the first try, right or wrong: a signature is never accepted twice.
      nonces.delete(nonce);
      if (expiresMs === undefined || expiresMs < app.nowMs()) {
        throw new ApiError(401, "bad_nonce", "The nonce is unknown or used; ask /v1/keys/challenge for a new one.");
      }
      if (Math.abs(app.nowMs() - body.timestampMs) > clockSkewMs) {
        throw new ApiError(401, "bad_clock", "The signature's time is more than two minutes off; check the clock.");
      }
      const login = { coordinator: app.ledger.coordinator, client, nonce, timestampMs: BigInt(body.timestampMs) };
      let signer: Hex | undefined;
      try {
        signer = recoverTypedData(domain, "ClientLogin", login, body.signature);
      } catch {
        signer = undefined;
      }
      if (signer !== client) throw new ApiError(401, "bad_signature", "The signature is not the wallet's.");
      const scope = body.scope ?? "client";
      const key = await app.ledger.createKey(scope, client, body.label ?? "");
      return reply.code(201).send({ key, scope, account: client });
    },
  );
};
