import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { root } from "../root.ts";

/** Where screenshots are kept for people to look at; git does not know the folder. */
export const screenshots = join(root, "coordinator", "web", "screenshots");

export type Look = "light" | "dark";
/** The narrowest screen that is served, and a usual desk. */
export const widths = { phone: 360, desk: 1280 } as const;

/** Waits until a page has its data: nothing waits any more, and fonts and layout are still. */
export async function untilLoaded(page: Page): Promise<void> {
  await page.locator("main h1").waitFor();
  // By looking: the page's policy runs no text, a condition to wait for neither.
  const waiting = page.locator(".waiting");
  while ((await waiting.count()) > 0) await waiting.first().waitFor({ state: "detached" });
}

/** Opens an address of the explorer and waits for what it shows. */
export async function open(page: Page, url: string, path: string): Promise<void> {
  await page.goto(`${url}/explorer${path}`);
  await untilLoaded(page);
}

/** Chooses how a context's pages look. */
export async function look(page: Page, scheme: Look, width: keyof typeof widths): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.setViewportSize({ width: widths[width], height: width === "phone" ? 780 : 900 });
}

/** Keeps the whole page as a picture. */
export async function keep(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

/** How far a page is wider than its window, pixels; 0 when nothing has to be scrolled sideways. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

/** Adds up, from a page's first moment on, how much of it moved under the reader's eyes. */
export async function countShifts(context: BrowserContext): Promise<void> {
  await context.addInitScript(`
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  `);
}

export function shifted(page: Page): Promise<number> {
  return page.evaluate<number>("window.shifted");
}
