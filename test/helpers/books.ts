import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { root } from "../../scripts/root.ts";
import type { TestClient, TestCoordinator } from "./market.ts";
import type { TestDevnet } from "./devnet.ts";

const run = promisify(execFile);

export interface Books {
  readonly receipts: number;
  readonly debitedWei: string;
  readonly creditedWei: string;
  readonly feesWei: string;
  readonly findings: readonly { readonly kind: string; readonly message: string }[];
}

/** Audits the coordinator from outside with the real command; its findings are in the answer, whatever its exit code. */
export async function audit(devnet: TestDevnet, coordinator: Pick<TestCoordinator, "url">): Promise<Books> {
  const args = [
    "audit",
    "--json",
    "--rpc",
    devnet.rpcUrl,
    "--log",
    coordinator.url,
    "--addresses",
    devnet.addressesFile,
  ];
  const program = [join(root, "miner", "src", "cli", "main.ts"), ...args];
  try {
    return JSON.parse((await run(process.execPath, program)).stdout) as Books;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    if (stdout === undefined || stdout.trim() === "")
      throw new Error(`the audit did not run: ${stderr ?? ""}`, { cause: error });
    return JSON.parse(stdout) as Books;
  }
}

/** Money of the client that jobs hold. */
export async function lockedWei(coordinator: Pick<TestCoordinator, "url">, client: TestClient): Promise<bigint> {
  const headers = { authorization: `Bearer ${client.key}` };
  const answer = await fetch(`${coordinator.url}/v1/wallet/balance`, { headers });
  if (!answer.ok) throw new Error(`the balance answers ${answer.status}: ${await answer.text()}`);
  return BigInt(((await answer.json()) as { lockedWei: string }).lockedWei);
}

/** Waits until a condition holds, at most for `seconds`. */
export async function until(what: string, isTrue: () => Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await isTrue().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s`);
    await pause(50);
  }
}
