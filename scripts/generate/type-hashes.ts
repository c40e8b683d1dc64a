import { encodeType, schemas, type StructName } from "../../contracts/sdk/typed-data/index.ts";

/** `SignerProof` -> `SIGNER_PROOF`. */
function constantName(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

/** The Solidity library with every EIP-712 type hash, from the SDK's one table. */
export function renderTypeHashes(): string {
  const constants = (Object.keys(schemas) as StructName[]).map((name) => {
    const type = encodeType(name);
    return `    /// @notice ${name}\n    bytes32 internal constant ${constantName(name)} =\n        keccak256(\n            "${type}"\n        );`;
  });
  return `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title EIP-712 type hashes, generated from contracts/sdk/typed-data/schemas.ts
library TypeHashes {
${constants.join("\n")}
}
`;
}

/** Structs that contracts take as evidence; the others are only ever hashed outside, or have a home of their own. */
const evidence = ["Assignment", "Receipt", "Progress", "TreeHead"] as const satisfies readonly StructName[];

/** Solidity structs with the fields of the SDK's table: `abi.encode(typeHash, value)` is their EIP-712 encoding. */
export function renderStructs(): string {
  const structs = evidence.map((name) => {
    const fields = schemas[name].map(([type, field]) => `    ${type} ${field};`).join("\n");
    return `/// @notice ${name}, see contracts/sdk/typed-data/schemas.ts\nstruct ${name} {\n${fields}\n}`;
  });
  return `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.37;\n\n${structs.join("\n\n")}\n`;
}
