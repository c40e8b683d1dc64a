/** A deployment parameter: what it is, its unit, the bounds that deployment enforces, and why it has its value. */
export interface Parameter {
  readonly value: bigint;
  readonly unit: string;
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly reason: string;
}

const LODE = 10n ** 18n;

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
} as const satisfies Record<string, Parameter>;

/** Values by name, after a check of every bound. */
export function checkedValues(): Record<keyof typeof parameters, bigint> {
  for (const [name, { value, minimum, maximum, unit }] of Object.entries(parameters)) {
    if (value < minimum || value > maximum) {
      throw new RangeError(`parameter ${name} is ${value} ${unit}, outside ${minimum}..${maximum}`);
    }
  }
  if (parameters.genesisWei.value > parameters.capWei.value) throw new RangeError("the genesis supply exceeds the cap");
  return Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value])) as Record<
    keyof typeof parameters,
    bigint
  >;
}
