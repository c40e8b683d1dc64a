/**
 * Sends one request over and over on each of some connections and counts whole, right answers. Its own HTTP client, because
 * a general one costs more than the gateways that it would measure. Takes a `Load` as JSON, prints a `LoadResult`.
 */
import { connect } from "node:net";
import { percentile } from "../statistics.ts";

export interface Load {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
  readonly isStream: boolean;
  /** How often an answer must hold `data: ` or its text, at least: what is cut short is an error. */
  readonly pieces: number;
}

export interface LoadResult {
  readonly done: number;
  readonly perSecond: number;
  readonly errors: number;
  readonly problem: string | undefined;
  /** Events of an answer, on the average: a gateway may join what comes fast. */
  readonly events: number;
  /** From a request to the first piece of text, milliseconds. */
  readonly firstP50Ms: number;
  readonly firstP99Ms: number;
}

const load = JSON.parse(process.argv[2] ?? "{}") as Load;
const head = Object.entries({ host: "bench", "content-type": "application/json", ...load.headers })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");
const length = Buffer.byteLength(load.body);
const request = `POST /v1/chat/completions HTTP/1.1\r\n${head}content-length: ${length}\r\n\r\n${load.body}`;

const firsts: number[] = [];
let done = 0;
let events = 0;
let errors = 0;
let problem: string | undefined;
const began = performance.now();
const endsAt = began + load.seconds * 1000;

/** Where a whole answer ends in what came, or -1. */
function wholeAt(text: string): number {
  const bodyAt = text.indexOf("\r\n\r\n") + 4;
  if (bodyAt < 4) return -1;
  const known = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, bodyAt));
  if (known !== null) return text.length >= bodyAt + Number(known[1]) ? bodyAt + Number(known[1]) : -1;
  const end = text.endsWith("0\r\n\r\n") ? text.length : -1;
  return end >= bodyAt + 5 ? end : -1;
}

function run(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(load.port, "127.0.0.1");
    let text = "";
    let sentAt = 0;
    let firstAt = 0;
    const send = (): void => {
      text = "";
      firstAt = 0;
      sentAt = performance.now();
      socket.write(request);
    };
    const fail = (what: string): void => {
      if (performance.now() < endsAt) {
        errors += 1;
        problem ??= what.slice(0, 2000);
      }
      socket.destroy();
    };
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("connect", send);
    socket.on("data", (data: string) => {
      text += data;
      if (firstAt === 0 && text.includes(" word")) firstAt = performance.now();
      if (wholeAt(text) < 0) return;
      const now = performance.now();
      if (now >= endsAt) return void socket.destroy();
      const pieces = text.split(" word").length - 1;
      if (!text.startsWith("HTTP/1.1 200") || pieces < load.pieces || (load.isStream && !text.includes("[DONE]"))) {
        return fail(text);
      }
      done += 1;
      events += text.split("data: ").length - 1;
      firsts.push(firstAt - sentAt);
      send();
    });
    socket.on("error", (error) => fail(String(error)));
    socket.on("close", () => resolve());
    setTimeout(() => socket.destroy(), load.seconds * 1000);
  });
}

await Promise.all(Array.from({ length: load.connections }, run));
const result: LoadResult = {
  done,
  perSecond: done / ((performance.now() - began) / 1000),
  errors,
  problem,
  events: done === 0 ? 0 : events / done,
  firstP50Ms: percentile(firsts, 0.5),
  firstP99Ms: percentile(firsts, 0.99),
};
console.log(JSON.stringify(result));
