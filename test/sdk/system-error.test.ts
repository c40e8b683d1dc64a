import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explainSystemError, LodeError } from "@lode/sdk/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lode-system-error-"));
  await writeFile(join(folder, "file"), "x");
});
afterAll(() => rm(folder, { recursive: true }));

/** How a call that the system refuses is explained. */
async function told(act: () => Promise<unknown>): Promise<LodeError | undefined> {
  const error = await act().then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(Error);
  return explainSystemError(error);
}

function listen(port: number, host: string): Promise<ReturnType<typeof createServer>> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

describe("a refusal of the system", () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ["a file that is missing", () => readFile(join(folder, "none")), /none does not exist; check the path\.$/],
    ["a folder for a file", () => readFile(folder), /where a file is needed; check the path\.$/],
    ["a file for a folder", () => mkdir(join(folder, "file", "x")), /file\/x lies behind a file/],
    [
      "a file for a folder to make",
      () => mkdir(join(folder, "file"), { recursive: true }),
      /file is a file where a folder/,
    ],
    ["what is there already", () => open(join(folder, "file"), "wx"), /file is there already; move it away/],
  ])("is a sentence with the path: %s", async (_name, act, says) => {
    const error = await told(act);
    expect(error?.message).toMatch(says);
    expect(error).toMatchObject({ code: "system", exitCode: 1 });
  });

  it.skipIf(process.platform !== "linux")("is a sentence where there is no room left", async () => {
    const error = await told(() => writeFile("/dev/full", "x"));
    expect(error?.message).toBe("There is no room left on the disk; make some and try again.");
  });

  it("names the port that is taken, and the address that is none of this machine's", async () => {
    const server = await listen(0, "127.0.0.1");
    const { port } = server.address() as { port: number };
    const taken = await told(() => listen(port, "127.0.0.1"));
    server.close();
    expect(taken).toMatchObject({ code: "cannot_listen", exitCode: 8 });
    expect(taken?.message).toBe(`Port ${port} on 127.0.0.1 is in use; stop what listens there or choose another port.`);
    // TEST-NET-1 belongs to nobody.
    const foreign = await told(() => listen(0, "192.0.2.1"));
    expect(foreign?.message).toMatch(/^192\.0\.2\.1 is no address of this machine/);
  });

  it("is nothing else: what we throw and what is broken stay what they are", () => {
    expect(explainSystemError(new LodeError("EACCES", "ours"))).toBeUndefined();
    expect(explainSystemError(new TypeError("broken"))).toBeUndefined();
    expect(explainSystemError("EACCES")).toBeUndefined();
  });
});
