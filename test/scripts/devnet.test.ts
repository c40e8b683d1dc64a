import { existsSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { lodeTokenAbi } from "@lode/sdk/abi";
import { startAnvil } from "../../scripts/dev/anvil.ts";
import { personAt } from "../../scripts/dev/people.ts";
import { findFreePort } from "../../scripts/processes/ports.ts";
import { startDevnet, type TestDevnet } from "../helpers/devnet.ts";

let devnet: TestDevnet | undefined;
afterEach(async () => {
  await devnet?.stop();
  devnet = undefined;
});

describe("the devnet", () => {
  it("starts with the contracts deployed", async () => {
    devnet = await startDevnet();
    const { chain, addresses } = devnet;
    const name = await chain.client.readContract({
      address: addresses.lodeToken,
      abi: lodeTokenAbi,
      functionName: "name",
    });
    expect(name).toBe("Lode");
  });

  it("keeps what happened over a kill, logs included", async () => {
    devnet = await startDevnet();
    const { layout, addresses, processes, chain } = devnet;
    const person = await personAt(layout.coordinator, "operator.json");
    await devnet.fund(person);
    await chain.save(layout.chainState);
    const block = await chain.client.getBlockNumber();
    chain.process.kill("SIGKILL");
    await chain.process.ended;

    const port = await findFreePort();
    const again = await startAnvil(processes, { port, from: layout.chainState, logFile: layout.log("again") });
    expect(await again.client.getBlockNumber()).toBe(block);
    const logs = await again.client.getLogs({ address: addresses.lodeToken, fromBlock: 0n });
    expect(logs.length).toBeGreaterThan(1);
  });

  it("pays the faucet's gift once", async () => {
    devnet = await startDevnet();
    const person = await personAt(devnet.layout.client);
    const token = { address: devnet.addresses.lodeToken, abi: lodeTokenAbi, functionName: "balanceOf" } as const;
    await devnet.fund(person);
    await devnet.fund(person);
    expect(await devnet.chain.client.readContract({ ...token, args: [person.address] })).toBe(100_000n * 10n ** 18n);
  });

  it("removes its folder and its processes", async () => {
    const started = await startDevnet();
    await started.stop();
    expect(started.chain.process.isAlive()).toBe(false);
    expect(existsSync(started.layout.folder)).toBe(false);
  });
});
