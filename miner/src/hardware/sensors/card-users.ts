import type { Machine } from "../machine.ts";
import { numberIn } from "../reading.ts";

/** A process that works an NVIDIA card, and the share of its time that it takes. */
export interface CardUser {
  pid: number;
  /** Compute, graphics, or both. */
  kind: string;
  sharePct: number;
}

/** Reads `nvidia-smi pmon -c 1 -s u`. A desktop that only draws its windows has a dash for its share. */
export function parsePmon(text: string): CardUser[] {
  return text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, pid, kind = "", share]) => {
      const [number, sharePct] = [numberIn(pid), numberIn(share)];
      return number === undefined || sharePct === undefined ? [] : [{ pid: number, kind, sharePct }];
    });
}

/** Less is a desktop, a video, or a program that leaves. */
const leastSharePct = 20;

/** Whether somebody else works the card: a game, a renderer, another model. `isOurs` tells our own processes. */
export async function isCardWanted(machine: Machine, isOurs: (pid: number) => boolean): Promise<boolean> {
  const text = await machine.run("nvidia-smi", ["pmon", "-c", "1", "-s", "u"]);
  return parsePmon(text ?? "").some(({ pid, sharePct }) => sharePct >= leastSharePct && !isOurs(pid));
}
