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
  export interface Curve {
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
    function verifyFromR1cs(r1cs: string, phase1: string, zkey: string, logger?: Logger): Promise<boolean>;
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
