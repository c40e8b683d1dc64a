import type { courtAbi } from "@lode/sdk/abi";
import { seatsAfter, type DrawRules, type Seat, type SeatEvent } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import type { GetContractEventsReturnType } from "viem";
import type { ChainReader } from "./chain.ts";
import { EventCursor } from "./event-cursor.ts";

/** A case as the court's events tell of it. */
export interface CourtCase {
  readonly id: bigint;
  readonly accused: Hex;
  readonly challenger: Hex;
  readonly receipt: Hex;
  readonly filedAtBlock: bigint;
  jury: readonly Hex[];
  readonly committed: Set<Hex>;
  readonly revealed: Set<Hex>;
  /** How it ended: the verdict's number, or void. */
  end?: { readonly verdict: number; readonly isVoid: boolean };
}

/** The draw of an anchor. */
export interface ScheduledDraw {
  readonly coordinator: Hex;
  readonly epoch: bigint;
  readonly moment: bigint;
  readonly block: bigint;
}

const roleMiner = 1;
/** `IRandomness.State.Ready`. */
export const randomnessReady = 1;

const low = (hex: Hex): Hex => hex.toLowerCase() as Hex;

/** Follows the court by its events, from the deployment on. Everything in it can be read again by anybody. */
export class CourtWatch {
  readonly cases = new Map<bigint, CourtCase>();
  readonly draws: ScheduledDraw[] = [];
  readonly #chain: ChainReader;
  readonly #seatEvents: { readonly block: bigint; readonly event: SeatEvent }[] = [];
  readonly #values = new Map<bigint, Hex>();
  #rules: Promise<DrawRules> | undefined;
  readonly #cursor: EventCursor;

  constructor(chain: ChainReader) {
    this.#chain = chain;
    this.#cursor = new EventCursor(chain);
  }

  /** Reads what happened since the last call; all of it again when a reorganisation changed what was read. */
  sync(): Promise<void> {
    const { client, contracts } = this.#chain;
    return this.#cursor.read(
      async (range) => {
        const events = await client.getContractEvents({ ...contracts.court, ...range, strict: true });
        for (const event of events) this.#take(event);
      },
      () => {
        this.cases.clear();
        this.draws.length = 0;
        this.#seatEvents.length = 0;
        this.#values.clear();
      },
    );
  }

  /** Who sat where after a block; now, when none is named. */
  seats(block?: bigint): Seat[] {
    return seatsAfter(
      this.#seatEvents.filter((one) => block === undefined || one.block <= block).map(({ event }) => event),
    );
  }

  /** Cases that have not ended. */
  open(): CourtCase[] {
    return [...this.cases.values()].filter(({ end }) => end === undefined);
  }

  /** The value of a moment; undefined as long as it is not known, and when it is lost. */
  async valueOf(moment: bigint): Promise<Hex | undefined> {
    const known = this.#values.get(moment);
    if (known !== undefined) return known;
    const { client, contracts } = this.#chain;
    const source = contracts.randomness;
    const state = await client.readContract({ ...source, functionName: "stateOf", args: [moment] });
    if (state !== randomnessReady) return undefined;
    const value = await client.readContract({ ...source, functionName: "valueAt", args: [moment] });
    this.#values.set(moment, value);
    return value;
  }

  /** The deployment's rules about draws. */
  rules(): Promise<DrawRules> {
    return (this.#rules ??= this.#readRules());
  }

  async #readRules(): Promise<DrawRules> {
    const { client, contracts } = this.#chain;
    const [floorPpm, minimumWei] = await Promise.all([
      client.readContract({ ...contracts.court, functionName: "drawRatePpm", args: [0n] }),
      client.readContract({ ...contracts.staking, functionName: "minimumStakeWei", args: [roleMiner] }),
    ]);
    return { floorPpm, leastPenaltyWei: minimumWei / 2n };
  }

  #take(event: CourtEvent): void {
    const { blockNumber: block } = event;
    switch (event.eventName) {
      case "JurorJoined": {
        const { juror, seat, weight } = event.args;
        this.#seatEvents.push({ block, event: { kind: "joined", juror: low(juror), seat: Number(seat), weight } });
        return;
      }
      case "JurorReweighed": {
        const { juror, weight } = event.args;
        this.#seatEvents.push({ block, event: { kind: "reweighed", juror: low(juror), weight } });
        return;
      }
      case "JurorLeft":
        this.#seatEvents.push({ block, event: { kind: "left", juror: low(event.args.juror) } });
        return;
      case "DrawScheduled": {
        const { coordinator, epoch, moment } = event.args;
        this.draws.push({ coordinator: low(coordinator), epoch, moment, block });
        return;
      }
      case "CaseFiled": {
        const { id, accused, challenger, receipt } = event.args;
        this.cases.set(id, {
          id,
          accused: low(accused),
          challenger: low(challenger),
          receipt,
          filedAtBlock: block,
          jury: [],
          committed: new Set(),
          revealed: new Set(),
        });
        return;
      }
      case "JuryDrawn":
        this.#change(event.args.id, (one) => (one.jury = event.args.jury.map(low)));
        return;
      case "Committed":
        this.#change(event.args.id, ({ committed }) => committed.add(low(event.args.juror)));
        return;
      case "Revealed":
        this.#change(event.args.id, ({ revealed }) => revealed.add(low(event.args.juror)));
        return;
      case "CaseDecided":
        this.#change(event.args.id, (one) => (one.end = { verdict: event.args.verdict, isVoid: false }));
        return;
      case "CaseVoid":
        this.#change(event.args.id, (one) => (one.end = { verdict: 0, isVoid: true }));
        return;
      default:
    }
  }

  #change(id: bigint, change: (one: CourtCase) => unknown): void {
    const known = this.cases.get(id);
    if (known !== undefined) change(known);
  }
}

type CourtEvent = GetContractEventsReturnType<typeof courtAbi, undefined, true>[number];
