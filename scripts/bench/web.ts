/** What the explorer costs its visitor: bytes before the first page works, and how long the largest thing on it takes to be seen. */
import { gzipSync } from "node:zlib";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { Display } from "../dev/display.ts";
import { layoutOf } from "../dev/layout.ts";
import { openMarket } from "../dev/market.ts";
import { streamJob } from "../dev/job.ts";
import { Processes } from "../processes/processes.ts";
import { findChromium, launch, seriousFindings, watch } from "../web/browser.ts";
import { look, open } from "../web/visit.ts";
import { median, round } from "./statistics.ts";

const ROUNDS = 5;
const pages = [
  "/",
  "/receipts",
  "/receipts/0",
  "/miners",
  "/models",
  "/epochs",
  "/liabilities",
  "/disputes",
  "/playground",
  "/wallet",
  "/fleet",
];

/**
 * @returns `firstLoadKb`: JavaScript of the overview, gzip, in kB; `lcpMs`: the median of its largest contentful paint with
 * an empty cache; `axeSerious`: serious and critical findings of axe on every page, light and dark
 */
export async function web(): Promise<Record<string, unknown>> {
  const chromium = findChromium();
  if ("missing" in chromium) throw new Error(`${chromium.missing}.`);
  const folder = mkdtempSync(join(tmpdir(), "lode-bench-web-"));
  const processes = new Processes();
  const browser = await launch(chromium.path);
  try {
    const market = await openMarket(new Display(process.stderr), processes, layoutOf(folder), { autoPort: true });
    const { url } = market.coordinator;
    const request = { model: market.model, prompt: "Tell me a short story.", maxTokens: 40, seed: 1 };
    await streamJob({ url, key: market.key }, request, { note: () => undefined, stream: () => undefined });
    const loads = [];
    for (let turn = 0; turn < ROUNDS; turn++) {
      const context = await browser.newContext();
      loads.push(await firstLoad(context, url));
      await context.close();
    }
    const context = await browser.newContext();
    const { page } = await watch(context, [url, market.rpcUrl]);
    let axeSerious = 0;
    for (const path of pages) {
      await look(page, "light", "desk");
      await open(page, url, path);
      for (const scheme of ["light", "dark"] as const) {
        await look(page, scheme, "desk");
        axeSerious += (await seriousFindings(page)).length;
      }
    }
    return {
      bench: "web",
      rounds: ROUNDS,
      firstLoadKb: round(Math.max(...loads.map(({ bytes }) => bytes)) / 1000, 1),
      lcpMs: round(median(loads.map(({ lcpMs }) => lcpMs)), 0),
      axeSerious,
      pages: pages.length,
    };
  } finally {
    await browser.close();
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Loads the overview with nothing in the cache. */
async function firstLoad(context: BrowserContext, url: string): Promise<{ bytes: number; lcpMs: number }> {
  await context.addInitScript(`
    window.largestMs = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.largestMs = entry.startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
  `);
  const { page } = await watch(context, [url]);
  const bodies: Promise<number>[] = [];
  page.on("response", (response) => {
    if (new URL(response.url()).pathname.endsWith(".js")) {
      bodies.push(response.body().then((body) => gzipSync(body, { level: 9 }).length));
    }
  });
  await open(page, url, "/");
  await page.getByRole("table", { name: "Receipts" }).waitFor();
  const bytes = (await Promise.all(bodies)).reduce((sum, size) => sum + size, 0);
  return { bytes, lcpMs: await page.evaluate<number>("window.largestMs") };
}
