/** The part of snarkjs that is used here; the package has no types of its own. */
declare module "snarkjs" {
  export interface Logger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }
  /** Where bytes are read from or written to: a file's name, or memory. */
  export type Place = string | { type: "mem"; data?: Uint8Array };
  /** Numbers in decimal; points are projective with a last coordinate of 1, G2's real parts first. */
  export interface Groth16Proof {
    pi_a: string[];
    pi_b: string[][];
    pi_c: string[];
    protocol: string;
    curve: string;
  }
  export interface VerificationKey {
    protocol: string;
    curve: string;
    nPublic: number;
    vk_alpha_1: string[];
    vk_beta_2: string[][];
    vk_gamma_2: string[][];
    vk_delta_2: string[][];
    IC: string[][];
  }
  /** Draws what a field element or a point is made of. */
  export interface RandomSource {
    nextU64(): bigint;
    nextBool(): boolean;
  }
  /** Elements are 32 bytes in Montgomery form, the lowest first. */
  export interface Field {
    readonly one: Uint8Array;
    /** Roots of unity: w[i] has order 2^i. */
    readonly w: readonly Uint8Array[];
    fromRng(source: RandomSource): Uint8Array;
    toObject(element: Uint8Array): bigint;
    fromObject(value: bigint): Uint8Array;
  }
  /** Points are two coordinates when affine, else three. */
  export interface PointGroup {
    readonly gAffine: Uint8Array;
    fromRng(source: RandomSource): Uint8Array;
    sub(one: Uint8Array, other: Uint8Array): Uint8Array;
    timesFr(point: Uint8Array, scalar: Uint8Array): Uint8Array;
    toAffine(point: Uint8Array): Uint8Array;
    /** Coordinates as numbers, the highest byte first. */
    toUncompressed(point: Uint8Array): Uint8Array;
    batchToAffine(points: Uint8Array): Promise<Uint8Array>;
    batchLEMtoU(points: Uint8Array): Promise<Uint8Array>;
  }
  export interface Curve {
    readonly q: bigint;
    readonly Fr: Field;
    readonly G1: PointGroup;
    readonly G2: PointGroup;
    /** What computes; the code is kept where it does so in one thread. */
    readonly tm: { readonly code?: Uint8Array; readonly pG1gen: number; readonly pG2gen: number };
    terminate(): Promise<void>;
  }
  export type Signals = Readonly<Record<string, bigint | readonly bigint[] | readonly (readonly bigint[])[]>>;

  export namespace curves {
    function getCurveFromName(name: "bn128", options?: { singleThread?: boolean }): Promise<Curve>;
  }
  export namespace powersOfTau {
    function newAccumulator(curve: Curve, power: number, file: string, logger?: Logger): Promise<unknown>;
    function beacon(
      from: string,
      to: string,
      name: string,
      beaconHash: string,
      iterationsExponent: number,
      logger?: Logger,
    ): Promise<unknown>;
    function preparePhase2(from: string, to: string, logger?: Logger): Promise<unknown>;
    function verify(file: string, logger?: Logger): Promise<boolean>;
  }
  export namespace zKey {
    function newZKey(r1cs: string, phase1: string, zkey: string, logger?: Logger): Promise<Uint8Array | -1>;
    function beacon(
      from: string,
      to: string,
      name: string,
      beaconHash: string,
      iterationsExponent: number,
      logger?: Logger,
    ): Promise<Uint8Array | false>;
    function verifyFromR1cs(r1cs: string, phase1: Place, zkey: Place, logger?: Logger): Promise<boolean>;
    function exportVerificationKey(zkey: string, logger?: Logger): Promise<VerificationKey>;
  }
  export namespace r1cs {
    function info(file: string): Promise<{ nConstraints: number; nVars: number; nPubInputs: number; nOutputs: number }>;
  }
  export namespace wtns {
    function calculate(input: Signals, wasm: string, to: Place): Promise<void>;
    function check(r1cs: string, witness: Place, logger?: Logger): Promise<boolean>;
    function exportJson(witness: Place): Promise<bigint[]>;
  }
  export namespace groth16 {
    function prove(
      zkey: string,
      witness: Place,
      logger?: Logger,
      options?: { singleThread?: boolean },
    ): Promise<{ proof: Groth16Proof; publicSignals: string[] }>;
    function verify(key: VerificationKey, publicSignals: readonly string[], proof: Groth16Proof): Promise<boolean>;
  }
}
