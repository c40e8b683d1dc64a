import { classes } from "../src/classifier/classes.ts";
import { featureCount } from "../src/classifier/features.ts";
import { hiddenMaximum, type Network } from "../src/classifier/network.ts";
import type { Report } from "./trained.ts";

/** The network as `src/classifier/model.ts` reads it: rows of weights in base64. */
export function renderWeights(network: Network, report: Report): string {
  const base64 = (row: Int8Array): string => Buffer.from(row.buffer, row.byteOffset, row.length).toString("base64");
  const value = {
    report,
    shift: network.shift,
    hiddenBias: [...network.hiddenBias].join(" "),
    outputBias: [...network.outputBias].join(" "),
    hidden: network.hidden.map(base64),
    output: network.output.map(base64),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The network as constants of the circuit, with how many bits its sums need. */
export function renderCircom(network: Network): string {
  const list = (row: ArrayLike<number>): string => `[${Array.from(row).join(",")}]`;
  const matrix = (rows: readonly Int8Array[]): string => `[\n        ${rows.map(list).join(",\n        ")}\n    ]`;
  const constants: Readonly<Record<string, string>> = {
    featureCount: `${featureCount}`,
    hiddenCount: `${network.hidden.length}`,
    classCount: `${classes.length}`,
    hiddenShift: `${network.shift}`,
    hiddenBits: `${bitsFor(network.hidden, network.hiddenBias, 1)}`,
    outputBits: `${bitsFor(network.output, network.outputBias, hiddenMaximum)}`,
    hiddenWeights: matrix(network.hidden),
    hiddenBiases: list(network.hiddenBias),
    outputWeights: matrix(network.output),
    outputBiases: list(network.outputBias),
  };
  const text = Object.entries(constants).map(([name, value]) => `function ${name}() {\n    return ${value};\n}\n`);
  return `pragma circom 2.1.9;\n\n// Written by model/build.ts from what it trained.\n\n${text.join("\n")}`;
}

/** Bits of a signed number that holds every sum that inputs of 0..maximum can give. */
function bitsFor(rows: readonly Int8Array[], biases: Int32Array, maximum: number): number {
  const sizes = rows.map((row, unit) =>
    row.reduce((sum, w) => sum + Math.abs(w) * maximum, Math.abs(biases[unit] ?? 0)),
  );
  return Math.ceil(Math.log2(Math.max(...sizes) + 1)) + 1;
}
