import type { Command } from "commander";
import { readSlabChannels, zkSettlementOf } from "../../chain/slab-channels.ts";
import { addActOptions } from "../acts.ts";
import { showAmount, showTime } from "../amounts.ts";
import { kinds } from "../arguments.ts";
import { Context } from "../context.ts";
import { coordinatorUrl, infoOf } from "../coordinator.ts";
import type { Io } from "../io.ts";
import type { SlabSetting } from "./client-slab-acts.ts";

interface SlabOptions {
  readonly coordinator?: string;
  readonly payee?: string;
}

/** `lode client slab …`: channels of ZkSettlement. */
export function addSlab(client: Command, io: Io): void {
  const slab = client
    .command("slab")
    .description("channels whose payments are settled by proof, many at once: what each client paid is not shown");
  const command = (name: string, summary: string, examples: readonly string[], notes?: string): Command =>
    addActOptions(withPayee(slab.command(name).description(summary)), { examples, notes });
  const at = "--coordinator http://127.0.0.1:8402";
  const open = command(
    "open",
    "register this wallet's slab key where it is not, and open a channel with a coordinator",
    [`lode client slab open 50 ${at}`, `lode client slab open 50 ${at} --dry-run`],
    "lode client gateway --slab then pays out of it. The key is the wallet's own: it signs it into being each time.",
  ).argument("<amount>", "LODE that the channel holds");
  open.action(async (amount: string, options: SlabOptions) => {
    const amountWei = kinds.amount.parse(amount);
    await (await acts()).openChannel(await settingOf(open, io, options), amountWei);
  });
  const topUp = command("top-up", "add to a channel", [`lode client slab top-up 0 20 ${at}`])
    .argument("<slot>", "the channel's slot")
    .argument("<amount>", "LODE");
  topUp.action(async (slot: string, amount: string, options: SlabOptions) => {
    const [place, amountWei] = [kinds.count.parse(slot), kinds.amount.parse(amount)];
    await (await acts()).addDeposit(await settingOf(topUp, io, options), place, amountWei);
  });
  const ends = [
    {
      name: "leave",
      summary: "announce that a channel ends in 7 days; until then the coordinator can settle what it has",
      notes: "It takes no more vouchers of the channel from then on.",
      act: "announce",
    },
    {
      name: "exit",
      summary: "end a channel whose 7 days are over, and take what is left of its deposit",
      notes: "What was settled last is opened with the voucher that this home's gateway kept.",
      act: "endChannel",
    },
  ] as const;
  for (const { name, summary, notes, act } of ends) {
    const made = command(name, summary, [`lode client slab ${name} 0 ${at}`], notes);
    made.argument("<slot>", "the channel's slot").action(async (slot: string, options: SlabOptions) => {
      const place = kinds.count.parse(slot);
      await (await acts())[act](await settingOf(made, io, options), place);
    });
  }
  addList(slab, io);
}

/** Each of these is about channels with one coordinator. */
function withPayee(command: Command): Command {
  return command
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option("--payee <address>", "the coordinator's address, without asking one");
}

/** The curve and its hash take a while to load, and the other commands do without. */
const acts = () => import("./client-slab-acts.ts");

async function settingOf(command: Command, io: Io, options: SlabOptions): Promise<SlabSetting> {
  const context = new Context(io, command);
  // What is wrong about the words is said before anybody is asked.
  const named = options.payee === undefined ? undefined : kinds.address.parse(options.payee);
  const url = named === undefined ? coordinatorUrl(context, options) : undefined;
  const [self, chain] = [await context.address(), await context.chain()];
  const { address: zkSettlement } = zkSettlementOf(chain);
  const { chainId } = chain.addresses;
  const asked = url === undefined ? undefined : (await infoOf(url, chainId)).coordinator;
  const payee = kinds.address.parse(named ?? asked ?? "");
  return { context, chain, self, payee, domain: { chainId, zkSettlement } };
}

function addList(slab: Command, io: Io): void {
  const list = withPayee(slab.command("list"))
    .description("this wallet's open channels with a coordinator")
    .addHelpText("after", "\nExamples:\n  lode client slab list --coordinator http://127.0.0.1:8402 --json");
  list.action(async (options: SlabOptions) => {
    const { context, chain, self, payee } = await settingOf(list, io, options);
    const held = await readSlabChannels(chain, { payee, client: self });
    const channels = held.map(({ channel: { slot, generation }, depositWei, isSettled, exitsAt }) => {
      return { slot, generation, depositWei, isSettled, exitsAt };
    });
    const lines = channels.map(({ slot, depositWei, exitsAt }) => {
      const end = exitsAt === 0 ? "" : `, may be ended from ${showTime(BigInt(exitsAt))}`;
      return `slot ${slot}: ${showAmount(depositWei)}${end}`;
    });
    const text =
      lines.length === 0 ? `No channel with ${payee}; open one with lode client slab open.` : lines.join("\n");
    context.result({ client: self, payee, channels }, text);
  });
}
