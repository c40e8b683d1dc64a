import { LodeError } from "@lode/sdk/errors";
import type { TokenPrices } from "../../../domain/pricing/price.ts";

/** Miners are there, and all of them cost more than the client pays. */
export class PriceCeilingError extends LodeError {
  override readonly name = "PriceCeilingError";
  /** @param best what the best of them costs now */
  constructor({ inputPriceWei, outputPriceWei }: TokenPrices) {
    const now = `${inputPriceWei} wei for a token read and ${outputPriceWei} for one made`;
    super("price_above_ceiling", `Nobody does this job for the most that the request pays; now it costs ${now}.`);
  }
}
