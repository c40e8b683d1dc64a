/** What of snarkjs a packaged miner proves with: the whole of it loads templates and parsers by paths of its own folder. */
export * as groth16 from "../../node_modules/snarkjs/src/groth16.js";
export * as wtns from "../../node_modules/snarkjs/src/wtns.js";
