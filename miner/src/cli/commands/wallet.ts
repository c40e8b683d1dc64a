import { createKeystore, importKeystore } from "@lode/sdk/keys";
import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import { showAmount } from "../amounts.ts";
import { textIn } from "../api-key.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";

/** `lode wallet create|import|show` */
export function addWallet(program: Command, io: Io): void {
  const wallet = program.command("wallet").description("make, import or show the wallet (an encrypted v3 keystore)");
  wallet
    .command("create")
    .description("make a new key and store it encrypted; never overwrites")
    .addHelpText("after", "\nExamples:\n  lode wallet create\n  lode wallet create --password-file ~/.lode/password")
    .action(async (_options, command: Command) => {
      const context = new Context(io, command);
      const stored = await createKeystore(await context.password(true), { file: context.walletFile });
      context.result(
        { ...stored },
        `Made ${stored.address}\n  ${stored.file}\nBack this file up: without it and its password the key is lost.`,
      );
    });
  wallet
    .command("import")
    .description("store an existing private key, from a file, standard input or a hidden prompt; never as an argument")
    .option("--key-file <file>", "file that holds the key as hex")
    .addHelpText("after", "\nExamples:\n  lode wallet import --key-file key.txt\n  cat key.txt | lode wallet import")
    .action(async ({ keyFile }: { keyFile?: string }, command: Command) => {
      const context = new Context(io, command);
      const text =
        keyFile !== undefined
          ? await textIn(keyFile)
          : io.askHidden !== undefined
            ? await io.askHidden("Private key: ")
            : await io.readInput();
      const key = text.trim().replace(/^(0x)?/, "0x") as Hex;
      const stored = await importKeystore(key, await context.password(true), { file: context.walletFile });
      context.result({ ...stored }, `Imported ${stored.address}\n  ${stored.file}`);
    });
  wallet
    .command("show")
    .description("show the address, and the balances when the chain answers")
    .addHelpText("after", "\nExamples:\n  lode wallet show\n  lode wallet show --json")
    .action(async (_options, command: Command) => {
      const context = new Context(io, command);
      const address = await context.address();
      const { client, contracts } = await context.chain();
      const [lodeWei, etherWei] = await Promise.all([
        client.readContract({ ...contracts.token, functionName: "balanceOf", args: [address] }),
        client.getBalance({ address }),
      ]);
      context.result(
        { address, file: context.walletFile, lodeWei, etherWei },
        `${address}\n  ${showAmount(lodeWei)}\n  ${showAmount(etherWei).replace("LODE", "ETH")} for gas\n  ${context.walletFile}`,
      );
    });
}
