import type { Hex } from "@lode/sdk/hash";
import { readPassword, unlockKeystore } from "@lode/sdk/keys";
import type { Command } from "commander";
import { readCoordinator, type ChainReader } from "../../chain/chain.ts";
import { readSlabChannels, zkSettlementOf } from "../../chain/slab-channels.ts";
import { ClientAccount, type AccountOptions } from "../../client/account.ts";
import type { SlabPurse } from "../../client/slab-purse.ts";
import { isLoopback, startGateway } from "../../client/gateway.ts";
import { parseAmount, showAmount } from "../amounts.ts";
import { apiKeyOf, keyIn } from "../api-key.ts";
import { usage } from "../arguments.ts";
import { Context } from "../context.ts";
import { coordinatorUrl, infoOf } from "../coordinator.ts";
import { requestJson } from "../http.ts";
import type { Io } from "../io.ts";

interface GatewayCommandOptions {
  readonly coordinator?: string;
  readonly key?: string;
  readonly signerWallet?: string;
  readonly signerPasswordFile?: string;
  readonly host: string;
  readonly port: string;
  readonly localKey?: string;
  readonly slab?: boolean;
  readonly accept?: readonly string[];
  readonly maxSpend?: string;
  readonly maxInputPrice?: string;
  readonly maxOutputPrice?: string;
}

/** `lode client gateway` */
export function addGateway(client: Command, io: Io): void {
  client
    .command("gateway")
    .description("serve OpenAI's and Anthropic's API on this machine; checks every bill and signs for it here")
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option("--key <file>", "file with an API key of this wallet (or API_KEY)")
    .option("--signer-wallet <file>", "keystore of the key that signs vouchers; this wallet's own unless given")
    .option("--signer-password-file <file>", "file with that keystore's password (or SIGNER_PASSWORD)")
    .option("--host <address>", "where it listens", "127.0.0.1")
    .option("--port <n>", "port; 0 takes a free one", "8404")
    .option("--local-key <file>", "file with the API key that local programs must send; needed beyond loopback")
    .option("--max-spend <amount>", "most that the account may come to promise, earlier promises included")
    .option("--max-input-price <amount>", "highest price of a token read; the coordinator's list price unless given")
    .option("--max-output-price <amount>", "highest price of a token made; the coordinator's list price unless given")
    .option("--slab", "pay out of this wallet's channel of ZkSettlement, whose payments are settled by proof")
    .option("--accept <id...>", "requests to take the bills of, lost when an earlier gateway died in between")
    .addHelpText(
      "after",
      `
The coordinator gets no key that can spend: let a key of yours sign with lode client authorize, or none at all and this
wallet signs. A bill is signed for only when it is for a request that went through this gateway, signed by the coordinator
and the miner, at a price within the bounds, and no longer than what came. With the first wrong one signing stops.
Prices follow the market, above the list too: the highest that you take go with each request, and while nobody does it
for these the answer is 402 price_above_ceiling with what it costs now.

With --slab each voucher is on a channel of lode client slab, and shows nobody but the coordinator what was paid. An account that
began with it stays with it. HOME/gateway keeps what ends the channel, should the coordinator be gone: keep a copy of it.

Examples:
  lode client deposit 50 --payee 0x70997970c51812dc3a010c7d01b50e0d17dc79c8
  API_KEY=lode_… lode client gateway --coordinator https://coordinator.example --max-spend 20
  lode client gateway --key ~/key --signer-wallet hot.json --max-output-price 600000000000wei --json
  lode client slab open 50 --coordinator https://coordinator.example
  API_KEY=lode_… lode client gateway --coordinator https://coordinator.example --slab`,
    )
    .action(async (options: GatewayCommandOptions, command: Command) => {
      const context = new Context(io, command);
      await run(context, options);
    });
}

async function run(context: Context, options: GatewayCommandOptions): Promise<void> {
  const { io } = context;
  const url = coordinatorUrl(context, options);
  const key = await apiKeyOf(context, options.key);
  const localKey = options.localKey === undefined ? undefined : await keyIn(options.localKey);
  if (!isLoopback(options.host) && (localKey ?? "") === "") {
    throw usage("Beyond loopback anybody could spend your money: give --local-key FILE.");
  }
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw usage("--port must be a whole number up to 65535.");
  const chain = await context.chain();
  const info = await infoOf(url, chain.addresses.chainId);
  const coordinator = info.coordinator.toLowerCase() as Hex;
  // From the chain, like every miner's: the coordinator's own word for its key is worth nothing here.
  const { operator } = await readCoordinator(chain, coordinator);
  const prices = {
    inputPriceWei: parseAmount(options.maxInputPrice ?? `${info.inputPriceWei}wei`),
    outputPriceWei: parseAmount(options.maxOutputPrice ?? `${info.outputPriceWei}wei`),
  };
  const warn = (message: string): void =>
    io.err(context.json ? JSON.stringify({ event: "warning", message }) : message);
  const self = await context.address();
  const ask: AccountOptions["ask"] = (path, init = {}) => requestJson(new URL(path, url), { ...init, key });
  const account = new ClientAccount({
    addresses: chain.addresses,
    client: self,
    coordinator,
    coordinatorOperator: operator,
    signer: await signerOf(context, options),
    home: context.home,
    maxSpendWei: options.maxSpend === undefined ? undefined : parseAmount(options.maxSpend),
    maxInputPriceWei: prices.inputPriceWei,
    maxOutputPriceWei: prices.outputPriceWei,
    operatorOf: async (miner) => {
      const args = [miner] as const;
      const found = await chain.client.readContract({ ...chain.contracts.staking, functionName: "operatorOf", args });
      return found.toLowerCase() as Hex;
    },
    ask,
    slab: options.slab === true ? await purseOf(context, chain, coordinator, ask) : undefined,
    warn,
  });
  await account.open(options.accept ?? []);
  try {
    const shared = { coordinatorUrl: url, key, account, localKey, prices, warn };
    const gateway = await startGateway({ ...shared, host: options.host, port });
    const promised = showAmount(account.promisedWei);
    context.result(
      { event: "listening", url: `${gateway.url}/v1`, coordinator, promisedWei: account.promisedWei },
      `${gateway.url}/v1 answers for ${url}; ${promised} promised so far. Ctrl-C stops it.`,
    );
    if (!io.signal.aborted) {
      await new Promise<void>((resolve) => io.signal.addEventListener("abort", () => resolve(), { once: true }));
    }
    await gateway.close();
  } finally {
    await account.close();
  }
}

/** The wallet's own channels: whichever key signs for the escrow has no part in them. */
async function purseOf(
  context: Context,
  chain: ChainReader,
  payee: Hex,
  ask: AccountOptions["ask"],
): Promise<SlabPurse> {
  const [client, { address: zkSettlement }] = [await context.address(), zkSettlementOf(chain)];
  const domain = { chainId: chain.addresses.chainId, zkSettlement };
  // The curve and its hash take a while to load, and most gateways do without.
  const [{ slabSignerOf }, { SlabPurse }] = await Promise.all([
    import("@lode/sdk/slab"),
    import("../../client/slab-purse.ts"),
  ]);
  const signer = slabSignerOf(await context.signer(), domain);
  return new SlabPurse({
    domain,
    client,
    payee,
    signer,
    channels: () => readSlabChannels(chain, { payee, client }),
    ask,
  });
}

async function signerOf(context: Context, { signerWallet, signerPasswordFile }: GatewayCommandOptions) {
  if (signerWallet === undefined) return context.signer();
  const { askHidden, env } = context.io;
  const password = await readPassword({
    file: signerPasswordFile,
    env: env["SIGNER_PASSWORD"],
    prompt: askHidden === undefined ? undefined : () => askHidden("Password of the signer's keystore: "),
  });
  return unlockKeystore(signerWallet, password);
}
