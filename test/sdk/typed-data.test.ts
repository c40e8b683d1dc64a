import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { bytesToHex } from "@lode/sdk/hash";
import {
  assignmentDigest,
  digest,
  digestOf,
  eip712Types,
  escrowDomain,
  fromWire,
  hashStruct,
  ledgerDomain,
  schemas,
  toWire,
  type StructName,
} from "@lode/sdk/typed-data";
import { TypedDataEncoder } from "ethers";
import { hashTypedData, type Hex } from "viem";
import { describe, expect, it } from "vitest";
import { randomStruct } from "../vectors/random-struct.ts";
import vectors from "../vectors/typed-data.json" with { type: "json" };

const names = Object.keys(schemas) as StructName[];
const contract = bytesToHex(randomBytes(20));
const escrow = escrowDomain({ chainId: 31337, paymentEscrow: contract });
const ledger = ledgerDomain({ chainId: 8453, receiptLedger: contract });

describe.each(names)("%s", (name) => {
  it("has the digest that viem and ethers compute", () => {
    for (let i = 0; i < 25; i++) {
      const message = randomStruct(name);
      for (const { separator: _, ...domain } of [escrow, ledger]) {
        const ours = digest(domain.chainId === 31337 ? escrow : ledger, name, message);
        const types: Record<string, { name: string; type: string }[]> = eip712Types(name);
        const values = message as Record<string, unknown>;
        expect(ours).toBe(hashTypedData({ domain, types, primaryType: name, message: values }));
        expect(ours).toBe(TypedDataEncoder.hash(domain, types, values));
      }
    }
  });

  it("changes with every field", () => {
    const message = randomStruct(name);
    const hash = hashStruct(name, message);
    for (const [, field] of schemas[name]) {
      let other = randomStruct(name);
      const value = (struct: object): unknown => (struct as Record<string, unknown>)[field];
      while (value(other) === value(message)) other = randomStruct(name);
      expect(hashStruct(name, { ...message, [field]: value(other) })).not.toBe(hash);
    }
  });

  it("refuses a value that does not fit, in memory and on the wire", () => {
    const message = randomStruct(name);
    const tooLarge: Record<string, unknown> = {
      address: "0x12",
      bytes32: `0x${"00".repeat(31)}`,
      bool: 1,
      string: "half a character \ud800",
      uint8: 256,
      uint32: 2 ** 32,
      uint64: 1n << 64n,
      uint128: 1n << 128n,
    };
    for (const [type, field] of schemas[name]) {
      const odd = tooLarge[type];
      expect(() => hashStruct(name, { ...message, [field]: odd })).toThrow(`${name}.${field}`);
      const wire = typeof odd === "bigint" ? odd.toString() : odd;
      expect(() => fromWire(name, { ...toWire(name, message), [field]: wire })).toThrow(`${name}.${field}`);
    }
  });

  it("survives JSON", () => {
    const message = randomStruct(name);
    expect(fromWire(name, JSON.parse(JSON.stringify(toWire(name, message))))).toEqual(message);
  });
});

describe("golden vectors", () => {
  const at = { escrow: vectors.paymentEscrow as Hex, ledger: vectors.receiptLedger as Hex };
  const domains = {
    escrow: escrowDomain({ chainId: vectors.chainId, paymentEscrow: at.escrow }),
    ledger: ledgerDomain({ chainId: vectors.chainId, receiptLedger: at.ledger }),
  };

  it("hold one message of every struct", () => {
    expect(vectors.structs.map((struct) => struct.name)).toEqual(names);
  });

  it("are each hashed in Solidity too", () => {
    const solidity = readFileSync("test/contracts/unit/TypeHashes/digests.t.sol", "utf8");
    const tested = [...solidity.matchAll(/function test_(\w+)\(/g)].map(([, name]) => name);
    expect(tested).toEqual(names);
  });

  it.each(vectors.structs)("$name", (vector) => {
    const name = vector.name as StructName;
    const domain = vector.domain === "escrow" ? domains.escrow : domains.ledger;
    const message = fromWire(name, vector.message);
    expect(hashStruct(name, message)).toBe(vector.structHash);
    expect(digest(domain, name, message)).toBe(vector.digest);
    expect(digestOf(domain, vector.structHash as Hex)).toBe(vector.digest);
    if (name === "Assignment") expect(assignmentDigest(domain, fromWire(name, vector.message))).toBe(vector.digest);
  });
});
