import type { Hex } from "@lode/sdk/hash";
import { signTypedData } from "@lode/sdk/keys";
import { clientLogin, ledgerDomain, type WantedKey } from "@lode/sdk/typed-data";
import type { CoordinatorInfo } from "@lode/protocol";
import { exitCode, MinerError } from "../errors.ts";
import { usage } from "./arguments.ts";
import type { Context } from "./context.ts";
import { requestJson } from "./http.ts";
import { isWebUrl } from "./settings.ts";

/** The coordinator that a command is about: `--coordinator` or COORD_URL. Throws MinerError. */
export function coordinatorUrl({ env }: Context, options: { readonly coordinator?: string }): string {
  // A miner may serve several; a client is the first one's.
  const url = options.coordinator ?? env["COORD_URL"]?.split(",")[0]?.trim();
  if (url === undefined) throw usage("Name the coordinator: --coordinator http://127.0.0.1:8402.");
  // `localhost:8402` would pass for a URL whose scheme is localhost.
  if (!isWebUrl(url)) throw usage(`"${url}" is not a coordinator's URL; write http://127.0.0.1:8402.`);
  return url;
}

/** Who a coordinator is. Throws MinerError when something else answers, or it works on another chain. */
export async function infoOf(url: string, chainId: number): Promise<CoordinatorInfo> {
  const info = await requestJson(new URL("/v1/info", url)).catch((error: unknown) => {
    // Whoever can be asked and knows no such path is something else.
    if (error instanceof MinerError && error.code === "coordinator_refused") return undefined;
    throw error;
  });
  if (!isInfo(info)) {
    const message = `What answers at ${url} is no Lode coordinator; check --coordinator.`;
    throw new MinerError("no_coordinator", message, { exitCode: exitCode.unreachable });
  }
  if (info.addresses.chainId !== chainId) {
    const message = `${url} works on chain ${info.addresses.chainId}, this wallet on ${chainId}; check --rpc and --addresses.`;
    throw new MinerError("other_market", message, { exitCode: exitCode.unreachable });
  }
  return info;
}

/** Any web server may be at a mistyped URL. */
function isInfo(answer: unknown): answer is CoordinatorInfo {
  const { coordinator, addresses } = (answer ?? {}) as Partial<CoordinatorInfo>;
  return typeof coordinator === "string" && typeof addresses?.chainId === "number";
}

/** An API key as a coordinator gives it: the only time that its text is seen. */
export interface MadeKey {
  readonly key: string;
  readonly prefix: string;
  readonly scope: string;
  readonly account: Hex;
  readonly expiresAt: string | null;
}

/** Has an API key made for the wallet, which signs for this key at this URL and for nothing else. */
export async function logIn(context: Context, url: string, wanted: WantedKey): Promise<MadeKey> {
  const signer = await context.signer();
  const addresses = context.addresses();
  const info = await infoOf(url, addresses.chainId);
  const { nonce } = (await requestJson(new URL("/v1/keys/challenge", url), { body: {} })) as { nonce: Hex };
  const timestampMs = Date.now();
  const coordinator = info.coordinator.toLowerCase() as Hex;
  const { origin } = new URL(url);
  const at = { coordinator, origin, client: signer.address, nonce, timestampMs: BigInt(timestampMs) };
  const signature = signTypedData(signer, ledgerDomain(addresses), "ClientLogin", clientLogin(at, wanted));
  const body = { client: signer.address, origin, nonce, timestampMs, signature, ...wanted };
  return (await requestJson(new URL("/v1/keys", url), { body })) as MadeKey;
}
