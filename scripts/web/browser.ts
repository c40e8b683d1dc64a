import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Debian's Chromium. Installs it when it is missing and that can be done: as root on Debian.
 * @returns its path, or why there is none
 */
export function findChromium(): { readonly path: string } | { readonly missing: string } {
  const find = (): string | undefined =>
    [process.env["CHROMIUM_PATH"] ?? "", ...places].find((place) => place !== "" && existsSync(place));
  const found = find();
  if (found !== undefined) return { path: found };
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    return { missing: "Chromium is not here (apt-get install chromium, or set CHROMIUM_PATH)" };
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync("apt-get", ["update", "-qq"], { env, stdio: "ignore", timeout: 120_000 });
    const install = ["install", "-qq", "--no-install-recommends", "chromium"];
    execFileSync("apt-get", install, { env, stdio: "ignore", timeout: 300_000 });
  } catch {
    return { missing: "Chromium is not here and apt-get cannot install it now" };
  }
  const path = find();
  return path === undefined ? { missing: "apt-get installed no Chromium" } : { path };
}

/** Starts a Chromium that asks nobody for anything by itself. */
export function launch(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}

/** What a page must not do, gathered while it is open. */
export interface Watched {
  readonly page: Page;
  /** Requests to others than the coordinator and its chain. */
  readonly strangers: readonly string[];
  /** What the console calls an error, violations of the page's policy among it. */
  readonly errors: readonly string[];
}

/** Opens a page and notes whom it asks and what it complains of. */
export async function watch(context: BrowserContext, friends: readonly string[]): Promise<Watched> {
  const page = await context.newPage();
  const strangers: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith("data:") && !friends.includes(new URL(url).origin)) strangers.push(url);
  });
  page.on("console", (message) => {
    // What a page asks for on purpose and is not there: it shows that itself.
    if (message.type() === "error" && !message.text().includes("status of 404")) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  return { page, strangers, errors };
}

/** A finding of axe that matters. */
export interface AxeFinding {
  readonly id: string;
  readonly impact: string;
  readonly targets: readonly string[];
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact?: string | null;
    readonly nodes: readonly { readonly target: readonly unknown[] }[];
  }[];
}

/** Findings of axe-core that are serious or critical. */
export async function seriousFindings(page: Page): Promise<AxeFinding[]> {
  // The debugger's own way in: the page's policy lets no script be added.
  await page.evaluate(axeSource);
  const results = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  return results.violations.flatMap(({ id, impact, nodes }) =>
    impact === "serious" || impact === "critical"
      ? [{ id, impact, targets: nodes.map(({ target }) => target.join(" ")) }]
      : [],
  );
}

/**
 * A wallet for tests that announces itself as EIP-6963 wants it. It holds no key: a development chain signs for its own
 * unlocked accounts.
 */
export async function addTestWallet(context: BrowserContext, rpcUrl: string, account: string): Promise<void> {
  await context.addInitScript(
    ({ url, address }) => {
      const page = globalThis as unknown as EventTarget;
      const listeners = new Map<string, Set<(value: unknown) => void>>();
      let id = 0;
      let isConnected = false;
      const provider = {
        isTestWallet: true,
        async request({ method, params = [] }: { method: string; params?: unknown[] }): Promise<unknown> {
          if (method === "eth_requestAccounts") isConnected = true;
          if (method === "eth_requestAccounts" || method === "eth_accounts") return isConnected ? [address] : [];
          if (method.startsWith("wallet_")) return null;
          const answer = await fetch(url, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
          });
          const { result, error } = (await answer.json()) as {
            result?: unknown;
            error?: { code: number; message: string; data?: unknown };
          };
          if (error !== undefined) throw Object.assign(new Error(error.message), error);
          return result;
        },
        on(event: string, listener: (value: unknown) => void) {
          listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
        },
        removeListener(event: string, listener: (value: unknown) => void) {
          listeners.get(event)?.delete(listener);
        },
      };
      const info = {
        uuid: "3f0a4c7e-6c1e-4a3a-9b7f-5d2f2b1c9a10",
        name: "Test wallet",
        icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
        rdns: "example.test.wallet",
      };
      const announce = (): void => {
        const detail = Object.freeze({ info, provider });
        page.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
      };
      page.addEventListener("eip6963:requestProvider", announce);
      announce();
    },
    { url: rpcUrl, address: account },
  );
}
