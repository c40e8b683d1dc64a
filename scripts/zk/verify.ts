/**
 * `npm run zk:verify [-- NAME ...] [--quick]`: whether what is committed belongs together, from the sources to the contracts.
 *
 * Quick: sources, witness calculators and keys are the manifest's, the exported key is the zkey's and the contract's, and
 * its gamma and delta differ. In full it also compiles the sources again, makes each development key again and compares it
 * byte for byte, and has snarkjs check each key against its constraints and phase 1, which is made when it is not there: for
 * development keys the beacon's, else `--phase1 FILE`. An interrupted run goes on where it was; `--again` checks everything.
 */
import { chosenCircuits } from "./chosen.ts";
import { verifyQuickly } from "./verify-quick.ts";
import { forgetChecks } from "./verified.ts";
import { verifyFully } from "./verify-full.ts";

const words = process.argv.slice(2);
const at = words.indexOf("--phase1");
const phase1 = at < 0 ? undefined : words.splice(at, 2)[1];
const isQuick = words.includes("--quick");
if (words.includes("--again")) forgetChecks();
for (const circuit of chosenCircuits(words, ({ isCommitted }) => isCommitted)) {
  const wrong = [...(await verifyQuickly(circuit)), ...(isQuick ? [] : await verifyFully(circuit, phase1))];
  console.log(`${circuit.name}: ${wrong.length === 0 ? "everything belongs together" : "WRONG"}`);
  for (const line of wrong) console.error(`  ${line}`);
  if (wrong.length > 0) process.exitCode = 1;
}
// The curve's threads stay for the next call.
process.exit();
