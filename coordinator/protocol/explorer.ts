import Type, { type Static } from "typebox";
import { AddressText, Bytes32, Decimal } from "./structs.ts";

const Time = Type.String({ format: "date-time" });
const Count = Type.Integer({ minimum: 0 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** An anchor of the log as this coordinator remembers it; the chain has the last word. */
export const AnchorView = Type.Object(
  {
    epoch: Count,
    size: Type.Integer({ minimum: 0, description: "Receipts under the root" }),
    root: Bytes32,
    liabilitiesRoot: Bytes32,
    transaction: Bytes32,
    at: Time,
  },
  { title: "Anchor" },
);
export type AnchorView = Static<typeof AnchorView>;

/** What the explorer's first page shows, and what the other pages need to read the chain. */
export const ExplorerInfo = Type.Object(
  {
    coordinator: AddressText,
    version: Type.String(),
    now: Time,
    place: Type.String(),
    region: Type.String(),
    chain: Type.Object({
      id: Type.Integer(),
      rpcUrl: orNull(Type.String({ description: "A node that browsers may ask; null when the operator names none" })),
      graphqlUrl: orNull(
        Type.String({ description: "An index of the chain that browsers may ask for its history; null without one" }),
      ),
      addresses: Type.Record(Type.String(), AddressText),
      deployedAtBlock: Count,
    }),
    prices: Type.Object({ inputPriceWei: Decimal, outputPriceWei: Decimal, feePpm: Count }),
    miners: Type.Object({ online: Count, known: Count }),
    jobs: Type.Object({ running: Count }),
    books: Type.Object({ receipts: Count, clients: Count, debitedWei: Decimal, creditedWei: Decimal }),
    anchor: orNull(AnchorView),
  },
  { title: "ExplorerInfo" },
);
export type ExplorerInfo = Static<typeof ExplorerInfo>;

/** An attempt that runs, or waits for a lost miner's receipt. Its client is named once it is in the log. */
export const RunningJob = Type.Object(
  {
    assignment: Bytes32,
    miner: AddressText,
    model: orNull(Type.String({ description: "null when nobody offers these weights now" })),
    modelDigest: Bytes32,
    state: Type.Union([Type.Literal("running"), Type.Literal("lost")]),
    attempt: Count,
    startedAt: Time,
    maxOutputTokens: Count,
    maxAmountWei: Decimal,
  },
  { title: "RunningJob" },
);
export type RunningJob = Static<typeof RunningJob>;

/** What is known of a miner: its record, what it says about itself, what it earned here. */
export const MinerCard = Type.Object(
  {
    miner: AddressText,
    online: Type.Boolean(),
    status: orNull(Type.String({ description: "Its own word; null while it is away" })),
    trust: Share,
    trusted: Type.Boolean(),
    completed: Count,
    failed: Count,
    uptime: Share,
    sessions: Count,
    firstSeenAt: Time,
    place: orNull(Type.String({ description: "As far as its round trips allow" })),
    region: orNull(Type.String()),
    models: Type.Array(Type.String()),
    running: Count,
    concurrency: Count,
    roundTripMs: orNull(Type.Number()),
    firstTokenMs: orNull(Type.Number()),
    tokensPerSecond: orNull(Type.Number()),
    qos: Type.Object({ score: Type.Number(), tier: Type.String() }),
    stars: orNull(Type.Number()),
    reviews: Count,
    hardware: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
      description: "Its own word",
    }),
    receipts: Count,
    creditedWei: Decimal,
  },
  { title: "MinerCard" },
);
export type MinerCard = Static<typeof MinerCard>;

export const MinerPage = Type.Object({ miners: Type.Array(MinerCard), total: Count });
export type MinerPage = Static<typeof MinerPage>;

/** What one account's receipts of a day and a model add up to. */
export const DayOfModel = Type.Object(
  {
    day: Type.String({ description: "YYYY-MM-DD, UTC, of the settlement" }),
    model: orNull(Type.String({ description: "null when nobody offers these weights now" })),
    modelDigest: Bytes32,
    receipts: Count,
    inputTokens: Count,
    outputTokens: Count,
    amountWei: Type.String({
      pattern: "^(0|[1-9][0-9]*)$",
      description: "A client's debits, or a miner's credits after the fee",
    }),
  },
  { title: "DayOfModel" },
);
export type DayOfModel = Static<typeof DayOfModel>;

/** What the registry keeps of a miner. */
export const MinerEventView = Type.Object(
  {
    event: Type.Union([
      Type.Literal("registered"),
      Type.Literal("went_offline"),
      Type.Literal("completed_request"),
      Type.Literal("failed_request"),
    ]),
    at: Time,
  },
  { title: "MinerEvent" },
);
export type MinerEventView = Static<typeof MinerEventView>;

/** One miner with its days, what it has not collected, and what happened to it last. */
export const MinerDetail = Type.Object(
  {
    card: MinerCard,
    collectedWei: Decimal,
    days: Type.Array(DayOfModel),
    events: Type.Array(MinerEventView, { description: "The latest first" }),
  },
  { title: "MinerDetail" },
);
export type MinerDetail = Static<typeof MinerDetail>;

/** A model with what it costs where, for a job of a thousand tokens without wishes. */
export const ModelView = Type.Object(
  {
    id: Type.String(),
    digest: Bytes32,
    contextTokens: Count,
    slots: Type.Object({ total: Count, used: Count, queued: Count }),
    regions: Type.Array(
      Type.Object({
        region: Type.String(),
        miners: Count,
        inputPriceWei: Decimal,
        outputPriceWei: Decimal,
        firstTokenMs: orNull(Type.Number()),
      }),
    ),
  },
  { title: "ModelView" },
);
export type ModelView = Static<typeof ModelView>;

/** A place with miners in it. Coordinates to a tenth of a degree. */
export const PlaceView = Type.Object(
  {
    place: Type.String(),
    region: Type.String(),
    latitude: Type.Number(),
    longitude: Type.Number(),
    miners: Count,
  },
  { title: "PlaceView" },
);
export type PlaceView = Static<typeof PlaceView>;

export const ModelPage = Type.Object({ models: Type.Array(ModelView), places: Type.Array(PlaceView) });
export type ModelPage = Static<typeof ModelPage>;

/** What this coordinator owes its miners by its books and the chain, the largest first. */
export const LiabilitiesView = Type.Object(
  {
    owedWei: Decimal,
    receivableWei: orNull(
      Type.Unsafe<string>({
        ...Decimal,
        description: "What clients signed for and was not collected; null with too many clients to ask for each",
      }),
    ),
    creditors: Count,
    lines: Type.Array(
      Type.Object({ miner: AddressText, creditedWei: Decimal, collectedWei: Decimal, outstandingWei: Decimal }),
    ),
  },
  { title: "Liabilities" },
);
export type LiabilitiesView = Static<typeof LiabilitiesView>;

/** A card as its miner told of it last. */
const CardView = Type.Object({
  name: Type.String(),
  utilizationPct: orNull(Type.Number()),
  vramUsedMb: orNull(Type.Number()),
  vramTotalMb: orNull(Type.Number()),
  temperatureC: orNull(Type.Number()),
  powerW: orNull(Type.Number()),
});

/** The operator's view of what is connected now. */
export const FleetView = Type.Object(
  {
    miners: Type.Array(
      Type.Object({
        miner: AddressText,
        host: Type.Boolean({ description: "Stands for miners that poll" }),
        status: Type.String(),
        quiet: Type.Boolean(),
        running: Count,
        concurrency: Count,
        roundTripMs: Type.Number(),
        firstTokenMs: orNull(Type.Number()),
        tokensPerSecond: orNull(Type.Number()),
        temperatureC: orNull(Type.Number()),
        cpuPct: orNull(Type.Number()),
        memoryUsedMb: orNull(Type.Number()),
        memoryTotalMb: orNull(Type.Number()),
        cards: Type.Array(CardView),
        version: Type.String(),
      }),
    ),
    queue: Type.Array(Type.Object({ model: Type.String(), total: Count, used: Count, queued: Count })),
    latency: Type.Object(
      {
        from: Time,
        minuteCount: Count,
        rows: Type.Array(
          Type.Object({
            miner: AddressText,
            cells: Type.Array(orNull(Type.Object({ meanMs: Type.Number(), jobs: Count })), {
              description: "One for each minute, oldest first; null without a job",
            }),
          }),
        ),
      },
      { description: "Time to the first token" },
    ),
    nodesOnline: Count,
    openAttempts: Count,
  },
  { title: "Fleet" },
);
export type FleetView = Static<typeof FleetView>;
