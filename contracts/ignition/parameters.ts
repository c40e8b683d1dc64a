/** A deployment parameter: what it is, its unit, the bounds that deployment enforces, and why it has its value. */
export interface Parameter {
  readonly value: bigint;
  readonly unit: string;
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly reason: string;
}

const LODE = 10n ** 18n;
const DAY = 86_400n;

/** Parameters of a deployment. Those of a development chain differ only where the reason says so. */
export const parameters = {
  genesisWei: {
    value: 100_000_000n * LODE,
    unit: "wei of LODE",
    minimum: 0n,
    maximum: 1_000_000_000n * LODE,
    reason: "A tenth of the cap exists at genesis; the rest can only come from rewards.",
  },
  capWei: {
    value: 1_000_000_000n * LODE,
    unit: "wei of LODE",
    minimum: 1n,
    maximum: 2n ** 96n - 1n,
    reason: "Fits the 96-bit amounts that staking and escrow pack into one slot, with room to spare.",
  },
  minimumMinerStakeWei: {
    value: 100n * LODE,
    unit: "wei of LODE",
    minimum: 1n,
    maximum: 1_000_000n * LODE,
    reason: "Low enough for one gaming PC; verification raises what a miner may serve with its stake.",
  },
  minimumCoordinatorStakeWei: {
    value: 1_000n * LODE,
    unit: "wei of LODE",
    minimum: 1n,
    maximum: 10_000_000n * LODE,
    reason: "A coordinator owes many miners at once, so it puts up ten times a miner's minimum.",
  },
  protocolFeePpm: {
    value: 10_000n,
    unit: "parts per million of a dedicated collection",
    minimum: 0n,
    maximum: 50_000n,
    reason: "1 %: well below a coordinator's margin, out of which it is paid; the contract caps it at 5 %.",
  },
  rebateRatePpm: {
    value: 500_000n,
    unit: "parts per million of the fees that a payee's collections burned",
    minimum: 0n,
    maximum: 900_000n,
    reason: "Half of what was burned: trading with oneself to earn rebates loses the other half.",
  },
  firstWeeklyBudgetWei: {
    value: 2_000_000n * LODE,
    unit: "wei of LODE a week, halved every 208 weeks",
    minimum: 0n,
    maximum: 2_163_461n * LODE,
    reason: "208 weeks and their halvings add up to 832 million at most: with the genesis supply below the cap.",
  },
  randomnessDelayBlocks: {
    value: 8n,
    unit: "blocks",
    minimum: 4n,
    maximum: 64n,
    reason: "Deep enough that a short reorganisation does not show a draw first, soon enough that nobody waits.",
  },
  demandBondWei: {
    value: 10n * LODE,
    unit: "wei of LODE",
    minimum: 1n * LODE,
    maximum: 1_000n * LODE,
    reason: "A tenth of a miner's smallest stake: well above the gas of an answer, half of which it pays.",
  },
  caseBondWei: {
    value: 20n * LODE,
    unit: "wei of LODE",
    minimum: 1n * LODE,
    maximum: 1_000n * LODE,
    reason: "Pays five jurors and leaves as much for the accused and the fire; still within a client's reach.",
  },
  jurorFeeWei: {
    value: 2n * LODE,
    unit: "wei of LODE a juror and case",
    minimum: LODE / 10n,
    maximum: 100n * LODE,
    reason:
      "Above the gas of commit and reveal and the seconds of a CPU; five of them fit the bond, and are what calling a jury that finds nothing costs.",
  },
  jurorPenaltyWei: {
    value: 10n * LODE,
    unit: "wei of LODE a juror and case",
    minimum: 1n * LODE,
    maximum: 1_000n * LODE,
    reason: "Five fees: a juror that guesses or sleeps one time in six earns nothing.",
  },
  drawRatePpm: {
    value: 20_000n,
    unit: "parts per million of the receipts of an anchor",
    minimum: 0n,
    maximum: 1_000_000n,
    reason: "One in fifty may be tried without its client: a miner of 100 jobs a day is drawn about twice a day.",
  },
  timelockSeconds: {
    value: 10n * DAY,
    unit: "seconds",
    minimum: 10n * DAY,
    maximum: 60n * DAY,
    reason: "The longest thaw and three days: whoever dislikes a change is out before it takes effect.",
  },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof parameters;

/**
 * Values by name, after a check of every bound.
 * @param overrides values that a deployment gives instead of those above
 * @throws {RangeError} naming the parameter, its value and its bounds
 */
export function checkedValues(
  overrides: Readonly<Partial<Record<ParameterName, bigint>>> = {},
): Record<ParameterName, bigint> {
  const names = Object.keys(parameters) as ParameterName[];
  const values = Object.fromEntries(names.map((name) => [name, overrides[name] ?? parameters[name].value])) as Record<
    ParameterName,
    bigint
  >;
  for (const name of names) {
    const { minimum, maximum, unit } = parameters[name];
    if (values[name] < minimum || values[name] > maximum) {
      throw new RangeError(`parameter ${name} is ${values[name]} ${unit}, outside ${minimum}..${maximum}`);
    }
  }
  if (values.genesisWei > values.capWei) throw new RangeError("the genesis supply exceeds the cap");
  if (values.jurorFeeWei * 5n > values.caseBondWei) {
    throw new RangeError("five jurors' fees exceed a case's bond, which pays them");
  }
  return values;
}
