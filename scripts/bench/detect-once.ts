/** One detection in this process: `node detect-once.ts full|bare` prints its time and what came of it as JSON. */
import { probeAccelerators } from "@lode/miner/engines";
import { detectHere, engineFindings, type Findings } from "@lode/miner/hardware";

const isFull = process.argv[2] === "full";
const engineProbe = async (): Promise<Findings> => engineFindings(await probeAccelerators(5000));
const started = performance.now();
const hardware = await detectHere(isFull ? { engineProbe, probeMs: 5000 } : {});
const detectMs = performance.now() - started;
const outcomes: Record<string, number> = {};
for (const { outcome } of hardware.probes) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
const [slowest] = hardware.probes.toSorted((a, b) => b.ms - a.ms);
process.stdout.write(JSON.stringify({ detectMs, gpus: hardware.gpus.length, outcomes, slowest: slowest?.name }));
process.exit(0);
