import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { loadAddresses, type Addresses } from "@lode/sdk/addresses";
import type { Hex } from "@lode/sdk/hash";
import { keystoreAddress, readPassword, unlockKeystore, type Signer } from "@lode/sdk/keys";
import type { Command } from "commander";
import { openChain, type ChainReader } from "../chain/chain.ts";
import { transact, type Act, type Done } from "../chain/transact.ts";
import type { Io } from "./io.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly home?: string;
  readonly wallet?: string;
  readonly rpc?: string;
  readonly addresses?: string;
  readonly passwordFile?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** What a command works with: its options, files and chain, each opened when it is first needed. */
export class Context {
  readonly io: Io;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly home: string;
  readonly walletFile: string;
  readonly rpcUrl: string;
  readonly #options: GlobalOptions;

  constructor(io: Io, command: Command) {
    this.io = io;
    this.#options = command.optsWithGlobals<GlobalOptions>();
    this.json = this.#options.json === true;
    this.dryRun = this.#options.dryRun === true;
    this.home = resolve(this.#options.home ?? io.env["LODE_HOME"] ?? join(homedir(), ".lode"));
    this.walletFile = resolve(this.#options.wallet ?? join(this.home, "wallet.json"));
    this.rpcUrl = this.#options.rpc ?? io.env["RPC_URL"] ?? "http://127.0.0.1:8545";
  }

  addresses(): Addresses {
    const file = this.#options.addresses ?? this.io.env["ADDRESSES_FILE"];
    return loadAddresses(file ?? Number(this.io.env["CHAIN_ID"] ?? "31337"));
  }

  chain(): Promise<ChainReader> {
    return openChain(this.rpcUrl, this.addresses());
  }

  address(): Promise<Hex> {
    return keystoreAddress(this.walletFile);
  }

  /** The password from a file, the environment or the person. `confirm` asks twice, for a new wallet. */
  async password(confirm = false): Promise<string> {
    const { askHidden, env } = this.io;
    const ask = async (): Promise<string> => {
      if (askHidden === undefined) return "";
      const first = await askHidden("Password: ");
      if (!confirm) return first;
      if ((await askHidden("Again: ")) === first) return first;
      this.io.err("The two differ; once more.");
      return ask();
    };
    return readPassword({
      file: this.#options.passwordFile ?? env["KEYSTORE_PASSWORD_FILE"],
      env: env["LODE_PASSWORD"],
      prompt: askHidden === undefined ? undefined : ask,
    });
  }

  async signer(): Promise<Signer> {
    await this.address();
    return unlockKeystore(this.walletFile, await this.password());
  }

  /** Sends acts with the wallet, or says what they would do. */
  async transact(chain: ChainReader, signer: Signer, acts: readonly Act[]): Promise<Done[]> {
    return transact(chain, this.rpcUrl, signer, acts, {
      dryRun: this.dryRun,
      onStep: (what) => this.note(`${this.dryRun ? "would: " : ""}${what}`),
    });
  }

  /** A line for a person while a command works; nothing with --json. */
  note(text: string): void {
    if (!this.json) this.io.out(text);
  }

  /** The command's result: one JSON object with --json, else the text. */
  result(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.io.out(
      this.json
        ? JSON.stringify(fields, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value))
        : text,
    );
  }
}
