import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { loadAddresses, type Addresses } from "@lode/sdk/addresses";
import type { Hex } from "@lode/sdk/hash";
import { keystoreAddress, readPassword, unlockKeystore, type Signer } from "@lode/sdk/keys";
import type { Command } from "commander";
import { openChain, type ChainReader } from "../chain/chain.ts";
import { preview, send, type Plan, type Report } from "../chain/act.ts";
import { exitCode, MinerError } from "../errors.ts";
import { ModelStore, storeSecretOf } from "../store/index.ts";
import { readConfigFile, withConfigFile, withoutEmpty, type ConfigFile } from "./config-file.ts";
import type { Io } from "./io.ts";
import { problemOf } from "./settings.ts";
import { showReport } from "./show.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly home?: string;
  readonly wallet?: string;
  readonly rpc?: string;
  readonly addresses?: string;
  readonly passwordFile?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** What a command works with: its options, files and chain, each opened when it is first needed. */
export class Context {
  readonly io: Io;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly home: string;
  readonly walletFile: string;
  readonly #options: GlobalOptions;
  readonly #config: ConfigFile;
  #env: Io["env"] | undefined;
  #signer: Promise<Signer> | undefined;

  /** @param config reads HOME/miner.env; the doctor goes on behind a bad line */
  constructor(io: Io, command: Command, config?: (home: string) => ConfigFile) {
    this.io = io;
    this.#options = command.optsWithGlobals<GlobalOptions>();
    this.json = this.#options.json === true;
    this.dryRun = this.#options.dryRun === true;
    this.home = resolve(this.#options.home ?? withoutEmpty(io.env)["LODE_HOME"] ?? join(homedir(), ".lode"));
    this.walletFile = resolve(this.#options.wallet ?? join(this.home, "wallet.json"));
    this.#config = (config ?? readConfigFile)(this.home);
  }

  /** The environment with HOME/miner.env below it. Throws MinerError for a bad line of the file. */
  get env(): Io["env"] {
    return (this.#env ??= withConfigFile(this.io.env, this.#config));
  }

  get rpcUrl(): string {
    return this.#options.rpc ?? this.env["RPC_URL"] ?? "http://127.0.0.1:8545";
  }

  /** Where jobs' records and models are: WORK_DIR, else the home folder. */
  get workFolder(): string {
    const folder = this.env["WORK_DIR"] ?? "";
    return folder === "" ? this.home : resolve(folder);
  }

  /** What the configuration file says that hardly was meant. */
  get configWarnings(): readonly string[] {
    return this.#config.warnings;
  }

  addresses(): Addresses {
    const file = this.#options.addresses ?? this.env["ADDRESSES_FILE"];
    const chainId = this.env["CHAIN_ID"] ?? "31337";
    const problem = problemOf("CHAIN_ID", chainId);
    if (problem !== undefined) throw new MinerError("config", `${problem}.`, { exitCode: exitCode.usage });
    return loadAddresses(file ?? Number(chainId));
  }

  chain(): Promise<ChainReader> {
    return openChain(this.rpcUrl, this.addresses());
  }

  /**
   * The store of models in HOME/models. Where there is a wallet its models are encrypted for it.
   * @param mayAsk the doctor asks nobody for a password
   */
  models({ mayAsk = true } = {}): ModelStore {
    const cap = Number(this.env["MODEL_STORE_GB"] ?? Number.NaN);
    const canUnlock = existsSync(this.walletFile) && (mayAsk || this.hasPassword());
    return new ModelStore(join(this.workFolder, "models"), {
      ...(cap > 0 && { capBytes: cap * 1e9 }),
      ...(canUnlock && { secret: async () => storeSecretOf(await this.signer()) }),
    });
  }

  address(): Promise<Hex> {
    return keystoreAddress(this.walletFile);
  }

  /** The password from a file, the environment or the person. `confirm` asks twice, for a new wallet. */
  async password(confirm = false): Promise<string> {
    const { env } = this;
    const { askHidden } = this.io;
    const ask = async (): Promise<string> => {
      if (askHidden === undefined) return "";
      const first = await askHidden("Password: ");
      if (!confirm) return first;
      if ((await askHidden("Again: ")) === first) return first;
      this.io.err("The two differ; once more.");
      return ask();
    };
    return readPassword({
      file: this.#passwordFile,
      env: env["LODE_PASSWORD"],
      prompt: askHidden === undefined ? undefined : ask,
    });
  }

  /** Whether a password is at hand without asking anybody. */
  hasPassword(): boolean {
    return this.#passwordFile !== undefined || (this.env["LODE_PASSWORD"] ?? "") !== "";
  }

  /** An empty variable names no file. */
  get #passwordFile(): string | undefined {
    const file = this.#options.passwordFile ?? this.env["KEYSTORE_PASSWORD_FILE"] ?? "";
    return file === "" ? undefined : file;
  }

  /** The wallet, unlocked once: a command asks for its password at most once. */
  signer(): Promise<Signer> {
    this.#signer ??= this.address().then(async () => unlockKeystore(this.walletFile, await this.password()));
    return this.#signer;
  }

  /**
   * Carries out a plan with the wallet: simulates it, and unless it is a dry run asks what must be asked, sends and waits.
   * @param warning what cannot be undone about it; then a person says yes, or --yes was given
   * @param as who sends it instead of the wallet
   */
  async act(chain: ChainReader, plan: Plan, { warning, as }: { warning?: string; as?: Signer } = {}): Promise<Report> {
    const seen = await preview(chain, as?.address ?? (await this.address()), plan);
    if (this.dryRun) return seen;
    if (warning !== undefined) await this.#confirm(warning, seen);
    return send(chain, this.rpcUrl, as ?? (await this.signer()), plan, seen, (line) => this.note(line));
  }

  async #confirm(warning: string, seen: Report): Promise<void> {
    if (this.#options.yes === true) return;
    const { ask } = this.io;
    if (ask === undefined) {
      const message = `${warning} Look at it with --dry-run, and add --yes to do it.`;
      throw new MinerError("not_confirmed", message, { exitCode: exitCode.usage });
    }
    this.io.err(`${showReport(seen)}\n${warning}`);
    if (!/^y(es)?$/i.test((await ask("Do it? [y/N] ")).trim())) {
      throw new MinerError("not_confirmed", "Nothing was sent.", { exitCode: exitCode.usage });
    }
  }

  /** The result of a plan: with --json its fields, acts and changes, else a sentence under what changes or changed. */
  report(report: Report, fields: Readonly<Record<string, unknown>>, text: string): void {
    const closing = report.dryRun ? "Nothing was sent." : text;
    this.result({ ...fields, ...report }, [showReport(report), closing].filter((part) => part !== "").join("\n"));
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
