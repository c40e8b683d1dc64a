import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Command } from "commander";
import { ownSandbox, probeAccelerators, usableBackends } from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { detectHere, engineFindings, type Findings, type Placement } from "../../hardware/index.ts";
import { readConfigFile } from "../config-file.ts";
import { Context } from "../context.ts";
import { checkCoordinator } from "../doctor/coordinator.ts";
import { checkEngine, checkModel } from "../doctor/engine.ts";
import { countFindings, look, showFindings, type Finding, type Subject } from "../doctor/finding.ts";
import { adviceOf, checkAccelerators, checkDisk, checkMachine, checkNode } from "../doctor/machine.ts";
import { checkSandbox } from "../doctor/sandbox.ts";
import { checkSettings } from "../doctor/settings.ts";
import { checkChain, checkWallet } from "../doctor/wallet.ts";
import type { Io } from "../io.ts";
import { accelerationOf, modelsIn } from "../miner/start-options.ts";

interface DoctorOptions {
  readonly coordinator?: string;
  readonly model: string;
}

const engineMs = 120_000;
const usualMs = 15_000;
/** A doctor has more time than a start. */
const probeMs = 5000;

/** `lode doctor` */
export function addDoctor(program: Command, io: Io): void {
  program
    .command("doctor")
    .description("say what works on this machine, what does not, and what to do about it")
    .option("--coordinator <url>", "the coordinator to reach (or COORD_URL)")
    .option(
      "--model <model>",
      "embedded, a GGUF file, one of lode model list, or hf:owner/repo/file.gguf (or MODEL)",
      "embedded",
    )
    .addHelpText(
      "after",
      `
Looks at settings, Node, the machine, accelerators, disk, models, sandbox, model, engine, wallet,
chain, stake, coordinator and clock. Nothing is changed, downloaded or sent.

Exit codes: 0 nothing keeps this machine from earning (there may be warnings); else that of the first
problem: 2 settings, 3 wallet, 4 chain or coordinator, 9 model or engine, 1 anything else.
--json prints {"isReady", "findings": [{"name", "state", "says", "next"?, "exitCode"?, "figures"?}]};
a state is ok, warning, problem or unknown.

Examples:
  lode doctor
  lode doctor --coordinator http://127.0.0.1:8402 --model ~/models/llama.Q8_0.gguf
  lode doctor --json`,
    )
    .action(async (options: DoctorOptions, command: Command) => {
      // A bad line of the configuration file is one finding among others, not the end of the examination.
      const context = new Context(io, command, (home) => ({ ...readConfigFile(home), problems: [] }));
      const settings = checkSettings(readConfigFile(context.home), io.env);
      const findings = [settings, ...(await examine(context, options))];
      const problems = findings.filter(({ state }) => state === "problem");
      const isReady = problems.length === 0;
      context.result({ isReady, findings }, `${showFindings(findings)}\n${countFindings(findings)}`);
      if (isReady) return;
      const names = problems.map(({ name }) => name).join(", ");
      throw new MinerError("problems", `This machine cannot earn yet, because of: ${names}.`, {
        exitCode: problems[0]?.exitCode ?? exitCode.failed,
      });
    });
}

async function examine(context: Context, options: DoctorOptions): Promise<Finding[]> {
  const { env, io } = context;
  const model = options.model === "embedded" ? modelsIn(env["MODEL"])[0] : options.model;
  const url = options.coordinator ?? env["COORD_URL"];
  // What is no number is the settings' finding; here it counts as not given.
  const numberOf = (setting: string): number | undefined =>
    /^[1-9][0-9]{0,8}$/.test(env[setting] ?? "") ? Number(env[setting]) : undefined;
  const limits = { sequences: numberOf("MAX_CONCURRENCY") ?? 1, maxMemoryMb: numberOf("MAX_MEMORY_MB") };
  const folder = existsSync(context.workFolder) ? context.workFolder : tmpdir();
  const accelerators = probeAccelerators(probeMs);
  accelerators.catch(() => undefined);
  const engineProbe = async (): Promise<Findings> => engineFindings(await accelerators);
  const backends = usableBackends(() => accelerators);
  const hardware = detectHere({ folder, engineProbe, probeMs });
  const usual = (name: string, code?: number): Subject => {
    return { name, limitMs: usualMs, ...(code !== undefined && { exitCode: code }) };
  };
  const slow = (name: string): Subject => ({ name, limitMs: engineMs, exitCode: exitCode.model });
  const acceleration = async () => ({ mode: accelerationOf(env), backends: await backends() });
  let placement: Placement | undefined;
  const chosen = look(slow("model"), async () => {
    const store = context.models({ mayAsk: false });
    const { placement: where, ...found } = await checkModel(model, store, limits, await hardware, await acceleration());
    placement = where;
    return found;
  });
  const findings = await Promise.all([
    look(usual("Node"), async () => checkNode(process.versions.node)),
    look(usual("machine"), async () => checkMachine(await hardware)),
    look(usual("accelerators"), async () => checkAccelerators(await hardware)),
    look(usual("disk"), async () => checkDisk(await hardware)),
    look(usual("models"), async () => adviceOf(await hardware)),
    look(usual("sandbox"), async () => checkSandbox(process.platform, await ownSandbox())),
    chosen,
    // After the look at the machine, which would slow the engine down.
    look(slow("engine"), async () => {
      const { state } = await chosen;
      if (state !== "problem") {
        return checkEngine(model, context.models({ mayAsk: false }), io.signal, placement);
      }
      return { name: "engine", state: "unknown", says: "There is no model that it could load." };
    }),
    look(usual("wallet", exitCode.wallet), () => checkWallet(context)),
    several(usual("chain", exitCode.unreachable), () => checkChain(context)),
    several(usual("coordinator", exitCode.unreachable), async () => {
      const urls = url?.split(",").map((one) => one.trim()) ?? [undefined];
      return (await Promise.all(urls.map((one) => checkCoordinator(one, Date.now)))).flat();
    }),
  ]);
  return findings.flat();
}

/** A look that finds several things, of which the first one tells when it took too long. */
async function several(subject: Subject, work: () => Promise<Finding[]>): Promise<Finding[]> {
  let rest: Finding[] = [];
  const first = await look(subject, async () => {
    const [main, ...others] = await work();
    rest = others;
    return main ?? { name: subject.name, state: "unknown", says: "There was nothing to see." };
  });
  return [first, ...rest];
}
