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
