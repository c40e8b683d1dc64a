import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import { toFunctionSelector } from "viem";
import type { ChainReader } from "../../chain/chain.ts";
import { act, type Setting } from "../acts.ts";
import { kinds, mayNeed, needed, neededOption, option, usage, type Kind } from "../arguments.ts";
import { ballotIn, commitmentOf, readBallot, readValues, revelationOf, verdicts } from "../ballot.ts";
import type { Io } from "../io.ts";

const id = needed(kinds.count, "number of the case");
const nobody = (): undefined => undefined;

const verdict: Kind<number> = {
  placeholder: "verdict",
  parse: (text) => {
    const index = verdicts.indexOf(text as (typeof verdicts)[number]);
    if (index < 1) throw usage(`"${text}" is not a verdict; write right, wrong or undisclosed.`);
    return index;
  },
};

const own = ({ self, read }: Setting) => [read.juror(self), read.totalWeight(), read.freezes(self)];

/** A juror's service, and the steps of a case. */
export const juryActs = [
  act({
    name: "join",
    summary: "become a juror with the weight of this miner's stake, which stays frozen meanwhile",
    contract: "court",
    functionName: "join",
    takes: {},
    what: () => "join the jurors",
    readings: (_, at) => own(at),
    notes: "Who is drawn must run the model's reference engine, commit and reveal in time; absence costs stake.",
    examples: ["lode jury join --dry-run"],
  }),
  act({
    name: "leave",
    summary: "end this juror's service, when no case needs it",
    contract: "court",
    functionName: "resign",
    takes: {},
    what: () => "leave the jurors",
    readings: (_, at) => own(at),
    examples: ["lode jury leave"],
  }),
  act({
    name: "reweigh",
    summary: "set a juror's weight to its present stake; anybody may",
    contract: "court",
    functionName: "reweigh",
    takes: { juror: mayNeed(kinds.address, "which juror; the wallet itself when left out", nobody) },
    resolve: ({ juror }, { self }) => ({ juror: juror ?? self }),
    what: ({ juror }) => `weigh the stake of juror ${juror} again`,
    readings: ({ juror }, { read }) => [read.juror(juror), read.totalWeight()],
    examples: ["lode jury reweigh"],
  }),
  act({
    name: "draw",
    summary: "draw a filed case's jury, once its value is there; anybody may",
    contract: "court",
    functionName: "drawJury",
    takes: { id },
    what: ({ id }) => `draw the jury of case ${id}`,
    readings: ({ id }, { read }) => [read.tried(id), read.pendingDraws()],
    notes: "The event JuryDrawn names the jurors and until when they commit.",
    examples: ["lode jury draw 1"],
  }),
  act({
    name: "commit",
    summary: "commit to what this juror found, without showing it",
    contract: "court",
    functionName: "commit",
    takes: {
      id,
      values: neededOption(kinds.path, "JSON list of the reference engine's values, one hash for each output position"),
      verdict: neededOption(verdict, "right, wrong or undisclosed"),
      ballot: neededOption(kinds.path, "where to keep what will be revealed; written before anything is sent"),
      juror: option(kinds.address, "the juror, when this wallet is its operator", nobody),
    },
    resolve: ({ id, values, verdict, ballot, juror }, { self, context }) => {
      const found = { caseId: id.toString(), juror: juror ?? self, verdict, values: readValues(values) };
      return { id, juror: found.juror, commitment: commitmentOf(ballotIn(ballot, found, !context.dryRun)) };
    },
    what: ({ id, juror }) => `commit in case ${id} for ${juror}`,
    readings: ({ id }, { read }) => [read.tried(id)],
    notes: "Keep the ballot's file: without it nothing can be revealed, and who does not reveal pays.",
    examples: ["lode jury commit 1 --verdict wrong --values values.json --ballot case-1.json"],
  }),
  act({
    name: "close-commits",
    summary: "end the committing, when all did or time is over, and fix the moment that names the positions",
    contract: "court",
    functionName: "closeCommits",
    takes: { id },
    what: ({ id }) => `end the committing in case ${id}`,
    readings: ({ id }, { read }) => [read.tried(id)],
    examples: ["lode jury close-commits 1"],
  }),
  act({
    name: "reveal",
    summary: "reveal what this juror committed to, at the positions that were drawn",
    contract: "court",
    functionName: "reveal",
    takes: { ballot: needed(kinds.path, "the file that `lode jury commit` kept") },
    resolve: async (given, { chain }) => {
      const ballot = readBallot(given.ballot);
      const { client, contracts } = chain;
      const id = BigInt(ballot.caseId);
      const positions = await client.readContract({ ...contracts.court, functionName: "positionsOf", args: [id] });
      return { id, juror: ballot.juror, shown: revelationOf(ballot, positions) };
    },
    what: ({ id, juror }) => `reveal in case ${id} for ${juror}`,
    readings: ({ id }, { read }) => [read.tried(id)],
    examples: ["lode jury reveal case-1.json --dry-run"],
  }),
  act({
    name: "settle",
    summary: "decide a case, when all revealed or time is over; anybody may",
    contract: "court",
    functionName: "settle",
    takes: { id },
    resolve: async ({ id }, { chain }) => {
      const { client, contracts } = chain;
      const tried = await client.readContract({ ...contracts.court, functionName: "caseOf", args: [id] });
      return { id, accused: tried.accused.toLowerCase() as Hex, challenger: tried.challenger.toLowerCase() as Hex };
    },
    args: ({ id }) => [id],
    what: ({ id }) => `settle case ${id}`,
    readings: ({ id, accused, challenger }, { read }) => [
      read.tried(id),
      read.stake(accused, "accused's stake"),
      read.freezes(accused, "accused's stake"),
      read.wallet(challenger, "challenger's wallet"),
      read.supply(),
    ],
    examples: ["lode jury settle 1 --dry-run"],
  }),
  act({
    name: "keep",
    summary: "store the random value of a moment while the chain still gives it; anybody may",
    contract: "randomness",
    functionName: "keep",
    takes: { moment: needed(kinds.count, "the moment that a case or a demand names") },
    resolve: async (given, { chain }) => {
      if (await drawsFromDrand(chain)) {
        throw usage(
          "This deployment draws from drand, which keeps its rounds; bring one with `lode jury submit-round`.",
        );
      }
      return given;
    },
    what: ({ moment }) => `keep the random value of moment ${moment}`,
    readings: () => [],
    notes: "A case whose value nobody kept in time is lost: keep it when a jury cannot be drawn soon.",
    examples: ["lode jury keep 120"],
  }),
  act({
    name: "submit-round",
    summary: "bring a published round of drand to the chain, which verifies it; anybody may",
    contract: "drand",
    functionName: "submit",
    takes: {
      round: needed(kinds.count, "the moment that a case or a demand names: a round's number"),
      signature: needed(kinds.bytes, "the round's signature as the network publishes it, 64 bytes"),
    },
    resolve: async (given, { chain }) => {
      if (!(await drawsFromDrand(chain))) {
        throw usage("This deployment draws from blocks; keep a value with `lode jury keep`.");
      }
      return given;
    },
    what: ({ round }) => `bring round ${round} of drand to the chain`,
    readings: () => [],
    notes: "Any relay of the network serves its rounds, also those of years ago.",
    examples: ["lode jury submit-round 1234567 0x11f8...d373 --dry-run"],
  }),
] as const;

/** Which of the two sources a deployment has: one of drand can tell its network. */
async function drawsFromDrand({ client, contracts }: ChainReader): Promise<boolean> {
  const code = await client.getCode({ address: contracts.drand.address });
  return code?.includes(toFunctionSelector("network()").slice(2)) === true;
}

/** `lode jury` */
export function addJury(program: Command, io: Io): void {
  const jury = program.command("jury").description("jurors and their cases: join, commit, reveal, settle");
  for (const { addTo } of juryActs) addTo(jury, io);
}
