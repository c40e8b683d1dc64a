import type { Command } from "commander";
import { readAccount } from "../../chain/account.ts";
import { kinds } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { showFigures } from "../show.ts";

/** `lode chain` */
export function addChain(program: Command, io: Io): void {
  const chain = program.command("chain").description("what the chain says, read from it alone");
  const show = chain
    .command("show")
    .argument("[account]", "whose; the wallet's own when left out")
    .description(
      "everything the contracts say about an account: wallet, stake, pool, anchors, accounts, channels, signers",
    )
    .addHelpText(
      "after",
      `
Accounts, channels and signers are found in the events since the deployment; their figures are read as they are now.

Examples:
  lode chain show
  lode chain show 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --json`,
    );
  show.action(async (account: string | undefined) => {
    const context = new Context(io, show);
    const address = account === undefined ? await context.address() : kinds.address.parse(account);
    const reader = await context.chain();
    const sections = await readAccount(reader, address, (block, last) => {
      if (block < last) context.note(`read blocks up to ${block} of ${last}`);
    });
    const text = sections.map(({ title, figures }) => `${title}\n${showFigures(figures)}`).join("\n");
    context.result({ address, sections }, `${address}\n${text}`);
  });
}
