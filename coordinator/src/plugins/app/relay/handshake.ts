import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import type { Domain, MinerHello } from "@lode/sdk/typed-data";
import { ProtocolError, type MinerMessage } from "@lode/protocol";
import type { Chain } from "../chain/chain.ts";

export type Hello = Extract<MinerMessage, { type: "hello" }>;

/** How far a miner's clock may be off, milliseconds. */
const clockSkewMs = 120_000;

/** A nonce for one link: it dies with the link, so that a signature over it proves one hello and no other. */
export function makeNonce(): Hex {
  return bytesToHex(randomBytes(32));
}

export interface HandshakeOptions {
  readonly coordinator: Hex;
  readonly domain: Domain;
  readonly chain: Chain;
  /** Where miners find this coordinator. */
  readonly origins: () => ReadonlySet<string>;
  readonly nowMs: () => number;
}

/**
 * The staked miner behind a hello. Throws ProtocolError when the clock is off, the hello is signed for another place, so
 * that whoever stands there cannot pass it on and read the jobs of a miner that turned to them, the signer is not the miner's operator on
 * the chain, or its stake is not active; ChainError when the chain cannot be asked.
 */
export async function proveMiner(options: HandshakeOptions, nonce: Hex, hello: Hello): Promise<Hex> {
  const { coordinator, domain, chain, nowMs } = options;
  const { origin } = hello;
  const miner = hello.miner.toLowerCase() as Hex;
  if (Math.abs(nowMs() - hello.timestampMs) > clockSkewMs) {
    throw new ProtocolError("clock", "The miner's clock is more than two minutes off; set it and connect again.");
  }
  const origins = options.origins();
  if (!origins.has(origin)) {
    const message = "The hello is signed for another place than where this coordinator is; it names that in PUBLIC_URL";
    throw new ProtocolError("other_origin", `${message}: ${[...origins].join(", ")}.`);
  }
  const signed = { coordinator, origin, miner, nonce, timestampMs: BigInt(hello.timestampMs) };
  const signer = signerOf(domain, signed, hello.signature);
  const stake = await chain.miner(miner);
  // First: who never staked has no operator either, and would be told of that.
  if (!stake.isActive) throw new ProtocolError("not_staked", `${miner} has no active stake; run \`lode stake\` first.`);
  if (signer !== stake.operator) {
    throw new ProtocolError("not_operator", `The hello is signed by ${signer}, which is not the operator of ${miner}.`);
  }
  return miner;
}

function signerOf(domain: Domain, message: MinerHello, signature: Hex): Hex {
  try {
    return recoverTypedData(domain, "MinerHello", message, signature);
  } catch (cause) {
    throw new ProtocolError("bad_signature", "The hello's signature is not valid.", cause);
  }
}
