import { createRequire } from "node:module";
import type * as Eddsa from "@zk-kit/eddsa-poseidon";

/** The package's module for `import` asks a CommonJS package for names that Node does not find in it; the one for `require` works. */
const eddsa = createRequire(import.meta.url)("@zk-kit/eddsa-poseidon") as typeof Eddsa;

export const { deriveSecretScalar, signMessage, verifySignature } = eddsa;
