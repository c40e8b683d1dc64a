import { spawn, type ChildProcess } from "node:child_process";
import { release } from "node:os";
import type { Duplex } from "node:stream";
import { inGroup } from "./control-groups.ts";
import type { Sandbox } from "./find.ts";
import { cardPlaces, inside, programPlaces, systemPlaces } from "./places.ts";
import { spawnShut } from "./walls.ts";

export interface Launched {
  process: ChildProcess;
  /** Both ways to the program, which has it as file 3. */
  channel: Duplex;
}

export interface LaunchOptions {
  /** Files that the program may read, beside its own code. */
  files: readonly string[];
  /** Most memory of each of its processes, in bytes, beside the runtime's own; what is mapped from a file does not count. */
  memoryBytes?: number | undefined;
  /** Folder of the control group that it runs in. */
  group?: string | undefined;
  /** It computes on a card, whose devices and drivers it sees. */
  usesCard?: boolean | undefined;
  /** The only one of CUDA's cards that it sees, by the order of their addresses; all of them unless given. */
  cudaDevice?: number | undefined;
}

/** All that a program outside of a sandbox sees of the environment: no keys, no configuration, no home. */
const passedOn = ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LD_LIBRARY_PATH"];

/** The system counts what is reserved, used or not; Node's code and threads and the engine's library take 850 MB of that. */
const runtimeBytes = 1280 * 2 ** 20;

const most = { openFiles: 512, processes: 256 } as const;

/** Starts a program of ours, shut in where there is a sandbox. Throws where this installation is incomplete. */
export function launch(program: string, sandbox: Sandbox, options: LaunchOptions): Launched {
  const started =
    sandbox.kind === "none" ? launchOpen(program, options) : launchShut(program, sandbox.seccomp, options);
  const channel = started.stdio[3] as Duplex;
  // A broken channel is the program's end, which is reported in its own way.
  channel.on("error", () => undefined);
  return { process: started, channel };
}

function launchOpen(program: string, { group, cudaDevice }: LaunchOptions): ChildProcess {
  const inherited = passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const env = Object.fromEntries([...inherited, ...cudaVariables(cudaDevice)]) as Record<string, string>;
  const [command, args] = inGroup(group, process.execPath, [program]);
  return spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe", "pipe"] });
}

function launchShut(
  program: string,
  seccomp: boolean,
  { files, memoryBytes, group, usesCard = false, cudaDevice }: LaunchOptions,
): ChildProcess {
  const limits = [
    ...["ulimit -c 0", `ulimit -n ${most.openFiles}`],
    ...(countsInside(release()) ? [`ulimit -p ${most.processes}`] : []),
    // A card's driver reserves far more than it uses: there the control group alone holds the memory.
    ...(memoryBytes === undefined || usesCard ? [] : [`ulimit -d ${Math.ceil((memoryBytes + runtimeBytes) / 1024)}`]),
    'exec "$@"',
  ];
  const shown = files.flatMap((path) => ["--ro-bind", path, path]);
  return spawnShut({
    places: [...systemPlaces(), ...(usesCard ? cardPlaces() : []), ...programPlaces(program), ...shown],
    ...{ seccomp, group, variables: cudaVariables(cudaDevice) },
    program: [inside.shell, "-c", limits.join(" && "), inside.shell, inside.node, program],
  });
}

/** The library shares a model out to every card that it sees, also to one that is too old or is not planned with. */
function cudaVariables(device: number | undefined): [name: string, value: string][] {
  if (device === undefined) return [];
  return [
    ["CUDA_DEVICE_ORDER", "PCI_BUS_ID"],
    ["CUDA_VISIBLE_DEVICES", String(device)],
  ];
}

/** Since 5.14 a user namespace has its own count of processes; before, a person's other programs used the limit up. */
function countsInside(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}
