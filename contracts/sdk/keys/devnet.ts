import { mnemonicToAccount } from "viem/accounts";
import { bytesToHex } from "../hash/index.ts";
import { signerFromKey, type Signer } from "./signer.ts";

/** Chain id of the local devnet: the only chain where the public test keys mean anything. */
export const devnetChainId = 31337;

const mnemonic = "test test test test test test test test test test test junk";

/** One of the devnet's pre-funded accounts. Its key is public, so every other chain is refused. */
export function anvilSigner(index: number, chainId: number): Signer {
  if (chainId !== devnetChainId) throw new Error(`the devnet's test keys are public: refused on chain ${chainId}`);
  const key = mnemonicToAccount(mnemonic, { addressIndex: index }).getHdKey().privateKey;
  if (key === null) throw new Error("the mnemonic gave no private key");
  return signerFromKey(bytesToHex(key));
}

let known: ReadonlySet<string> | undefined;

/** Whether an address is one of the first twenty accounts of the mnemonic that development tools publish. */
export function isPublicTestAccount(address: string): boolean {
  known ??= new Set(
    Array.from({ length: 20 }, (_, addressIndex) =>
      mnemonicToAccount(mnemonic, { addressIndex }).address.toLowerCase(),
    ),
  );
  return known.has(address.toLowerCase());
}
