import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import type { AbiParameter } from "viem";
import { explained, type Act } from "../chain/act.ts";
import type { ChainReader, ContractName } from "../chain/chain.ts";
import type { Reading } from "../chain/reading.ts";
import { readingsOf, type Readings } from "../chain/readings.ts";
import { declare, readValues, type TakenSet, type ValuesOf } from "./arguments.ts";
import { Context } from "./context.ts";
import { parametersOf } from "./evidence.ts";
import type { Io } from "./io.ts";
import { payFor } from "./payment.ts";

/** What an act is made in: the wallet's address, the chain, and the readings of its contracts. */
export interface Setting {
  readonly self: Hex;
  readonly context: Context;
  readonly chain: ChainReader;
  readonly read: Readings;
  /** The function's parameters, for arguments that a file holds. */
  readonly parameters: readonly AbiParameter[];
}

/** One act of one command: the whole of what `lode` has to know about it. */
export interface ActEntry<A extends TakenSet, V> {
  /** The command's last word. */
  readonly name: string;
  readonly summary: string;
  readonly contract: ContractName;
  readonly functionName: string;
  /** Command-line arguments, in the order of the function's unless `args` says otherwise. */
  readonly takes: A;
  /** Works out of what was given what the act needs: defaults that the chain knows, proofs that a key makes. */
  readonly resolve?: (given: ValuesOf<A>, at: Setting) => V | Promise<V>;
  /** The function's arguments; the values in their order when left out. */
  readonly args?: (values: V, at: Setting) => readonly unknown[];
  /** The act in words: `start the thaw of 5 LODE`. */
  readonly what: (values: V, at: Setting) => string;
  /** What it changes: read before and after it. */
  readonly readings: (values: V, at: Setting) => readonly Reading[];
  /** Tokens that the contract takes from the caller: approved first, or by permit where a function takes one. */
  readonly pays?: { readonly amountWei: (values: V) => bigint; readonly withPermit?: string };
  /** What cannot be undone about it, if anything. */
  readonly warning?: (values: V, at: Setting) => string | undefined;
  readonly notes?: string;
  readonly examples: readonly [string, ...string[]];
}

/** An entry that can be added to a command; the rest of the table is for tests and help. */
export interface DeclaredAct {
  readonly name: string;
  readonly contract: ContractName;
  readonly functionName: string;
  readonly takes: TakenSet;
  readonly addTo: (group: Command, io: Io) => void;
  /** Carries the act out for a command that takes its arguments from somewhere else; `given` has the act's names. */
  readonly perform: (command: Command, io: Io, given: Readonly<Record<string, unknown>>) => Promise<void>;
}

const dryRunHelp = `
--dry-run lets the node carry the act out without sending it (eth_simulateV1, or one eth_call where a node lacks it) and
prints the call, its gas and fee, and every figure concerned before and after. It needs no password, unless a signature is part of the call.`;

/** Options and help that every sending command has. */
export function addActOptions(
  command: Command,
  { examples, notes, canWarn }: { examples: readonly string[]; notes?: string | undefined; canWarn?: boolean },
): Command {
  command.option("--dry-run", "show what would change, and send nothing");
  if (canWarn === true) command.option("--yes", "do it without asking, though it cannot be undone");
  const lines = examples.map((example) => `  ${example}`).join("\n");
  return command.addHelpText("after", `${notes === undefined ? "" : `\n${notes}`}${dryRunHelp}\n\nExamples:\n${lines}`);
}

/** What an entry asks the chain beforehand may be refused too: in words, as the act itself. */
function refuse(cause: unknown): never {
  throw explained("the chain", cause);
}

/** Makes a command of a table entry. */
export function act<const A extends TakenSet, V extends object = ValuesOf<A>>(entry: ActEntry<A, V>): DeclaredAct {
  const { name, summary, contract, functionName, takes, pays, examples, notes, warning } = entry;
  const perform = async (command: Command, io: Io, given: ValuesOf<A>): Promise<void> => {
    const context = new Context(io, command);
    const [self, chain] = [await context.address(), await context.chain()];
    const parameters = parametersOf(chain.contracts[contract].abi, functionName);
    const at: Setting = { self, context, chain, read: readingsOf(chain.contracts), parameters };
    // Without `resolve` the values are those given: the type's default says so.
    const resolved = Promise.resolve(given).then((values) => entry.resolve?.(values, at));
    const values = (await resolved.catch(refuse)) ?? (given as unknown as V);
    const args = entry.args?.(values, at) ?? Object.values(values);
    const one: Act = { what: entry.what(values, at), contract: chain.contracts[contract], functionName, args };
    const acts =
      pays === undefined
        ? [one]
        : await payFor(
            at,
            one,
            pays.amountWei(values),
            command.optsWithGlobals()["permit"] === true ? pays.withPermit : undefined,
          );
    const warned = warning?.(values, at);
    const plan = { acts, readings: entry.readings(values, at) };
    const report = await context.act(chain, plan, warned === undefined ? {} : { warning: warned });
    context.report(report, { account: self }, `Done: ${one.what}.`);
  };
  const addTo = (group: Command, io: Io): void => {
    const command = group.command(name).description(summary);
    declare(command, takes);
    if (pays?.withPermit !== undefined) {
      command.option("--permit", "sign the approval instead of sending it: one transaction, not two");
    }
    addActOptions(command, { examples, notes, canWarn: warning !== undefined });
    command.action(() => perform(command, io, readValues(command, takes)));
  };
  const performAny = (command: Command, io: Io, given: object): Promise<void> =>
    perform(command, io, given as ValuesOf<A>);
  return { name, contract, functionName, takes, addTo, perform: performAny };
}
