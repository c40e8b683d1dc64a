import type { Hex } from "@lode/sdk/hash";
import { zeroAddress, zeroHash } from "viem";
import { Option, type Command } from "commander";
import { exitCode, MinerError } from "../../errors.ts";
import type { Act } from "../../chain/transact.ts";
import { parseAmount, showAmount } from "../amounts.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";

const roles = { miner: 1, coordinator: 2 } as const;

interface StakeOptions {
  readonly amount?: string;
  readonly total?: boolean;
  readonly role: keyof typeof roles;
  readonly operator?: Hex;
  readonly payout?: Hex;
}

/** The amount, given as the argument or as --amount. */
export function amountOf(argument: string | undefined, option: string | undefined): bigint {
  const text = argument ?? option;
  if (text === undefined) {
    throw new MinerError("usage", "Say how much, in LODE: for instance 100.", { exitCode: exitCode.usage });
  }
  return parseAmount(text);
}

/** `lode stake|unstake|withdraw` */
export function addStaking(program: Command, io: Io): void {
  program
    .command("stake [amount]")
    .description("stake LODE: registers the first time, adds to the stake later")
    .option("--amount <lode>", "the same as the argument")
    .option("--total", "raise the stake to this amount in total; does nothing when it is there")
    .addOption(new Option("--role <role>", "what the stake is for").choices(Object.keys(roles)).default("miner"))
    .option("--operator <address>", "key that signs receipts, when it is not the wallet itself")
    .option("--payout <address>", "where sweeps go, when it is not the wallet itself")
    .option("--dry-run", "show what would be sent, and send nothing")
    .addHelpText(
      "after",
      "\nExamples:\n  lode stake 500\n  lode stake 500 --total\n  lode stake 5000 --role coordinator --dry-run",
    )
    .action(async (argument: string | undefined, options: StakeOptions, command: Command) => {
      const context = new Context(io, command);
      const wanted = amountOf(argument, options.amount);
      const address = await context.address();
      const chain = await context.chain();
      const { token, staking } = chain.contracts;
      const [role, stakedWei] = await chain.client.readContract({
        ...staking,
        functionName: "stakeOf",
        args: [address],
      });
      const amountWei = options.total === true ? wanted - stakedWei : wanted;
      if (amountWei <= 0n && role !== 0) {
        return context.result({ address, stakedWei, acts: [] }, `${showAmount(stakedWei)} are staked already.`);
      }
      const approve: Act = {
        what: `allow staking to take ${showAmount(amountWei)}`,
        contract: token,
        functionName: "approve",
        args: [staking.address, amountWei],
      };
      const stake: Act =
        role === 0
          ? {
              what: `register ${address} as a ${options.role} with ${showAmount(amountWei)}`,
              contract: staking,
              functionName: "register",
              args: [
                roles[options.role],
                amountWei,
                options.operator ?? zeroAddress,
                options.payout ?? zeroAddress,
                zeroHash,
              ],
            }
          : {
              what: `add ${showAmount(amountWei)} to the stake of ${address}`,
              contract: staking,
              functionName: "topUp",
              args: [address, amountWei],
            };
      const acts = await context.transact(chain, await context.signer(), [approve, stake]);
      const nowWei = stakedWei + amountWei;
      context.result(
        { address, stakedWei: nowWei, acts },
        context.dryRun ? "Nothing was sent." : `Staked: ${showAmount(nowWei)}.`,
      );
    });
  program
    .command("unstake [amount]")
    .description("start the thaw of stake; it can be withdrawn after 7 days")
    .option("--amount <lode>", "the same as the argument")
    .option("--dry-run", "show what would be sent, and send nothing")
    .addHelpText("after", "\nExamples:\n  lode unstake 500")
    .action(async (argument: string | undefined, options: StakeOptions, command: Command) => {
      const context = new Context(io, command);
      const amountWei = amountOf(argument, options.amount);
      const chain = await context.chain();
      const act: Act = {
        what: `start the thaw of ${showAmount(amountWei)}`,
        contract: chain.contracts.staking,
        functionName: "startThaw",
        args: [amountWei],
      };
      const acts = await context.transact(chain, await context.signer(), [act]);
      context.result(
        { thawingWei: amountWei, acts },
        context.dryRun ? "Nothing was sent." : "Thawing; run `lode withdraw` in 7 days.",
      );
    });
  program
    .command("withdraw")
    .description("take thawed stake back into the wallet")
    .option("--dry-run", "show what would be sent, and send nothing")
    .addHelpText("after", "\nExamples:\n  lode withdraw")
    .action(async (_options, command: Command) => {
      const context = new Context(io, command);
      const chain = await context.chain();
      const act: Act = {
        what: "withdraw the thawed stake",
        contract: chain.contracts.staking,
        functionName: "withdraw",
        args: [],
      };
      const acts = await context.transact(chain, await context.signer(), [act]);
      context.result({ acts }, context.dryRun ? "Nothing was sent." : "Withdrawn.");
    });
}
