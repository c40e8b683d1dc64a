import type { Hex } from "@lode/sdk/hash";
import { ledgerDomain, type Domain } from "@lode/sdk/typed-data";
import { parseMinerMessage, ProtocolError, type MinerMessage } from "@lode/protocol";
import type { Chain } from "../chain/chain.ts";
import { Doorstep } from "./doorstep.ts";
import { makeNonce, proveMiner, type Hello } from "./handshake.ts";
import { openLink, type MinerSocket, type Wire } from "./link.ts";
import type { Link, MinerSession } from "./session.ts";

export interface EntranceOptions {
  readonly coordinator: Hex;
  readonly chain: Chain;
  /** Where miners find this coordinator: what their hellos must be signed for. */
  readonly origins: () => ReadonlySet<string>;
  readonly nowMs: () => number;
  /** The link that a miner has now. */
  readonly sessionOf: (miner: Hex) => MinerSession | undefined;
  /** Takes in a miner that has proved itself, in the place of the link that it had. Throws ProtocolError. */
  readonly admit: (miner: Hex, hello: Hello, link: Link) => MinerSession;
  readonly onFrame: (session: MinerSession, data: Buffer) => void;
  readonly onMessage: (session: MinerSession, message: MinerMessage) => (() => Promise<void>) | undefined;
  readonly onPong: (session: MinerSession) => void;
  /** What failed for a reason that is not the miner's, which is undefined before its hello. */
  readonly onProblem: (miner: Hex | undefined, error: unknown) => void;
  readonly onClose: (session: MinerSession) => void;
}

/** How long a miner has to answer the challenge. */
const helloMs = 10_000;
/** Whoever does not take a goodbye would keep the socket, and hold the process. */
const goodbyeMs = 1000;

/** Where miners' sockets come in: challenge, proof, then work. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #domain: Domain;
  readonly #links = new Set<MinerSocket>();
  readonly #doorstep = new Doorstep();
  #isShut = false;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#domain = ledgerDomain(options.chain.addresses);
  }

  /** Takes a new socket. */
  accept(socket: MinerSocket, wire: Wire, address: string): void {
    const leaveDoorstep = this.#isShut ? undefined : this.#doorstep.enter(address);
    if (leaveDoorstep === undefined) return end(socket, 1013, "try again later");
    const { coordinator, chain, nowMs, onFrame, onMessage, onPong, onProblem, onClose } = this.#options;
    const nonce = makeNonce();
    this.#links.add(socket);
    let session: MinerSession | undefined;
    let isProving = false;
    const timeout = setTimeout(() => link.refuse("hello_timeout", "No hello came in time."), helloMs);
    const proved = (): void => {
      clearTimeout(timeout);
      leaveDoorstep();
    };
    const link = openLink(socket, wire, {
      onFrame: (data) => {
        if (session === undefined) throw new ProtocolError("early_frame", "a frame came before the hello");
        onFrame(session, data);
      },
      onMessage: (text) => {
        const message = parseMinerMessage(text);
        if (session !== undefined) return onMessage(session, message);
        if (message.type !== "hello" || isProving)
          throw new ProtocolError("hello_first", "a link begins with one hello");
        isProving = true;
        return async () => {
          try {
            session = await this.#welcome(socket, link, nonce, message);
            proved();
          } catch (error) {
            if (error instanceof ProtocolError) throw error;
            onProblem(undefined, error);
            link.refuse("unavailable", "The stake cannot be checked now; connect again in a moment.");
          }
        };
      },
      onPong: () => {
        if (session !== undefined) onPong(session);
      },
      onProblem: (error) => onProblem(session?.miner, error),
      onClose: () => {
        this.#links.delete(socket);
        if (session === undefined) proved();
        else onClose(session);
      },
    });
    const challenge = { protocol: 1, nonce, coordinator, addresses: chain.addresses, serverTimeMs: nowMs() } as const;
    link.send(JSON.stringify({ type: "challenge", ...challenge }));
  }

  /** From now on no link is taken; those that are there go on. */
  shut(): void {
    this.#isShut = true;
  }

  /** Ends every socket. */
  close(): void {
    this.shut();
    for (const socket of this.#links) end(socket, 1001, "the coordinator stops");
  }

  async #welcome(
    socket: MinerSocket,
    { send, close, isPaused }: ReturnType<typeof openLink>,
    nonce: Hex,
    hello: Hello,
  ): Promise<MinerSession> {
    const { coordinator, chain, origins, nowMs, sessionOf, admit } = this.#options;
    const earlier = sessionOf(hello.miner.toLowerCase() as Hex);
    const miner = await proveMiner({ coordinator, domain: this.#domain, chain, origins, nowMs }, nonce, hello);
    // While the chain was asked the socket may have closed, or the coordinator begun to stop.
    if (socket.readyState !== socket.OPEN || this.#isShut) throw new ProtocolError("closing", "Connect again later.");
    const old = sessionOf(miner);
    // The miner's later link may have been faster: this one may be dead already, and must not end that.
    if (old !== undefined && old !== earlier) throw new ProtocolError("closing", "Connect again later.");
    return admit(miner, hello, { send, close, isPaused, ping: () => socket.ping() });
  }
}

function end(socket: MinerSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), goodbyeMs).unref();
}
