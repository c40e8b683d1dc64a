import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Vitest's global set-up: one temporary folder for the whole run, named in LODE_TEST_RUN, where test files share what
 * is expensive to make once (the state of a devnet with deployed contracts). Removed when the run ends.
 */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "lode-test-"));
  process.env["LODE_TEST_RUN"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
