import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessManagerAbi, drandRandomnessAbi } from "@lode/sdk/abi";
import { parseAddresses, type Addresses } from "@lode/sdk/addresses";
import { createKeystore } from "@lode/sdk/keys";
import { parseEther, type Hex } from "viem";
import { writeContract } from "viem/actions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evmnet } from "../../contracts/ignition/drand.ts";
import { networks } from "../../contracts/ignition/networks.ts";
import { checkedValues } from "../../contracts/ignition/parameters.ts";
import { refusals, type Settings } from "../../contracts/ignition/settings.ts";
import { ensureCompiled } from "../../scripts/deploy/compile.ts";
import { startAnvil, type Devnet } from "../../scripts/dev/anvil.ts";
import { findFreePort } from "../../scripts/processes/ports.ts";
import { Processes } from "../../scripts/processes/processes.ts";
import { root } from "../../scripts/root.ts";

const network = "base-sepolia";
const { chainId } = networks[network];
const governor: Hex = `0x${"a1".repeat(20)}`;
const guardian: Hex = `0x${"b2".repeat(20)}`;
const treasury: Hex = `0x${"c3".repeat(20)}`;

let folder: string;
let addressesFile: string;
let chain: Devnet;
let deployer: Hex;
/** Where a dry run says that the contracts will be. */
let rehearsed: Addresses;
const processes = new Processes();

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lode-deploy-"));
  addressesFile = join(folder, "addresses.json");
  await ensureCompiled();
  chain = await startAnvil(processes, {
    port: await findFreePort(),
    from: undefined,
    logFile: join(folder, "chain.log"),
    chainId,
  });
  writeFileSync(join(folder, "password"), "a password");
  chmodSync(join(folder, "password"), 0o600);
  ({ address: deployer } = await createKeystore("a password", { file: join(folder, "deployer.json") }));
}, 1_800_000);

afterAll(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const usual = (): string[] => [
  ...["--network", network, "--rpc-url", chain.url, "--governor", governor, "--guardian", guardian],
  ...["--treasury", treasury, "--deployment", join(folder, "deployment"), "--confirmations", "1", "--json"],
  ...["--addresses", addressesFile],
];
const withKey = (): string[] => [
  ...usual(),
  ...["--keystore", join(folder, "deployer.json"), "--password-file", join(folder, "password")],
];

function deploy(args: readonly string[], env: Record<string, string> = {}, killAt?: RegExp): Promise<Outcome> {
  const child = spawn(process.execPath, [join(root, "scripts", "deploy", "main.ts"), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  return new Promise((resolve) => {
    let out = "";
    let err = "";
    child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => {
      err += bytes.toString();
      if (killAt?.test(err) === true) child.kill("SIGKILL");
    });
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

describe("a deployment to a public network", { timeout: 300_000 }, () => {
  it("refuses what only a devnet may have, each with its reason", () => {
    const good: Settings = {
      chainId,
      deployer: `0x${"d4".repeat(20)}`,
      governor,
      guardian,
      treasury,
      values: checkedValues(),
    };
    expect(refusals(good)).toEqual([]);
    const published = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    const changes: [Partial<Settings>, RegExp][] = [
      [{ deployer: published }, /deployer .* is a test account whose key everybody has/],
      [{ governor: published }, /governor .* is a test account/],
      [{ guardian: published }, /guardian .* is a test account/],
      [{ treasury: published }, /treasury .* is a test account/],
      [{ governor: good.deployer }, /governor is the deployer/],
      [{ guardian: good.deployer }, /guardian is the deployer/],
      [{ treasury: good.deployer }, /treasury is the deployer/],
      [{ guardian: governor }, /are one account/],
      [{ treasury: `0x${"0".repeat(40)}` }, /treasury is the zero address/],
    ];
    for (const [change, reason] of changes) {
      expect(refusals({ ...good, ...change }), `${reason}`).toEqual([expect.stringMatching(reason)]);
      expect(refusals({ ...good, ...change, chainId: 31337 })).toEqual([]);
      // A chain that nobody listed is not taken for a toy.
      expect(refusals({ ...good, ...change, chainId: 424242 })).toHaveLength(1);
    }
  });

  it("says what is wrong with its options, and does nothing", async () => {
    const without = (option: string): string[] => {
      const args = withKey();
      args.splice(args.indexOf(option), 2);
      return args;
    };
    for (const option of ["--network", "--governor", "--guardian", "--treasury", "--keystore"]) {
      const { code, err } = await deploy(without(option));
      expect([code, err]).toEqual([2, `${option} is missing. --help tells the options.\n`]);
    }
    const elsewhere = withKey();
    elsewhere[1] = "sepolia";
    expect(await deploy(elsewhere)).toMatchObject({
      code: 2,
      err: `The node is of chain ${chainId}, and sepolia is chain ${networks.sepolia.chainId}.\n`,
    });
    writeFileSync(join(folder, "parameters.json"), JSON.stringify({ timelockSeconds: "3600" }));
    expect(await deploy([...withKey(), "--parameters", join(folder, "parameters.json")])).toMatchObject({
      code: 2,
      err: expect.stringContaining("timelockSeconds is 3600 seconds, outside 864000..5184000") as string,
    });
    writeFileSync(join(folder, "parameters.json"), "null");
    expect(await deploy([...withKey(), "--parameters", join(folder, "parameters.json")])).toMatchObject({
      code: 2,
      err: expect.stringContaining("no JSON object") as string,
    });
    expect(await chain.client.getBlockNumber({ cacheTime: 0 })).toBe(0n);
  });

  it("shows addresses and gas without a key, and says when there are no funds", async () => {
    const dry = await deploy([...usual(), "--deployer", deployer, "--dry-run"]);
    expect(dry).toMatchObject({ code: 0 });
    expect(await chain.client.getBlockNumber({ cacheTime: 0 })).toBe(0n);
    const { gas, addresses } = JSON.parse(dry.out) as { gas: string; addresses: Addresses };
    expect(BigInt(gas)).toBeGreaterThan(10_000_000n);
    rehearsed = addresses;
    expect(await deploy(withKey())).toMatchObject({
      code: 5,
      err: expect.stringMatching(/has 0 ether; the deployment needs 0\.\d+\./) as string,
    });
  });

  it("goes on where a kill stopped it, only with the same settings, and then does nothing more", async () => {
    await chain.client.setBalance({ address: deployer, value: parseEther("10") });
    const killed = await deploy(withKey(), {}, / 7 {2}\w+/);
    expect(killed.code).toBeNull();
    // What a kill in the middle of that write leaves.
    writeFileSync(join(folder, "deployment", "deployed_addresses.json"), "");
    expect(existsSync(addressesFile)).toBe(false);
    const other = withKey();
    other[other.indexOf("--treasury") + 1] = governor;
    expect(await deploy(other)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/An earlier run began with other settings/) as string,
    });
    const done = await deploy(withKey());
    expect(done, done.err).toMatchObject({ code: 0 });
    const { addresses, differences } = JSON.parse(done.out) as { addresses: unknown; differences: string[] };
    expect(differences).toEqual([]);
    expect(parseAddresses(addresses)).toEqual(JSON.parse(readFileSync(addressesFile, "utf8")));
    expect(parseAddresses(addresses)).toEqual(rehearsed);

    const before = await chain.client.getBlockNumber({ cacheTime: 0 });
    expect(await deploy(withKey())).toMatchObject({ code: 0, out: done.out });
    expect(await chain.client.getBlockNumber({ cacheTime: 0 })).toBe(before);
  });

  it("draws from drand's published network, with the rollup's margin", async () => {
    const { publicKey, genesis, period } = JSON.parse(
      readFileSync(join(root, "test", "vectors", "evmnet.json"), "utf8"),
    ) as { publicKey: Hex[]; genesis: number; period: number };
    expect(evmnet).toEqual({
      publicKey: publicKey.map((part) => BigInt(part)),
      genesis: BigInt(genesis),
      period: BigInt(period),
    });
    const { randomness } = parseAddresses(JSON.parse(readFileSync(addressesFile, "utf8")));
    const its = await chain.client.readContract({
      address: randomness,
      abi: drandRandomnessAbi,
      functionName: "network",
    });
    expect(its).toEqual([evmnet.publicKey, evmnet.genesis, evmnet.period, 43_200n]);
  });

  it("finds a right that nobody should have", async () => {
    const { accessManager, timelock, lodeToken } = parseAddresses(JSON.parse(readFileSync(addressesFile, "utf8")));
    const check = [
      ...usual().filter((arg) => arg !== "--treasury" && arg !== treasury),
      "--deployer",
      deployer,
      "--check",
    ];
    expect(await deploy(check)).toMatchObject({ code: 0 });
    await chain.client.impersonateAccount({ address: timelock });
    await chain.client.setBalance({ address: timelock, value: parseEther("1") });
    const write = { chain: null, account: timelock, address: accessManager, abi: accessManagerAbi } as const;
    await writeContract(chain.client, { ...write, functionName: "grantRole", args: [1n, guardian, 0] });
    await writeContract(chain.client, {
      ...write,
      functionName: "setTargetFunctionRole",
      args: [lodeToken, ["0x40c10f19"], 4n],
    });
    const { code, out } = await deploy(check);
    expect(code).toBe(1);
    expect((JSON.parse(out) as { differences: string[] }).differences).toEqual([
      `There is the role MINTER of ${guardian}, which nobody asked for.`,
      "The function 0x40c10f19 of lodeToken asks for role 4, not MINTER.",
    ]);
  });

  it("publishes every contract's source with its constructor's arguments", async () => {
    const asked: { path: string; name: string; sources: number }[] = [];
    const contract = (match: string | null): object => ({
      ...{ match, creationMatch: match, runtimeMatch: match, chainId: `${chainId}`, address: "" },
    });
    const server = createServer((request, response) => {
      const path = (request.url ?? "").split("?")[0] ?? "";
      let body = "";
      request.on("data", (bytes: Buffer) => (body += bytes.toString()));
      request.on("end", () => {
        if (request.method === "POST") {
          const { stdJsonInput, contractIdentifier } = JSON.parse(body) as {
            stdJsonInput: { sources: object };
            contractIdentifier: string;
          };
          asked.push({ path, name: contractIdentifier, sources: Object.keys(stdJsonInput.sources).length });
          response.writeHead(202, { "content-type": "application/json" }).end(`{"verificationId":"${asked.length}"}`);
        } else if (path.includes("/v2/contract/")) {
          response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify(contract(null)));
        } else {
          const text = {
            isJobCompleted: true,
            verificationId: "1",
            jobStartTime: "",
            contract: contract("exact_match"),
          };
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(text));
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as { port: number };
      const env = { SOURCIFY_URL: `http://127.0.0.1:${port}` };
      const { code, err } = await deploy([...usual(), "--verify"], env);
      expect(code, err).toBe(0);
      const {
        deployedAtBlock: _,
        chainId: __,
        ...addresses
      } = parseAddresses(JSON.parse(readFileSync(addressesFile, "utf8")));
      const places = asked.map(({ path }) => path.toLowerCase());
      for (const address of Object.values(addresses)) expect(places).toContain(`/v2/verify/${chainId}/${address}`);
      expect(asked).toHaveLength(12);
      for (const { name, sources } of asked) expect([name, sources > 0]).toEqual([expect.stringContaining(":"), true]);
    } finally {
      server.close();
    }
  });
});
