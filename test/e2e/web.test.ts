import { anvilSigner, devnetChainId } from "@lode/sdk/keys";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as programs from "../../scripts/dev/programs.ts";
import {
  addTestWallet,
  findChromium,
  launch,
  seriousFindings,
  watch,
  type Watched,
} from "../../scripts/web/browser.ts";
import { countShifts, keep, look, open, overflow, shifted, untilLoaded } from "../../scripts/web/visit.ts";
import { findFreePort } from "../../scripts/processes/ports.ts";
import { startMarket } from "../helpers/market.ts";

const chromium = findChromium();
const messages = [{ role: "user" as const, content: "Tell me a short story." }];
const patience = { timeout: 60_000 };
/** Unlocked on the chain, so that it signs for it. */
const holder = anvilSigner(7, devnetChainId).address;

const pages = [
  ["overview", "/"],
  ["receipts", "/receipts"],
  ["receipt", "/receipts/0"],
  ["miners", "/miners"],
  ["models", "/models"],
  ["epochs", "/epochs"],
  ["liabilities", "/liabilities"],
  ["disputes", "/disputes"],
  ["evidence-of-nothing", "/disputes/nothing"],
  ["bookings", "/bookings"],
  ["playground", "/playground"],
  ["wallet", "/wallet"],
  ["fleet", "/fleet"],
  ["nothing", "/no/such/page"],
] as const;

describe.skipIf("missing" in chromium)(
  `the explorer in a browser${"missing" in chromium ? ` (skipped: ${chromium.missing})` : ""}`,
  { timeout: 240_000 },
  () => {
    let market: Awaited<ReturnType<typeof startMarket>>;
    let browser: Browser;
    let context: BrowserContext;
    let url: string;
    let operatorKey: string;
    /** Where the coordinator says that its index is; nobody listens there. */
    let indexUrl: string;
    /** The job of the last answer before the tests. */
    let accused: string;
    const watched: Watched[] = [];
    const closers: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      browser = await launch("path" in chromium ? chromium.path : "");
      closers.push(() => browser.close());
      // Half of a model's slots may be booked: with one there would be nothing to book.
      indexUrl = `http://127.0.0.1:${await findFreePort()}/graphql`;
      market = await startMarket({
        ...{ miners: 1, minerEnv: { MAX_CONCURRENCY: "2" } },
        coordinatorEnv: { PUBLIC_GRAPHQL_URL: indexUrl },
      });
      closers.push(() => market.stop());
      ({ url } = market.coordinator);
      const { devnet, coordinator, client, model } = market;
      await devnet.fund({ address: holder, home: "", keystoreFile: "", passwordFile: "" });
      // The first one is promised its first token; whether it came in time depends on the machine.
      for (const seed of [1, 2, 3]) {
        const headers = seed === 1 ? { "x-lode-latency": "standard" } : {};
        const body = { model, messages, max_tokens: 40, seed };
        ({ id: accused } = await client.openai.chat.completions.create(body, { headers }));
      }
      const wanted = ["client", "key", "--scope", "admin", "--coordinator", url];
      ({ key: operatorKey } = (await programs.runLode(devnet, coordinator.person, wanted)) as { key: string });
      context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC" });
      context.setDefaultTimeout(60_000);
      await countShifts(context);
      await addTestWallet(context, devnet.rpcUrl, holder);
    }, 300_000);
    afterAll(async () => {
      for (const close of closers) await close();
    });

    const newPage = async (): Promise<Page> => {
      const one = await watch(context, [url, market.devnet.rpcUrl, new URL(indexUrl).origin]);
      watched.push(one);
      return one.page;
    };

    it("checks a receipt against the chain, every check passed, and says what each means", async () => {
      const page = await newPage();
      await look(page, "light", "desk");
      await open(page, url, "/receipts/0");
      await page.locator("[data-verdict=good]").waitFor();
      const outcomes = await page
        .locator("[data-check]")
        .evaluateAll((items) =>
          items.map((item) => (item as unknown as { dataset: { outcome: string } }).dataset.outcome),
        );
      expect(outcomes).toEqual(Array<string>(12).fill("passed"));
      const facts = (await page.locator("dl.facts").textContent()) ?? "";
      expect(facts).toContain("Promiseda first token within 2.0 sRefunded");
      expect(await page.locator("[data-check=anchored] .detail").textContent()).toContain(market.devnet.rpcUrl);
      // The same through the visitor's own wallet instead of the node that the coordinator names.
      await page.getByLabel("Chain read from").selectOption({ label: "Test wallet" });
      await expect
        .poll(() => page.locator("[data-check=anchored] .detail").textContent(), patience)
        .toContain("Test wallet");
      await page.locator("[data-verdict=good]").waitFor();
      await page.close();
    });

    it("finds a receipt that the coordinator changed by one wei, and a chain that does not answer", async () => {
      const page = await newPage();
      await page.route("**/v1/log/entries?start=1&limit=1", async (route) => {
        const answer = await route.fetch();
        const body = (await answer.json()) as { entries: { receipt: { amountWei: string } }[] };
        for (const { receipt } of body.entries) receipt.amountWei = `${BigInt(receipt.amountWei) + 1n}`;
        await route.fulfill({ response: answer, json: body });
      });
      await open(page, url, "/receipts/1");
      await page.locator("[data-verdict=bad]").waitFor();
      for (const name of ["receipt_signed", "amount_right", "in_log", "anchored"]) {
        expect(await page.locator(`[data-check=${name}]`).getAttribute("data-outcome")).toBe("failed");
      }
      expect(await page.locator("[data-check=quote_signed]").getAttribute("data-outcome")).toBe("passed");
      await look(page, "light", "desk");
      await keep(page, "receipt-tampered");
      await page.route(`${market.devnet.rpcUrl}/**`, (route) => route.abort());
      await open(page, url, "/receipts/2");
      await page.locator("[data-verdict=warn]").waitFor();
      expect(await page.locator("[data-check=anchored] .why").textContent()).toContain("chain");
      expect(await page.locator("[data-check=in_log]").getAttribute("data-outcome")).toBe("passed");
      await page.close();
    });

    it("has no serious finding of axe, nothing to scroll sideways at 360 px and nothing that jumps, light and dark", async () => {
      const page = await newPage();
      const findings: unknown[] = [];
      for (const [name, path] of pages) {
        await look(page, "light", "desk");
        await open(page, url, path);
        if (name === "receipt") await page.locator("[data-verdict=good]").waitFor();
        const moved = await shifted(page);
        if (moved > 0.1) findings.push({ name, moved });
        for (const scheme of ["light", "dark"] as const) {
          await look(page, scheme, "desk");
          for (const finding of await seriousFindings(page)) findings.push({ name, scheme, ...finding });
          await keep(page, `${name}-${scheme}`);
        }
        await look(page, "light", "phone");
        const wide = await overflow(page);
        if (wide > 0) findings.push({ name, wide });
        await keep(page, `${name}-phone`);
      }
      expect(findings).toEqual([]);
      await page.close();
    });

    it("compares the coordinator's word with its index, with the chain when that is away, and says so when both are", async () => {
      const page = await newPage();
      await look(page, "light", "desk");
      const miner = market.miners[0]!.person.address.toLowerCase();
      const { epochs } = (await (await fetch(`${url}/v1/explorer/epochs?limit=50`)).json()) as {
        epochs: { epoch: number; size: number; root: string; liabilitiesRoot: string; transaction: string }[];
      };
      const [latest] = epochs;
      const anchors = epochs.map(({ epoch, size, transaction, ...roots }) => ({
        ...{ epoch: `${epoch}`, size: `${size}`, transactionHash: transaction, ...roots },
        ...(epoch === latest!.epoch && { root: `0x${"ab".repeat(32)}` }),
      }));
      const data = {
        _meta: { block: { number: 77 }, hasIndexingErrors: false },
        anchors: [{ ...anchors[0]!, epoch: `${latest!.epoch + 7}` }, ...anchors],
        stakers: [{ id: miner, stakedWei: "1230000000000000000", faults: 2 }],
        channels: [
          { payer: market.coordinator.person.address, payee: miner, kind: "POOLED", collectedWei: "1", collections: 1 },
        ],
        collecteds: [],
        ...{ filed: [], cases: [], opened: [], demands: [], faults: [] },
      };
      const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
      await page.route(indexUrl, (route) => route.fulfill({ headers: cors, json: { data } }));
      const byIndex = page.getByText("told by the coordinator's index at block 77");

      await open(page, url, "/epochs");
      await byIndex.waitFor();
      const row = (epoch: number) => page.getByRole("row", { name: new RegExp(`^${epoch} `) });
      await row(latest!.epoch).getByText("the chain has another").waitFor();
      await row(latest!.epoch).getByText("chain: 0xabab…abab").waitFor();
      await row(latest!.epoch + 7)
        .getByText("not told by the coordinator")
        .waitFor();
      await keep(page, "epochs-contradicted");
      await open(page, url, "/miners");
      await byIndex.waitFor();
      await page.getByRole("row", { name: /1\.23 LODE punished 2 times/ }).waitFor();
      await keep(page, "miners-index");
      await open(page, url, `/miners/${miner}`);
      await page.getByText("coordinator says 0").waitFor();
      expect(await byIndex.count()).toBe(2);
      await keep(page, "miner-contradicted");
      await open(page, url, "/liabilities");
      await page.getByText("chain says 0.000000000000000001").waitFor();
      await keep(page, "liabilities-contradicted");

      // The same pages without the index: by the chain, where nothing contradicts the coordinator.
      await page.unroute(indexUrl);
      const byChain = page.getByText("read from the chain; the index does not answer");
      for (const path of ["/epochs", "/miners", `/miners/${miner}`, "/liabilities"]) {
        await open(page, url, path);
        await byChain.first().waitFor();
        const contradictions = page.locator(".badge", { hasText: /says|another|not on the chain|not told/ });
        expect(await contradictions.count()).toBe(0);
      }
      // And without either.
      await page.route(`${market.devnet.rpcUrl}/**`, (route) => route.abort());
      await open(page, url, "/epochs");
      await page
        .getByRole("alert")
        .getByText(/No chain answers/)
        .waitFor();
      await page.getByText("not compared").first().waitFor();
      await keep(page, "epochs-alone");
      expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(1);
      await open(page, url, "/liabilities");
      await page.getByText("not read from the chain").first().waitFor();
      // What nobody told is not nothing.
      const pool = page.locator(".cover > div", { hasText: "in the escrow" });
      expect(await pool.textContent()).toContain("—");
      await keep(page, "liabilities-alone");
      await page.unroute(`${market.devnet.rpcUrl}/**`);
      await page.getByRole("button", { name: "Try again" }).first().click();
      await pool.getByText("LODE").waitFor();
      await page.close();
    });

    it("is worked with the keyboard alone, and goes back and forward", async () => {
      const page = await newPage();
      await look(page, "light", "desk");
      await open(page, url, "/");
      await page.keyboard.press("Tab");
      expect(await page.evaluate<string>("document.activeElement.textContent")).toBe("Skip to the page");
      const reach = async (text: string): Promise<void> => {
        for (let at = 0; at < 60; at++) {
          await page.keyboard.press("Tab");
          if ((await page.evaluate<string>("document.activeElement.textContent")) === text) return;
        }
        throw new Error(`Tab never reached "${text}"`);
      };
      await reach("Receipts");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Receipts" }).waitFor();
      // The focus stands where the new page begins.
      expect(await page.evaluate<string>("document.activeElement.id")).toBe("main");
      await untilLoaded(page);
      await reach("#2");
      await page.keyboard.press("Enter");
      await page.locator("[data-verdict=good]").waitFor();
      await page.goBack();
      await page.getByRole("heading", { level: 1, name: "Receipts" }).waitFor();
      await page.goForward();
      await page.getByRole("heading", { level: 1, name: "Receipt #2" }).waitFor();
      await page.close();
    });

    it("deposits, signs in, asks, shows the receipt, spends and withdraws with a wallet in the browser", async () => {
      const page = await newPage();
      await look(page, "light", "desk");
      await open(page, url, "/wallet");
      await page.getByRole("button", { name: "Connect Test wallet" }).click();
      await page.getByLabel("Amount in LODE").fill("25");
      await page.getByRole("button", { name: "Deposit", exact: true }).click();
      await page.getByText("Deposited.", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Sign in to spend" }).click();
      await page.getByRole("heading", { name: "To spend" }).waitFor();

      await page.getByRole("link", { name: "Playground" }).click();
      await page.getByLabel("At most so many tokens").fill("40");
      await page.getByRole("button", { name: "Ask" }).click();
      await page.getByRole("link", { name: "Check it in this browser" }).waitFor();
      expect((await page.locator(".answer").textContent())?.length).toBeGreaterThan(10);
      await keep(page, "playground-answered");
      await page.getByRole("link", { name: "Check it in this browser" }).click();
      await page.locator("[data-verdict=good]").waitFor();
      const [, ownJob = ""] = /\/receipts\/([^/]+)$/.exec(page.url()) ?? [];

      await page.getByRole("link", { name: "Wallet" }).click();
      await page.getByRole("table", { name: "By model" }).waitFor();
      await page.getByRole("button", { name: "Sign in to manage keys" }).click();
      await page.getByLabel("What the key is for").fill("laptop");
      await page.getByLabel("LODE a month that it may spend").fill("2");
      await page.getByRole("button", { name: "Make a key" }).click();
      expect(await page.locator(".secret").textContent()).toMatch(/^lode_/);
      await page
        .getByRole("row", { name: /laptop/ })
        .getByRole("button", { name: "Rotate" })
        .click();
      await expect.poll(() => page.getByRole("row", { name: /laptop/ }).count(), patience).toBe(2);
      expect(await page.locator(".secret").textContent()).toMatch(/^lode_/);
      await page
        .getByRole("row", { name: /laptop/ })
        .getByRole("button", { name: "Revoke" })
        .first()
        .click();
      await page.getByRole("row", { name: /laptop.*revoked/ }).waitFor();

      await page.getByRole("link", { name: "Bookings" }).click();
      await page.getByText("You hold no booking.").waitFor();
      await page.getByRole("button", { name: "Book", exact: true }).click();
      await page.getByText(/^Booked: 1 slot/).waitFor();
      await keep(page, "bookings-open");
      await page.getByRole("button", { name: "Give back" }).click();
      await page.getByText("You hold no booking.").waitFor();
      await page.getByText("Given back.").waitFor();
      await page.getByLabel("Job or assignment").fill("chatcmpl-000000000000000000000000");
      await page.getByRole("button", { name: "Review it" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByLabel("Job or assignment").fill(ownJob);
      await page.getByLabel("4").check();
      await page.getByRole("button", { name: "Review it" }).click();
      await page.getByText("Thank you: 1 miner reviewed.").waitFor();
      const findings: unknown[] = [];
      for (const scheme of ["light", "dark"] as const) {
        await look(page, scheme, "desk");
        findings.push(...(await seriousFindings(page)));
      }
      await look(page, "light", "phone");
      await keep(page, "bookings-open-phone");
      expect(await overflow(page)).toBe(0);
      await look(page, "light", "desk");

      await page.getByRole("link", { name: "Wallet" }).click();
      await page.getByLabel("Amount in LODE").fill("5");
      await page.getByRole("button", { name: "Start to withdraw" }).click();
      await page.getByText("The thaw has begun.").waitFor();
      await page.getByText("thawing towards a withdrawal").waitFor();
      for (const scheme of ["light", "dark"] as const) {
        await look(page, scheme, "desk");
        findings.push(...(await seriousFindings(page)));
        await keep(page, `wallet-connected-${scheme}`);
      }
      await look(page, "light", "phone");
      await keep(page, "wallet-connected-phone");
      expect({ findings, wide: await overflow(page) }).toEqual({ findings: [], wide: 0 });
      await page.close();
    });

    it("shows the fleet to the operator, and a wrong key its sentence", async () => {
      const page = await newPage();
      await open(page, url, "/fleet");
      await page.getByPlaceholder("lode_…").fill(`lode_00000000_${"A".repeat(43)}`);
      await page.getByRole("button", { name: "Use it" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByPlaceholder("lode_…").fill(operatorKey);
      await page.getByRole("button", { name: "Use it" }).click();
      await page.getByRole("table", { name: "Mean time to the first token by miner and minute" }).waitFor();
      const findings: unknown[] = [];
      for (const scheme of ["light", "dark"] as const) {
        await look(page, scheme, "desk");
        findings.push(...(await seriousFindings(page)));
        await keep(page, `fleet-open-${scheme}`);
      }
      await look(page, "light", "phone");
      await keep(page, "fleet-open-phone");
      expect(await overflow(page)).toBe(0);
      // The tab of the page stays in sight.
      const tabs = page.getByRole("navigation", { name: "Main" });
      await open(page, url, "/fleet");
      expect(
        await tabs.evaluate((element) => (element as unknown as { scrollLeft: number }).scrollLeft),
      ).toBeGreaterThan(0);
      await open(page, url, `/miners/${market.miners[0]!.person.address.toLowerCase()}`);
      await page.getByText("Nobody ever accused it.").waitFor();
      findings.push(...(await seriousFindings(page)));
      await page.getByRole("table", { name: "Events of this miner" }).waitFor();
      await keep(page, "miner-phone");
      expect({ findings, wide: await overflow(page) }).toEqual({ findings: [], wide: 0 });
      await look(page, "dark", "desk");
      await keep(page, "miner-dark");
      await page.close();
    });

    it("shows a demand, and everything that it showed to the contract", async () => {
      const { devnet, client, coordinator } = market;
      const accuse = ["dispute", "accuse", accused, "--tokens", "--coordinator", coordinator.url];
      await programs.runLode(devnet, client.person, accuse);
      const page = await newPage();
      await look(page, "light", "desk");
      await open(page, url, "/disputes");
      await page.getByRole("row", { name: /show the tokens of the output/ }).waitFor();
      await keep(page, "disputes-open");
      await page.getByRole("link", { name: "evidence" }).first().click();
      const shown = page.locator(".evidence > div").filter({ hasText: "assignment.client" });
      expect((await shown.textContent())?.toLowerCase()).toContain(client.person.address.toLowerCase());
      const findings: unknown[] = [];
      for (const scheme of ["light", "dark"] as const) {
        await look(page, scheme, "desk");
        findings.push(...(await seriousFindings(page)));
        await keep(page, `evidence-${scheme}`);
      }
      await look(page, "light", "phone");
      await keep(page, "evidence-phone");
      expect({ findings, wide: await overflow(page) }).toEqual({ findings: [], wide: 0 });
      await page.close();
    });

    it("says that the coordinator is away, keeps what it showed, and goes on when it is back", async () => {
      const page = await newPage();
      await open(page, url, "/");
      await page.route("**/v1/**", (route) => route.abort());
      await page.getByText("no answer").waitFor();
      expect(await page.getByRole("table", { name: "Receipts" }).isVisible()).toBe(true);
      await page.unroute("**/v1/**");
      await page.getByText("1 online").waitFor();
      await page.close();
    });

    it("asked nobody but the coordinator and its chain, and broke no rule of its policy", () => {
      expect(watched.length).toBeGreaterThan(5);
      expect(watched.flatMap(({ strangers }) => strangers)).toEqual([]);
      // What the tests cut off on purpose is told by the browser as a failed load.
      const errors = watched.flatMap(({ errors: seen }) => seen);
      expect(errors.filter((error) => !/Failed to load resource|net::ERR_FAILED/.test(error))).toEqual([]);
    });
  },
);
