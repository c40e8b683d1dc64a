import type { Signer } from "@lode/sdk/keys";
import { maxUint256 } from "viem";
import { preview, type Act } from "../chain/act.ts";
import type { ChainReader, ContractName } from "../chain/chain.ts";
import { actQuietly } from "../chain/quiet-act.ts";
import { readingsOf } from "../chain/readings.ts";
import { MinerError } from "../errors.ts";

/** What a verifier sends to the court. Every act is simulated first: a refusal costs no gas. */
export class CourtActs {
  readonly #chain: ChainReader;
  readonly #rpcUrl: string;
  readonly #signer: Signer;

  constructor(chain: ChainReader, rpcUrl: string, signer: Signer) {
    this.#chain = chain;
    this.#rpcUrl = rpcUrl;
    this.#signer = signer;
  }

  /** Carries out one call. Throws MinerError when it is refused. */
  async act(functionName: string, args: readonly unknown[], what: string): Promise<void> {
    await this.#carryOut([this.#call("court", functionName, args, what)]);
  }

  /** The bond that an accusation would take now, in wei. Throws MinerError when the court refuses the accusation. */
  async bondOf(args: readonly unknown[]): Promise<bigint> {
    const plan = {
      acts: this.#accusation(args, maxUint256),
      readings: [readingsOf(this.#chain.contracts).wallet(this.#signer.address)],
    };
    const { changes } = await preview(this.#chain, this.#signer.address, plan);
    return BigInt(changes[0]?.before ?? 0n) - BigInt(changes[0]?.after ?? 0n);
  }

  /** Accuses for a drawn receipt; the bond leaves the wallet. Throws MinerError. */
  async accuse(args: readonly unknown[], bondWei: bigint): Promise<void> {
    await this.#carryOut(this.#accusation(args, bondWei));
  }

  #accusation(args: readonly unknown[], bondWei: bigint): Act[] {
    const { court } = this.#chain.contracts;
    const allow = this.#call("token", "approve", [court.address, bondWei], "allow the bond");
    return [allow, this.#call("court", "fileDrawn", args, "accuse for a drawn receipt")];
  }

  #call(contract: ContractName, functionName: string, args: readonly unknown[], what: string): Act {
    return { what, contract: this.#chain.contracts[contract], functionName, args };
  }

  async #carryOut(acts: readonly Act[]): Promise<void> {
    await actQuietly(this.#chain, this.#rpcUrl, this.#signer, acts);
  }
}

/** Whether the court refused an act: somebody else was first, or it is not time yet. */
export function isRefusal(error: unknown): error is MinerError {
  return error instanceof MinerError && (error.code === "refused" || error.code === "reverted");
}

/** A case as the contract holds it now. */
export async function readCase({ client, contracts }: ChainReader, id: bigint) {
  return client.readContract({ ...contracts.court, functionName: "caseOf", args: [id] });
}

/** Numbers of `ICourt.Stage`. */
export const stage = { none: 0, filed: 1, committing: 2, revealing: 3 } as const;

/** Seconds since 1970 of the newest block: the court's clock. */
export async function chainSeconds({ client }: ChainReader): Promise<bigint> {
  return (await client.getBlock()).timestamp;
}
