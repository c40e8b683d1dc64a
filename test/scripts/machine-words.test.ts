import { describe, expect, it } from "vitest";
import { findMachineWords } from "../../scripts/check/machine-words.ts";

const checkout = "/srv/checkout";
/** Put together here, so that this file passes the check it tests. */
const home = ["", "home", "ada", "lode"].join("/");

describe("findMachineWords", () => {
  it.each([
    ["a home folder", `const x = "${home}/file.ts";`],
    ["a home folder at the start of a line", home],
    ["root's home folder", ["see ", "root", ".npmrc"].join("/")],
    ["the checkout's folder", `path: ${checkout}/miner`],
    ["a registry's address", ["https:/", "registry.npmjs.org", "x-1.0.0.tgz"].join("/")],
  ])("finds %s", (_, text) => {
    expect(findMachineWords(`first line\n${text}`, checkout)).toMatchObject([{ line: 2 }]);
  });

  it.each([
    ["a route", 'GET "/v1/log/root"'],
    ["a relative path", "../home/x and ./root/y"],
    ["a plain word", "the root/leaf distinction"],
    ["another address", "https://example.org/registry/"],
  ])("accepts %s", (_, text) => {
    expect(findMachineWords(text, checkout)).toEqual([]);
  });
});
