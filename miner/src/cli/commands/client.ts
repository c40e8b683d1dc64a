import { readFile } from "node:fs/promises";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData } from "@lode/sdk/keys";
import { ledgerDomain } from "@lode/sdk/typed-data";
import type { CoordinatorInfo, SignerProofAnswer } from "@lode/protocol";
import type { Command } from "commander";
import type { Act } from "../../chain/transact.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { showAmount } from "../amounts.ts";
import { Context } from "../context.ts";
import { requestJson } from "../http.ts";
import type { Io } from "../io.ts";
import { amountOf } from "./stake.ts";

const day = 24 * 3600;

interface ClientOptions {
  readonly coordinator?: string;
  readonly amount?: string;
  readonly days?: string;
  readonly label?: string;
  readonly scope?: string;
  readonly key?: string;
}

function coordinatorUrl(io: Io, options: ClientOptions): string {
  const url = options.coordinator ?? io.env["COORD_URL"];
  if (url === undefined || !URL.canParse(url)) {
    throw new MinerError("usage", "Name the coordinator: --coordinator http://127.0.0.1:8402", {
      exitCode: exitCode.usage,
    });
  }
  return url;
}

async function infoOf(url: string, chainId: number): Promise<CoordinatorInfo> {
  const info = (await requestJson(new URL("/v1/info", url))) as CoordinatorInfo;
  if (info.addresses.chainId !== chainId) {
    const message = `${url} works on chain ${info.addresses.chainId}, this wallet on ${chainId}; check --rpc and --addresses.`;
    throw new MinerError("other_market", message, { exitCode: exitCode.unreachable });
  }
  return info;
}

/** `lode client deposit|key|balance` */
export function addClient(program: Command, io: Io): void {
  const client = program.command("client").description("pay for inference: deposits, API keys, balance");
  client
    .command("deposit [amount]")
    .description("deposit for one coordinator, and let its session key sign for at most what is deposited")
    .option("--amount <lode>", "the same as the argument")
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option("--days <n>", "how long the session key may sign", "30")
    .option("--dry-run", "show what would be sent, and send nothing")
    .addHelpText(
      "after",
      "\nThe money stays in your account until a signed voucher collects it; nobody but this coordinator can.\n\nExamples:\n  lode client deposit 50 --coordinator http://127.0.0.1:8402",
    )
    .action(async (argument: string | undefined, options: ClientOptions, command: Command) => {
      const context = new Context(io, command);
      const amountWei = amountOf(argument, options.amount);
      const days = Number(options.days);
      if (!(days > 3 && days <= 3650)) {
        const message = "--days must be above 3 (a payee takes no voucher in a signer's last 3 days) and at most 3650.";
        throw new MinerError("usage", message, { exitCode: exitCode.usage });
      }
      const url = coordinatorUrl(io, options);
      const address = await context.address();
      const chain = await context.chain();
      const info = await infoOf(url, chain.addresses.chainId);
      const payee = info.coordinator.toLowerCase() as Hex;
      const proof = (await requestJson(new URL("/v1/signer-proof", url), {
        body: { client: address },
      })) as SignerProofAnswer;
      const { escrow, token } = chain.contracts;
      const [[balanceWei], [collectedWei], [capWei], block] = await Promise.all([
        chain.client.readContract({ ...escrow, functionName: "accountOf", args: [address, payee] }),
        chain.client.readContract({ ...escrow, functionName: "channelOf", args: [address, payee, 0] }),
        chain.client.readContract({ ...escrow, functionName: "signerOf", args: [address, payee, proof.signer] }),
        chain.client.getBlock(),
      ]);
      // The cap bounds the channel's whole sum: what was collected, what is there, and what comes now.
      const neededWei = collectedWei + balanceWei + amountWei;
      const newCapWei = neededWei > capWei ? neededWei : capWei;
      const expiresAt = block.timestamp + BigInt(Math.round(days * day));
      const acts: Act[] = [
        {
          what: `allow the escrow to take ${showAmount(amountWei)}`,
          contract: token,
          functionName: "approve",
          args: [escrow.address, amountWei],
        },
        {
          what: `deposit ${showAmount(amountWei)} for coordinator ${payee}`,
          contract: escrow,
          functionName: "deposit",
          args: [address, payee, amountWei],
        },
        {
          what: `let ${proof.signer} sign for up to ${showAmount(newCapWei)} in total, for ${days} days`,
          contract: escrow,
          functionName: "authorizeSigner",
          args: [payee, proof.signer, newCapWei, expiresAt, proof.proof],
        },
      ];
      const done = await context.transact(chain, await context.signer(), acts);
      context.result(
        {
          client: address,
          coordinator: payee,
          accountWei: balanceWei + amountWei,
          capWei: newCapWei,
          expiresAt,
          acts: done,
        },
        context.dryRun ? "Nothing was sent." : `The account with ${payee} holds ${showAmount(balanceWei + amountWei)}.`,
      );
    });
  client
    .command("key")
    .description("get an API key from a coordinator; it is shown once")
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option("--label <text>", "a name for the key", "")
    .option("--scope <scope>", "client, read or miner", "client")
    .addHelpText("after", "\nExamples:\n  lode client key --coordinator http://127.0.0.1:8402 --label laptop")
    .action(async (options: ClientOptions, command: Command) => {
      const context = new Context(io, command);
      const url = coordinatorUrl(io, options);
      const signer = await context.signer();
      const addresses = context.addresses();
      const info = await infoOf(url, addresses.chainId);
      const { nonce } = (await requestJson(new URL("/v1/keys/challenge", url), { body: {} })) as { nonce: Hex };
      const timestampMs = Date.now();
      const coordinator = info.coordinator.toLowerCase() as Hex;
      const login = { coordinator, client: signer.address, nonce, timestampMs: BigInt(timestampMs) };
      const signature = signTypedData(signer, ledgerDomain(addresses), "ClientLogin", login);
      const body = {
        client: signer.address,
        nonce,
        timestampMs,
        signature,
        label: options.label,
        scope: options.scope,
      };
      const made = (await requestJson(new URL("/v1/keys", url), { body })) as { key: string; scope: string };
      context.result(
        { ...made, account: signer.address, coordinator: url },
        `${made.key}\nKeep it: the coordinator stores only its hash.`,
      );
    });
  client
    .command("balance")
    .description("what is free, and every locked amount with its reason; asks the coordinator")
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option("--key <file>", "file with an API key (or API_KEY)")
    .addHelpText("after", "\nExamples:\n  API_KEY=lode_… lode client balance --coordinator http://127.0.0.1:8402")
    .action(async (options: ClientOptions, command: Command) => {
      const context = new Context(io, command);
      const key = options.key === undefined ? io.env["API_KEY"] : (await readFile(options.key, "utf8")).trim();
      if (key === undefined)
        throw new MinerError("usage", "Give the API key: --key FILE, or set API_KEY.", { exitCode: exitCode.usage });
      const url = new URL("/v1/wallet/balance", coordinatorUrl(io, options));
      const balance = (await requestJson(url, { key })) as {
        availableWei: string;
        accountWei: string;
        locked: { amountWei: string; reason: string; releasedAt: string | null }[];
      };
      const lines = balance.locked.map(
        ({ amountWei, reason, releasedAt }) =>
          `  ${showAmount(BigInt(amountWei))}  ${reason}${releasedAt === null ? "" : `, free at ${releasedAt} at the latest`}`,
      );
      const text = `${showAmount(BigInt(balance.availableWei))} free of ${showAmount(BigInt(balance.accountWei))}`;
      context.result({ ...balance }, [text, ...lines].join("\n"));
    });
}
