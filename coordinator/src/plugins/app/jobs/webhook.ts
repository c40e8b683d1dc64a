import { createHmac } from "node:crypto";
import { lookup } from "node:dns/promises";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { connect as connectTo, isIP, type Socket } from "node:net";
import { connect as secure } from "node:tls";
import { LodeError } from "@lode/sdk/errors";
import { isLoopback, mayCall } from "./addresses.ts";

/** A webhook that is not called, or that did not take its call. */
export class WebhookError extends LodeError {
  override readonly name = "WebhookError";
  constructor(code: "refused" | "unreachable", message: string, cause?: unknown) {
    super(`webhook_${code}`, message, { cause, retryable: code === "unreachable" });
  }
}

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface CallOptions {
  /** For development: http and https to this machine itself, and still to no other private network. */
  readonly allowLoopback: boolean;
  readonly timeoutMs: number;
  /** All addresses of a name; the system's resolver unless given. */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
  /** Opens a connection to an address; the system's way unless given. */
  readonly connect?: (to: { readonly host: string; readonly family: number; readonly port: number }) => Socket;
}

const resolveAll = (host: string): Promise<Address[]> => lookup(host, { all: true });

/** What a webhook's signature says: the time it was made and the HMAC-SHA256 of `time.body`, under the webhook's secret. */
export function signatureOf(secret: string, body: string, atMs: number): string {
  const seconds = Math.floor(atMs / 1000);
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

/** The addresses behind a webhook's URL. Throws WebhookError `refused` when one of them may not be called. */
export async function addressesOf(text: string, options: CallOptions): Promise<{ url: URL; addresses: Address[] }> {
  const { allowLoopback, resolve = resolveAll } = options;
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || !/^https?:$/.test(url.protocol)) {
    throw new WebhookError("refused", "A webhook is an https URL without a user name.");
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  let addresses: Address[];
  try {
    addresses = isIP(host) > 0 ? [{ address: host, family: isIP(host) }] : [...(await resolve(host))];
  } catch (cause) {
    throw new WebhookError("unreachable", "The webhook's name cannot be resolved.", cause);
  }
  // All of them: which one is called must not be the name server's choice.
  if (addresses.length === 0 || !addresses.every(({ address }) => mayCall(address, allowLoopback))) {
    throw new WebhookError("refused", "The webhook leads to an address that is not on the public internet.");
  }
  const isLocal = addresses.every(({ address }) => isLoopback(address));
  if (url.protocol === "http:" && !isLocal) throw new WebhookError("refused", "A webhook's URL begins with https.");
  return { url, addresses };
}

/**
 * Posts to an address that was looked at, and to no other: the name is resolved once, the connection goes to what came,
 * and its other end is looked at again before a byte is sent, TLS' own included. A redirect is an answer like any. Gives the status.
 * @throws {WebhookError}
 */
export async function callWebhook(
  text: string,
  call: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
  options: CallOptions,
): Promise<number> {
  const { url, addresses } = await addressesOf(text, options);
  const [pinned] = addresses;
  if (pinned === undefined) throw new WebhookError("unreachable", "The webhook has no address.");
  const isSecure = url.protocol === "https:";
  const { connect = connectTo } = options;
  const signal = AbortSignal.timeout(options.timeoutMs);
  return new Promise((resolve, reject) => {
    let socket: Socket | undefined;
    const fail = (cause: unknown): void => {
      signal.removeEventListener("abort", onTimeout);
      socket?.destroy();
      reject(
        cause instanceof WebhookError ? cause : new WebhookError("unreachable", "The webhook does not answer.", cause),
      );
    };
    // The request itself does not end for its signal while the connection is still being opened.
    const onTimeout = (): void => fail(signal.reason);
    signal.addEventListener("abort", onTimeout, { once: true });
    const request = (isSecure ? tlsRequest : plainRequest)(url, {
      method: "POST",
      headers: { ...call.headers, "content-length": Buffer.byteLength(call.body) },
      signal,
      createConnection: (_options, done) => {
        const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
        const opened = (socket = connect({ host: pinned.address, family: pinned.family, port }));
        const onError = (error: Error): void => done(error, opened);
        opened.once("error", onError);
        opened.once("connect", () => {
          opened.off("error", onError);
          if (mayCall(opened.remoteAddress ?? "", options.allowLoopback)) {
            return done(null, isSecure ? wrapped(opened, url) : opened);
          }
          done(new WebhookError("refused", "The connection led to another address."), opened);
        });
        return undefined;
      },
    });
    request.on("response", (response) => {
      signal.removeEventListener("abort", onTimeout);
      resolve(response.statusCode ?? 0);
      // What it says is nobody's business, and may be endless.
      response.destroy();
    });
    request.on("error", fail);
    request.end(call.body);
  });
}

/** TLS for the URL's own host, whichever address it is at. */
function wrapped(socket: Socket, { hostname }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, "");
  return secure({ socket, host, servername: isIP(host) > 0 ? "" : host, ALPNProtocols: ["http/1.1"] });
}
