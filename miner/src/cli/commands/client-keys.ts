import { Option, type Command } from "commander";
import { showAmount } from "../amounts.ts";
import { keyIn } from "../api-key.ts";
import { kinds, usage } from "../arguments.ts";
import { Context } from "../context.ts";
import { coordinatorUrl, logIn, type MadeKey } from "../coordinator.ts";
import { requestJson } from "../http.ts";
import type { Io } from "../io.ts";

interface KeyOptions {
  readonly coordinator?: string;
  readonly adminKey?: string;
  readonly label?: string;
  readonly scope?: string;
  readonly requestsPerMinute?: string;
  readonly models?: string;
  readonly spendCap?: string;
  readonly spendPeriod?: string;
  readonly tokenQuota?: string;
  readonly tokenPeriod?: string;
  readonly expiresDays?: string;
  readonly overlapHours?: string;
  readonly oldKey?: string;
  readonly all?: boolean;
}

interface KeyView {
  readonly prefix: string;
  readonly scope: string;
  readonly label: string;
  readonly state: string;
  readonly expiresAt: string | null;
  readonly limits: Readonly<Record<string, unknown>>;
  readonly usage: Readonly<Record<"day" | "month" | "total", { readonly spentWei: string; readonly tokens: number }>>;
}

const sessionLabel = "lode client keys";
const keepIt = "Keep it: the coordinator stores only its hash.";

/** `lode client key` and `lode client keys …`: the API keys of this wallet at a coordinator. */
export function addKeys(client: Command, io: Io): void {
  addCreate(client.command("key"), io, "lode client key");
  const keys = client.command("keys").description("API keys: create, list, limit, rotate, revoke");
  addCreate(keys.command("create"), io, "lode client keys create");
  addList(keys, io);
  addLimits(keys, io);
  addRotate(keys, io);
  addRevoke(keys, io);
}

function addCreate(command: Command, io: Io, name: string): void {
  withLimits(withCoordinator(command))
    .description("get an API key from a coordinator; it is shown once")
    .option("--label <text>", "a name for the key", "")
    .addOption(
      new Option("--scope <scope>", "client spends, read looks, miner serves, admin manages keys")
        .choices(["client", "read", "miner", "admin"])
        .default("client"),
    )
    .addHelpText(
      "after",
      `
Examples:
  ${name} --coordinator http://127.0.0.1:8402 --label laptop
  ${name} --spend-cap 5 --spend-period month --models qwen3-4b --expires-days 90 --json`,
    )
    .action(async (options: KeyOptions, self: Command) => {
      const context = new Context(io, self);
      const url = coordinatorUrl(context, options);
      const limits = limitsOf(options);
      const wanted = {
        label: options.label,
        scope: options.scope,
        ...(Object.keys(limits).length > 0 && { limits }),
        ...expiryOf(options),
      };
      const made = await logIn(context, url, wanted);
      context.result({ ...made, coordinator: url }, `${made.key}\n${keepIt}`);
    });
}

function addList(keys: Command, io: Io): void {
  withAdmin(keys.command("list"))
    .description("the wallet's keys, their limits and what they used")
    .option("--all", "also those that are revoked or have expired")
    .addHelpText("after", "\nExamples:\n  lode client keys list --coordinator http://127.0.0.1:8402 --json")
    .action(async (options: KeyOptions, command: Command) => {
      const { context, call } = await openAdmin(io, options, command);
      const { keys: all } = (await call("GET", "/v1/keys")) as { keys: KeyView[] };
      const shown = all.filter(
        ({ state, label }) => options.all === true || (state === "active" && label !== sessionLabel),
      );
      context.result({ keys: shown }, shown.map(lineOf).join("\n") || "No key is in use.");
    });
}

function addLimits(keys: Command, io: Io): void {
  withLimits(withAdmin(keys.command("limits")))
    .argument("<prefix>", "the key's public part: lode_<prefix>_…")
    .description("bound a key anew; what is left out is not bounded any more")
    .addHelpText(
      "after",
      `
Examples:
  lode client keys limits 1a2b3c4d --spend-cap 2.5 --spend-period day --requests-per-minute 60
  lode client keys limits 1a2b3c4d --token-quota 1000000 --token-period month --models qwen3-4b,llama`,
    )
    .action(async (prefix: string, options: KeyOptions, command: Command) => {
      const change = { limits: limitsOf(options), ...expiryOf(options) };
      const { context, call } = await openAdmin(io, options, command);
      const view = (await call("PATCH", pathOf(prefix), change)) as KeyView;
      context.result({ ...view }, lineOf(view));
    });
}

function addRotate(keys: Command, io: Io): void {
  withAdmin(keys.command("rotate"))
    .argument("<prefix>", "the key's public part: lode_<prefix>_…")
    .description("put a new key in the place of one: same scope, limits and usage")
    .option("--overlap-hours <n>", "how long the old key is still taken", "24")
    .option("--old-key <file>", "file with the old key, so that the new one reaches what was stored with it")
    .addHelpText(
      "after",
      `
Examples:
  lode client keys rotate 1a2b3c4d --coordinator http://127.0.0.1:8402 --overlap-hours 1
  lode client keys rotate 1a2b3c4d --old-key ./key.txt --json`,
    )
    .action(async (prefix: string, options: KeyOptions, command: Command) => {
      const hours = Number(options.overlapHours);
      if (!(hours >= 0 && hours <= 720)) throw usage("--overlap-hours must be from 0 to 720.");
      const key = options.oldKey === undefined ? undefined : await keyIn(options.oldKey);
      const { context, call } = await openAdmin(io, options, command);
      const body = { overlapSecs: Math.round(hours * 3600), ...(key !== undefined && { key }) };
      const made = (await call("POST", `${pathOf(prefix)}/rotate`, body)) as MadeKey;
      context.result({ ...made }, `${made.key}\n${keepIt} The old key is taken for ${hours} h more.`);
    });
}

function addRevoke(keys: Command, io: Io): void {
  withAdmin(keys.command("revoke"))
    .argument("<prefix>", "the key's public part: lode_<prefix>_…")
    .description("end a key at once; jobs that run end as they would")
    .addHelpText("after", "\nExamples:\n  lode client keys revoke 1a2b3c4d --coordinator http://127.0.0.1:8402")
    .action(async (prefix: string, options: KeyOptions, command: Command) => {
      const { context, call } = await openAdmin(io, options, command);
      const view = (await call("DELETE", pathOf(prefix))) as KeyView;
      context.result({ ...view }, `The key ${view.prefix} is revoked.`);
    });
}

function withCoordinator(command: Command): Command {
  return command.option("--coordinator <url>", "the coordinator's URL (or COORD_URL)");
}

function withAdmin(command: Command): Command {
  const help = "file with an admin key; without it the wallet signs for one that lives a minute";
  return withCoordinator(command).option("--admin-key <file>", help);
}

function withLimits(command: Command): Command {
  return command
    .option("--requests-per-minute <n>", "requests that the key may make in a minute")
    .option("--models <ids>", "the models it may ask for, commas between them")
    .option("--spend-cap <lode>", "the most it may spend in --spend-period")
    .option("--spend-period <period>", "day, month or total", "month")
    .option("--token-quota <n>", "the most tokens, read and written, in --token-period")
    .option("--token-period <period>", "day, month or total", "month")
    .option("--expires-days <n>", "days until the key ends by itself");
}

/** The limits that options name, as the coordinator takes them. Throws MinerError. */
function limitsOf(options: KeyOptions): Record<string, unknown> {
  const { requestsPerMinute, models, spendCap, tokenQuota } = options;
  return {
    ...(requestsPerMinute !== undefined && { requestsPerMinute: Number(kinds.count.parse(requestsPerMinute)) }),
    ...(models !== undefined && { models: models.split(",").filter((model) => model !== "") }),
    ...(spendCap !== undefined && {
      spend: { capWei: kinds.amount.parse(spendCap).toString(), period: options.spendPeriod },
    }),
    ...(tokenQuota !== undefined && {
      tokens: { cap: Number(kinds.count.parse(tokenQuota)), period: options.tokenPeriod },
    }),
  };
}

function expiryOf({ expiresDays }: KeyOptions): { expiresInSecs?: number } {
  if (expiresDays === undefined) return {};
  const days = Number(expiresDays);
  if (!(days > 0 && days <= 3650)) throw usage("--expires-days must be above 0 and at most 3650.");
  return { expiresInSecs: Math.max(1, Math.round(days * 86_400)) };
}

async function openAdmin(io: Io, options: KeyOptions, command: Command) {
  const context = new Context(io, command);
  const url = coordinatorUrl(context, options);
  const session = { scope: "admin", label: sessionLabel, expiresInSecs: 60 };
  const key = options.adminKey === undefined ? (await logIn(context, url, session)).key : await keyIn(options.adminKey);
  return {
    context,
    call: (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object) =>
      requestJson(new URL(path, url), { method, key, ...(body !== undefined && { body }) }),
  };
}

/** Takes a whole key too, of which only the public part is sent. Throws MinerError. */
function pathOf(text: string): string {
  const prefix = /^(?:lode_)?([0-9a-z]{8})(?:_[0-9A-Za-z_-]{43})?$/.exec(text)?.[1];
  if (prefix === undefined) throw usage(`"${text}" is not a key's prefix; write its 8 characters, see keys list.`);
  return `/v1/keys/${prefix}`;
}

function lineOf({ prefix, scope, label, state, expiresAt, limits, usage: used }: KeyView): string {
  const end = state === "active" ? (expiresAt === null ? "" : `, until ${expiresAt}`) : `, ${state}`;
  const bounds = Object.keys(limits).length === 0 ? "" : `  ${JSON.stringify(limits)}`;
  const { spentWei, tokens } = used.total;
  return `${prefix}  ${scope}  ${label}${end}  ${showAmount(BigInt(spentWei))}, ${tokens} tokens${bounds}`;
}
