import { accessManagerAbi, lodeTokenAbi, timelockControllerAbi } from "@lode/sdk/abi";
import type { Addresses } from "@lode/sdk/addresses";
import { keccak256, parseAbiItem, stringToHex, zeroAddress, zeroHash, type Hex, type PublicClient } from "viem";
import { guardian, roles, type Role } from "../../contracts/ignition/roles.ts";
import type { Settings } from "../../contracts/ignition/settings.ts";

/** Blocks asked for at once: what public nodes answer. */
const stride = 5_000n;
const admin = 0n;
const roleNames: Readonly<Record<string, string>> = Object.fromEntries(
  [{ id: admin, label: "ADMIN" }, ...roles, guardian].map(({ id, label }) => [`${id}`, label]),
);

type Chain = Pick<PublicClient, "getLogs" | "readContract" | "getBlockNumber">;

/**
 * Reads back from a chain who may do what, and compares it with what a deployment makes.
 * @returns one sentence for each difference
 */
export async function checkWiring(
  chain: Chain,
  addresses: Addresses,
  settings: Pick<Settings, "governor" | "guardian" | "values">,
): Promise<string[]> {
  const toBlock = await chain.getBlockNumber({ cacheTime: 0 });
  return [
    ...(await differentHolders(chain, addresses, settings, toBlock)),
    ...(await differentFunctions(chain, addresses)),
    ...(await differentTimelock(chain, addresses, settings, toBlock)),
    ...(await differentToken(chain, addresses, settings)),
  ];
}

/** Roles of the access manager, folded from its events: it has no list of members. */
async function differentHolders(
  chain: Chain,
  addresses: Addresses,
  settings: Pick<Settings, "guardian">,
  toBlock: bigint,
): Promise<string[]> {
  const granted = parseAbiItem(
    "event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)",
  );
  const revoked = parseAbiItem("event RoleRevoked(uint64 indexed roleId, address indexed account)");
  const found = new Set<string>();
  await eachLog(
    chain,
    addresses.accessManager,
    addresses.deployedAtBlock,
    toBlock,
    [granted, revoked],
    (name, args) => {
      const holder = `${String(args["roleId"])} ${String(args["account"]).toLowerCase()}`;
      if (name === "RoleGranted") found.add(holder);
      else found.delete(holder);
    },
  );
  const expected = new Set(
    [
      `${admin} ${addresses.timelock}`,
      `${guardian.id} ${settings.guardian}`,
      ...(roles as readonly Role[]).flatMap(({ id, holders }) => holders.map((name) => `${id} ${addresses[name]}`)),
    ].map((text) => text.toLowerCase()),
  );
  return compare(found, expected, (holder) => {
    const [id = "", account = ""] = holder.split(" ");
    return `the role ${roleNames[id] ?? id} of ${account}`;
  });
}

/** The roles that restricted functions ask for. */
async function differentFunctions(chain: Chain, addresses: Addresses): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id, label, functions } of [...roles, guardian] as readonly Role[]) {
    for (const [contract, selectors] of Object.entries(functions)) {
      for (const selector of selectors) {
        const asks = await chain.readContract({
          address: addresses.accessManager,
          abi: accessManagerAbi,
          functionName: "getTargetFunctionRole",
          args: [addresses[contract as keyof typeof functions], selector as Hex],
        });
        if (asks !== id) wrong.push(`The function ${selector} of ${contract} asks for role ${asks}, not ${label}.`);
      }
    }
  }
  return wrong;
}

async function differentTimelock(
  chain: Chain,
  addresses: Addresses,
  settings: Pick<Settings, "governor" | "values">,
  toBlock: bigint,
): Promise<string[]> {
  const granted = parseAbiItem(
    "event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)",
  );
  const revoked = parseAbiItem(
    "event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)",
  );
  const found = new Set<string>();
  await eachLog(chain, addresses.timelock, addresses.deployedAtBlock, toBlock, [granted, revoked], (name, args) => {
    const holder = `${String(args["role"])} ${String(args["account"]).toLowerCase()}`;
    if (name === "RoleGranted") found.add(holder);
    else found.delete(holder);
  });
  const role = (name: string): Hex => keccak256(stringToHex(name));
  const names = new Map(["PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE"].map((name) => [role(name), name]));
  const expected = new Set(
    [
      `${zeroHash} ${addresses.timelock}`,
      `${role("PROPOSER_ROLE")} ${settings.governor}`,
      `${role("CANCELLER_ROLE")} ${settings.governor}`,
      `${role("EXECUTOR_ROLE")} ${zeroAddress}`,
    ].map((text) => text.toLowerCase()),
  );
  const wrong = compare(found, expected, (holder) => {
    const [id = "", account = ""] = holder.split(" ");
    return `the timelock's ${names.get(id as Hex) ?? "DEFAULT_ADMIN_ROLE"} of ${account}`;
  });
  const delay = await chain.readContract({
    address: addresses.timelock,
    abi: timelockControllerAbi,
    functionName: "getMinDelay",
  });
  if (delay !== settings.values.timelockSeconds) {
    wrong.push(`The timelock's delay is ${delay} seconds, not ${settings.values.timelockSeconds}.`);
  }
  return wrong;
}

async function differentToken(
  chain: Chain,
  addresses: Addresses,
  { values }: Pick<Settings, "values">,
): Promise<string[]> {
  const token = { address: addresses.lodeToken, abi: lodeTokenAbi } as const;
  const cap = await chain.readContract({ ...token, functionName: "cap" });
  return cap === values.capWei ? [] : [`The token's cap is ${cap} wei, not ${values.capWei}.`];
}

function compare(found: Set<string>, expected: Set<string>, words: (one: string) => string): string[] {
  return [
    ...[...expected].filter((one) => !found.has(one)).map((one) => `There is not ${words(one)}.`),
    ...[...found].filter((one) => !expected.has(one)).map((one) => `There is ${words(one)}, which nobody asked for.`),
  ];
}

async function eachLog(
  chain: Chain,
  address: Hex,
  fromBlock: number,
  toBlock: bigint,
  events: readonly ReturnType<typeof parseAbiItem>[],
  see: (name: string, args: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  for (let from = BigInt(fromBlock); from <= toBlock; from += stride) {
    const end = from + stride - 1n < toBlock ? from + stride - 1n : toBlock;
    const logs = await chain.getLogs({ address, events: events as never, fromBlock: from, toBlock: end });
    for (const log of logs as unknown as { eventName: string; args: Record<string, unknown> }[]) {
      see(log.eventName, log.args);
    }
  }
}
