import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../root.ts";

/** Contracts whose ABI the SDK carries, by the artifact's folder; a library's begin with @. */
const contracts = {
  lodeToken: "token/LodeToken",
  staking: "staking/Staking",
  paymentEscrow: "payments/PaymentEscrow",
  receiptLedger: "ledger/ReceiptLedger",
  recovery: "payments/Recovery",
  rewards: "rewards/Rewards",
  faultProofs: "disputes/FaultProofs",
  demands: "disputes/Demands",
  court: "disputes/Court",
  blockRandomness: "randomness/BlockRandomness",
  drandRandomness: "randomness/DrandRandomness",
  zkJobs: "zk/ZkJobs",
  zkSettlement: "zk/ZkSettlement",
  eddsaPoseidon: "zk/EddsaPoseidon",
  groth16Verifier: "zk/Groth16Verifier",
  accessManager: "@openzeppelin/contracts/access/manager/AccessManager",
  timelockController: "@openzeppelin/contracts/governance/TimelockController",
} as const;

/** One TypeScript file per ABI, and the index that names them. */
export function renderAbis(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const names = Object.entries(contracts).map(([key, path]) => {
    const name = path.split("/").at(-1) ?? path;
    const folder = path.startsWith("@") ? path : join("contracts", path);
    const file = join(root, "artifacts", `${folder}.sol`, `${name}.json`);
    const { abi } = JSON.parse(readFileSync(file, "utf8")) as { abi: unknown };
    const fileName = name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
    files.set(
      `contracts/sdk/abi/${fileName}.ts`,
      `/** ABI of ${name}, generated from the compiler's output. */\nexport const ${key}Abi = ${JSON.stringify(abi, null, 2)} as const;\n`,
    );
    return { key, fileName };
  });
  const imports = names.map(({ key, fileName }) => `import { ${key}Abi } from "./${fileName}.ts";\n`).join("");
  const list = names.map(({ key }) => `  ${key}Abi,\n`).join("");
  files.set(
    "contracts/sdk/abi/index.ts",
    `${imports}\nexport {\n${list}};\n\n/** Every contract's ABI. */\nexport const everyAbi = [\n${list}] as const;\n`,
  );
  return files;
}
