import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Numbers of this process's direct children whose command line contains the text. */
export async function processesWith(text: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,args="]);
  return stdout
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && Number(match[2]) === process.pid && match[3]!.includes(text))
    .map((match) => Number(match![1]));
}
