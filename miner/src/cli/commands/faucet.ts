import { anvilSigner } from "@lode/sdk/keys";
import { createWalletClient, http, parseEther } from "viem";
import type { Command } from "commander";
import { readingsOf } from "../../chain/readings.ts";
import { showAmount } from "../amounts.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { amountOf } from "./stake.ts";

/** `lode faucet`: the development chain gives tokens away. */
export function addFaucet(program: Command, io: Io): void {
  program
    .command("faucet [amount]")
    .description("get LODE and gas money on the development chain (31337)")
    .option("--amount <lode>", "the same as the argument")
    .addHelpText("after", "\nExamples:\n  lode faucet 1000")
    .action(async (argument: string | undefined, options: { amount?: string }, command: Command) => {
      const context = new Context(io, command);
      const amountWei = amountOf(argument ?? "1000", options.amount);
      const address = await context.address();
      const chain = await context.chain();
      const giver = anvilSigner(0, chain.addresses.chainId);
      const act = {
        what: `give ${showAmount(amountWei)} to ${address}`,
        contract: chain.contracts.token,
        functionName: "transfer",
        args: [address, amountWei],
      };
      const readings = [readingsOf(chain.contracts).wallet(address)];
      const report = await context.act(chain, { acts: [act], readings }, { as: giver });
      if (context.dryRun) return context.report(report, { address, amountWei }, "");
      const account = giver.toViemAccount();
      const wallet = createWalletClient({ account, transport: http(context.rpcUrl) });
      const hash = await wallet.sendTransaction({ to: address, value: parseEther("10"), chain: null });
      await chain.client.waitForTransactionReceipt({ hash });
      context.report(report, { address, amountWei }, `${address} has ${showAmount(amountWei)} more, and gas money.`);
    });
}
