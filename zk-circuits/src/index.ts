export { circuitOf, circuits, filesOf, type Circuit, type CircuitFiles } from "./circuits.ts";
export { ZkError } from "./errors.ts";
export { manifestFile, readManifest, type CircuitRecord, type Manifest } from "./manifest.ts";
export { solidityProof, type SolidityProof } from "./proof.ts";
export { NativeProver, proverOf, SnarkjsProver, witnessOf, type Proved, type Prover } from "./prover.ts";
