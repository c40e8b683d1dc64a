import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, CoordinatorInfo, SignerProofAnswer } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import Type from "typebox";
import { errorAnswers } from "./errors.ts";

/** What a stranger needs to deal with this coordinator. */
export const infoRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const tags = ["keys"];
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
};
