import { readFileSync } from "node:fs";
import {
  classes,
  classifierReport,
  classifyFeatures,
  featuresOf,
  packFeatures,
  unpackFeatures,
} from "@lode/zk-circuits/classifier";
import { describe, expect, it } from "vitest";
import { disagreements, thousandInputs } from "../../scripts/zk/agreement.ts";
import { renderCircom, renderWeights } from "../../zk-circuits/model/render.ts";
import { trainedModel } from "../../zk-circuits/model/trained.ts";

describe("the circuit and the reference in TypeScript", () => {
  it(
    "agree output by output on the extremes and some texts; zk:verify asks a thousand",
    { timeout: 300_000 },
    async () => {
      const all = thousandInputs();
      expect(all).toHaveLength(1_000);
      // Two flat inputs, then two for each of 38 units.
      const some = all.slice(0, 2 + 2 * 38 + 22);
      expect(await disagreements(some)).toEqual([]);
      expect(new Set(some.map(classifyFeatures)).size).toBe(classes.length);
    },
  );
});

describe("features", () => {
  it("survive being packed, and other lengths are refused", () => {
    for (const features of thousandInputs().slice(0, 100)) {
      expect(unpackFeatures(packFeatures(features))).toEqual(features);
    }
    expect(() => unpackFeatures("0x00")).toThrow(RangeError);
  });

  it("do not depend on case, marks or what lies beyond the part that is read", () => {
    expect(featuresOf("CAF\u00c9 cr\u00e8me")).toEqual(featuresOf("cafe creme"));
    const long = "word ".repeat(2_000);
    expect(featuresOf(long)).toEqual(featuresOf(`${long} something else`));
  });
});

describe("the trained network", () => {
  it(
    "is what its recipe trains, byte for byte, and quantisation costs less than a hundredth",
    { timeout: 300_000 },
    () => {
      const { network, report } = trainedModel();
      expect(renderWeights(network, report)).toBe(readFileSync("zk-circuits/src/classifier/weights.json", "utf8"));
      expect(renderCircom(network)).toBe(readFileSync("zk-circuits/circuits/classifier-weights.circom", "utf8"));
      expect(report).toEqual(classifierReport);
      expect(report.accuracyFloat - report.accuracy).toBeLessThan(0.01);
      expect(report.accuracy).toBeGreaterThan(0.85);
    },
  );
});
