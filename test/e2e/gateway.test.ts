import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { personAt } from "../../scripts/dev/people.ts";
import { runLode } from "../../scripts/dev/programs.ts";
import { untilReady } from "../../scripts/processes/ready.ts";
import { root } from "../../scripts/root.ts";
import { audit } from "../helpers/books.ts";
import { startMarket } from "../helpers/market.ts";

let market: Awaited<ReturnType<typeof startMarket>>;
beforeAll(async () => {
  market = await startMarket();
}, 240_000);
afterAll(() => market.stop(), 60_000);

describe("lode client gateway", () => {
  it("serves the OpenAI library, while the coordinator holds no key that can spend", { timeout: 240_000 }, async () => {
    const { devnet, coordinator, model } = market;
    const person = await personAt(join(devnet.layout.folder, "self-signer"));
    await devnet.fund(person);
    await runLode(devnet, person, ["client", "deposit", "50", "--payee", coordinator.person.address]);
    const at = ["--coordinator", coordinator.url];
    const { key } = (await runLode(devnet, person, ["client", "key", ...at])) as { key: string };
    const gateway = devnet.processes.start({
      name: "gateway",
      command: process.execPath,
      // Prices follow the market, so that the list's would be too low a bound.
      args: [
        ...[join(root, "miner", "src", "cli", "main.ts"), "client", "gateway", "--port", "0", "--json", ...at],
        ...["--max-input-price", "0.001", "--max-output-price", "0.001"],
      ],
      env: {
        LODE_HOME: person.home,
        KEYSTORE_PASSWORD_FILE: person.passwordFile,
        RPC_URL: devnet.rpcUrl,
        ADDRESSES_FILE: devnet.addressesFile,
        API_KEY: key,
      },
      logFile: devnet.layout.log("gateway"),
    });
    const url = await untilReady(
      gateway,
      async () => (JSON.parse(gateway.lastLines(1)) as { url: string }).url,
      120_000,
    );
    const openai = new OpenAI({ baseURL: url, apiKey: "anything", maxRetries: 0 });
    const request = { model, messages: [{ role: "user" as const, content: "Hello" }], max_tokens: 12, seed: 1 };
    const whole = await openai.chat.completions.create(request);
    let text = "";
    for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text).toBe(whole.choices[0]?.message.content);

    const payer = person.address.toLowerCase();
    const voucherOf = async () => {
      const answer = await fetch(`${coordinator.url}/v1/log/vouchers`);
      const { vouchers } = (await answer.json()) as { vouchers: { voucher: { payer: string; count: string } }[] };
      return vouchers.find(({ voucher }) => voucher.payer === payer)?.voucher;
    };
    await expect.poll(voucherOf, { timeout: 60_000 }).toMatchObject({ count: "2" });
    expect(await audit(devnet, coordinator)).toMatchObject({ receipts: 2, findings: [] });
    await gateway.stop();
    // As every command that a signal ends.
    expect(await gateway.ended).toMatchObject({ code: 130 });
  });
});
