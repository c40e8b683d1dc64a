import { readFileSync } from "node:fs";
import type { Hex } from "@lode/sdk/hash";
import { Argument, Option, type Command } from "commander";
import { exitCode, MinerError } from "../errors.ts";
import { roleNames } from "../chain/readings.ts";
import { parseAmount } from "./amounts.ts";

/** A kind of value on a command line. */
export interface Kind<T> {
  readonly placeholder: string;
  readonly parse: (text: string) => T;
}

/** One argument of an act: given by place, or by name when it is an option. */
export interface Taken<T> {
  readonly kind: Kind<unknown>;
  readonly help: string;
  readonly isOption: boolean;
  /** An argument in its place that `--name` may give too. */
  readonly isNamedToo?: boolean;
  /** Its value when it is not given; without it the argument is required. */
  readonly fallback?: () => T;
}

export type TakenSet = Readonly<Record<string, Taken<unknown>>>;
export type ValuesOf<A extends TakenSet> = { readonly [K in keyof A]: A[K] extends Taken<infer T> ? T : never };

export function usage(message: string, cause?: unknown): MinerError {
  return new MinerError("usage", message, { exitCode: exitCode.usage, cause });
}

export const kinds = {
  address: {
    placeholder: "address",
    parse: (text: string): Hex =>
      /^0x[0-9a-fA-F]{40}$/.test(text)
        ? (text.toLowerCase() as Hex)
        : fail(text, "an address", "0x and 40 hexadecimal digits"),
  },
  addresses: {
    placeholder: "address,address",
    parse: (text: string): Hex[] =>
      /^0x[0-9a-fA-F]{40}(,0x[0-9a-fA-F]{40}){0,199}$/.test(text)
        ? (text.toLowerCase().split(",") as Hex[])
        : fail(text, "a list of addresses", "up to 200 of them, a comma and no space between them"),
  },
  amount: { placeholder: "lode", parse: parseAmount },
  hash: {
    placeholder: "hash",
    parse: (text: string): Hex =>
      /^0x[0-9a-fA-F]{64}$/.test(text)
        ? (text.toLowerCase() as Hex)
        : fail(text, "a hash", "0x and 64 hexadecimal digits"),
  },
  bytes: {
    placeholder: "hex",
    parse: (text: string): Hex =>
      /^0x([0-9a-fA-F]{2})*$/.test(text)
        ? (text.toLowerCase() as Hex)
        : fail(text, "hexadecimal", "0x and pairs of digits"),
  },
  count: {
    placeholder: "n",
    parse: (text: string): bigint =>
      /^[0-9]{1,20}$/.test(text) ? BigInt(text) : fail(text, "a whole number", "digits only"),
  },
  time: { placeholder: "time", parse: (text: string): bigint => parseTime(text) },
  role: {
    placeholder: "role",
    parse: (text: string): number => {
      const index = roleNames.indexOf(text as (typeof roleNames)[number]);
      return index > 0 ? index : fail(text, "a role", "miner or coordinator");
    },
  },
  json: {
    placeholder: "file",
    parse: (file: string): unknown => {
      try {
        return JSON.parse(readFileSync(file, "utf8")) as unknown;
      } catch (cause) {
        const isThere = (cause as NodeJS.ErrnoException).code !== "ENOENT";
        throw usage(isThere ? `${file} cannot be read as JSON.` : `There is no file ${file}.`, cause);
      }
    },
  },
  path: { placeholder: "file", parse: (text: string): string => text },
} as const;

function fail(text: string, what: string, form: string): never {
  throw usage(`"${text}" is not ${what}; write ${form}.`);
}

/** `30d` or `12h` from now, `2026-12-31` or a whole ISO time, or unix seconds. */
function parseTime(text: string): bigint {
  const [, number, unit] = /^([0-9]{1,6})([dh])$/.exec(text) ?? [];
  if (number !== undefined) {
    return BigInt(Math.floor(Date.now() / 1000) + Number(number) * (unit === "d" ? 86_400 : 3_600));
  }
  if (/^[0-9]{1,18}$/.test(text)) return BigInt(text);
  const ms = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms)
    ? fail(text, "a time", "30d, 12h, 2026-12-31 or unix seconds")
    : BigInt(Math.floor(ms / 1000));
}

/** An argument in its place. */
export function needed<T>(kind: Kind<T>, help: string): Taken<T> {
  return { kind, help, isOption: false };
}

/** An argument in its place, or by `--name`. */
export function neededOrNamed<T>(kind: Kind<T>, help: string): Taken<T> {
  return { kind, help, isOption: false, isNamedToo: true };
}

/** An argument in its place that may be left out. */
export function mayNeed<T, F>(kind: Kind<T>, help: string, fallback: () => F): Taken<T | F> {
  return { kind, help, isOption: false, fallback };
}

/** An option that must be given. */
export function neededOption<T>(kind: Kind<T>, help: string): Taken<T> {
  return { kind, help, isOption: true };
}

/** An option with what it is when it is left out. */
export function option<T, F>(kind: Kind<T>, help: string, fallback: () => F): Taken<T | F> {
  return { kind, help, isOption: true, fallback };
}

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Declares arguments on a command. */
export function declare(command: Command, taken: TakenSet): void {
  for (const [name, { kind, help, isOption, isNamedToo, fallback }] of Object.entries(taken)) {
    if (isNamedToo === true) {
      command.addArgument(new Argument(`[${flagOf(name)}]`, help));
      command.addOption(new Option(`--${flagOf(name)} <${kind.placeholder}>`, "the same as the argument"));
    } else if (isOption) {
      const declared = new Option(`--${flagOf(name)} <${kind.placeholder}>`, help);
      command.addOption(fallback === undefined ? declared.makeOptionMandatory() : declared);
    } else {
      command.addArgument(new Argument(fallback === undefined ? `<${flagOf(name)}>` : `[${flagOf(name)}]`, help));
    }
  }
}

/** Reads the declared arguments from a command that runs. */
export function readValues<A extends TakenSet>(command: Command, taken: A): ValuesOf<A> {
  const options = command.optsWithGlobals<Record<string, string | undefined>>();
  let place = 0;
  const entries = Object.entries(taken).map(([name, { kind, help, isOption, isNamedToo, fallback }]) => {
    const isByName = isOption || (isNamedToo === true && options[name] !== undefined);
    const text = isByName ? options[name] : command.args[place++];
    if (text !== undefined) return [name, kind.parse(text)];
    if (fallback === undefined) throw usage(`Give the ${name}: ${help}.`);
    return [name, fallback()];
  });
  return Object.fromEntries(entries) as ValuesOf<A>;
}
