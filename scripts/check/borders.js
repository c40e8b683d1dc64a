/**
 * Who may import whom, as lint rules. One entry is one house; its `forbid` patterns match the import path as written,
 * so both package names and relative paths are caught. Tests and scripts may import anything, and nothing imports them.
 */
const outside = { regex: "(^|/)(scripts|test)/", message: "Nothing imports scripts or tests." };
const coordinator = {
  regex: "(^@lode/coordinator(/|$)|(^|/)coordinator/src)",
  message: "Only the wire (@lode/protocol) leaves the coordinator.",
};
const miner = {
  regex: "(^@lode/miner(/|$)|(^|/)miner/src)",
  message: "The miner is imported by scripts and tests only.",
};
const protocol = { regex: "(^@lode/protocol(/|$)|(^|/)coordinator/protocol)", message: "The SDK is a leaf package." };
const typebox = { regex: "^(@sinclair/)?typebox(/|$)", message: "Wire schemas live in coordinator/protocol." };
const prismaImport = {
  regex: "(^@prisma/|^prisma$|prisma/generated|^@electric-sql/|^pglite-)",
  message: "Only plugins reach the database; use the decorators.",
};
const rawKeys = {
  regex: "^(ethers|secp256k1|viem/accounts)(/|$)",
  message: "Private keys live behind the signers of @lode/sdk/keys.",
};
const engine = { regex: "^node-llama-cpp", message: "Only miner/src/engines knows an inference library." };
const world = {
  regex: "^(node:(?!(assert|buffer)$)|fastify|@fastify/|viem|ethers|ws$|prom-client|pino)",
  message: "This part is pure: hand it data, it hands data back.",
};
const layer = (name, message) => ({ regex: `^\\.{1,2}/(.*/)?${name}/`, message });
const above = layer("(plugins|routes|workers)", "The domain knows nothing of the layers above it.");
const cli = layer("cli", "cli -> daemon -> engines, wallet, hardware, chain; never upwards.");
const daemon = layer("daemon", "cli -> daemon -> engines, wallet, hardware, chain; never upwards.");

const subgraphParts = {
  regex: "^(fastify|mercurius|@electric-sql/|node:)",
  message: "The mappings' host knows memory and numbers; databases and servers are the indexer's.",
};

/** @type {{ files: string[], ignores?: string[], forbid: { regex: string, message: string }[] }[]} */
export const borders = [
  {
    files: ["contracts/sdk/**/*.ts"],
    ignores: ["contracts/sdk/audit/**", "contracts/sdk/keys/**"],
    forbid: [outside, coordinator, miner, protocol, typebox, rawKeys],
  },
  { files: ["contracts/sdk/keys/**/*.ts"], forbid: [outside, coordinator, miner, protocol, typebox] },
  { files: ["contracts/sdk/audit/**/*.ts"], forbid: [outside, coordinator, miner, protocol, typebox, rawKeys, world] },
  {
    files: ["coordinator/protocol/**/*.ts"],
    forbid: [outside, coordinator, layer("src", "The wire knows no server."), miner, rawKeys, world],
  },
  { files: ["coordinator/src/domain/**/*.ts"], forbid: [outside, miner, rawKeys, prismaImport, world, above] },
  { files: ["coordinator/src/plugins/**/*.ts"], forbid: [outside, miner, rawKeys] },
  { files: ["coordinator/src/{routes,workers}/**/*.ts"], forbid: [outside, miner, rawKeys, prismaImport] },
  { files: ["coordinator/src/*.ts"], forbid: [outside, miner, rawKeys] },
  {
    files: ["zk-circuits/{src,model}/**/*.ts"],
    forbid: [outside, coordinator, miner, protocol, rawKeys],
  },
  { files: ["miner/src/cli/**/*.ts"], forbid: [outside, coordinator, rawKeys, engine] },
  { files: ["miner/src/daemon/**/*.ts"], forbid: [outside, coordinator, rawKeys, engine, cli] },
  { files: ["miner/src/engines/**/*.ts"], forbid: [outside, coordinator, rawKeys, cli, daemon] },
  {
    files: ["miner/src/audit/**/*.ts"],
    // A witness shows its figures in the daemon's way; it knows nothing else of it.
    forbid: [outside, coordinator, rawKeys, engine, cli],
  },
  {
    files: ["miner/src/{wallet,hardware,chain,verify,store}/**/*.ts", "miner/src/*.ts"],
    forbid: [outside, coordinator, rawKeys, engine, cli, daemon],
  },
  {
    files: ["subgraph/host/**/*.ts"],
    forbid: [outside, coordinator, miner, protocol, rawKeys, subgraphParts, layer("indexer", "indexer -> host.")],
  },
  { files: ["subgraph/indexer/**/*.ts"], forbid: [outside, coordinator, miner, protocol, rawKeys] },
];

/** Ambient things that would make a pure part depend on when and where it runs. */
export const pureParts = {
  files: ["coordinator/src/domain/**/*.ts", "contracts/sdk/audit/**/*.ts"],
  globals: ["fetch", "process", "setTimeout", "setInterval", "setImmediate", "performance"],
  properties: [
    { object: "Date", property: "now", message: "Take the time as an argument." },
    { object: "Math", property: "random", message: "Take randomness as an argument." },
  ],
};
