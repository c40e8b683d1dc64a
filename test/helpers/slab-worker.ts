/** A slab worker in a process of its own, for a test that kills it: takes vouchers, says when each is taken, and settles. */
import type { Hex } from "@lode/sdk/hash";
import type { SlabDomain, SlabVoucher } from "@lode/sdk/slab";
import { createPublicClient, createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { SlabBook } from "../../coordinator/src/plugins/app/slabs/book.ts";
import { RpcSlabChain } from "../../coordinator/src/plugins/app/slabs/chain.ts";
import { ProverProcess } from "../../coordinator/src/plugins/app/slabs/prover-process.ts";
import { SlabWorker } from "../../coordinator/src/plugins/app/slabs/worker.ts";

export interface WorkerTask {
  readonly rpcUrl: string;
  readonly domain: SlabDomain;
  readonly payee: Hex;
  readonly payeeKey: Hex;
  readonly bookFile: string;
  readonly vouchers: readonly { readonly slot: number; readonly generation: bigint; readonly voucher: SlabVoucher }[];
}

process.once("message", (message) => {
  const { rpcUrl, domain, payee, payeeKey, bookFile, vouchers } = message as WorkerTask;
  const transport = http(rpcUrl);
  const reader = createPublicClient({ chain: foundry, transport, pollingInterval: 50 });
  const writer = createWalletClient({ chain: foundry, transport, account: privateKeyToAccount(payeeKey) });
  const run = async (): Promise<void> => {
    const book = await SlabBook.open(bookFile, domain);
    const policy = { minimumWei: 1n, minimumChannels: 2 };
    const worker = new SlabWorker(
      { domain, payee, policy },
      book,
      new RpcSlabChain(domain, payee, reader, writer),
      new ProverProcess(),
    );
    for (const { slot, generation, voucher } of vouchers) {
      await worker.accept(slot, generation, voucher);
      process.send?.({ taken: slot });
    }
    process.send?.({ settled: await worker.settleDue() });
    await book.close();
    process.disconnect();
  };
  run().catch((error: unknown) => process.send?.({ failed: String(error) }));
});
