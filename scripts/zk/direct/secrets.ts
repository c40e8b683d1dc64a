import { createCipheriv, createHash, type Cipheriv } from "node:crypto";
import type { Curve } from "snarkjs";

/** A public value that keys are made of, as the ceremony's tools take one. */
export interface Beacon {
  readonly name: string;
  /** In hex. */
  readonly hash: string;
  /** It is hashed 2^this times. */
  readonly iterationsExponent: number;
}

/** The numbers behind a first phase. Whoever knows them can prove anything. */
export interface Phase1Secrets {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
}

/** What one contribution to a second phase draws: its secret, a point and the point's multiple by the secret. */
export interface Phase2Secret {
  readonly delta: bigint;
  /** Affine. */
  readonly base: Uint8Array;
  readonly multiple: Uint8Array;
}

/** What a beacon's first phase multiplies by. Of a public beacon everybody gets the same: these are no secrets. */
export function phase1Secrets(curve: Curve, beacon: Beacon): Phase1Secrets {
  const stream = beaconStream(beacon);
  const draw = (): bigint => curve.Fr.toObject(curve.Fr.fromRng(stream));
  return { tau: draw(), alpha: draw(), beta: draw() };
}

/** The same for a second phase whose only contribution is the beacon. */
export function phase2Secret({ Fr, G1 }: Curve, beacon: Beacon): Phase2Secret {
  const stream = beaconStream(beacon);
  const delta = Fr.fromRng(stream);
  const base = G1.toAffine(G1.fromRng(stream));
  return { delta: Fr.toObject(delta), base, multiple: G1.toAffine(G1.timesFr(base, delta)) };
}

/** Numbers of ChaCha20 without nonce, as the ceremony's tools draw them: of seeds whose words have their highest byte first. */
export class KeyStream {
  readonly #cipher: Cipheriv;

  /** @param seed the first 32 bytes are taken */
  constructor(seed: Uint8Array) {
    this.#cipher = createCipheriv("chacha20", Buffer.from(seed.subarray(0, 32)).swap32(), Buffer.alloc(16));
  }

  nextU32(): number {
    return this.#cipher.update(Buffer.alloc(4)).readUInt32LE();
  }

  nextU64(): bigint {
    const high = BigInt(this.nextU32());
    return (high << 32n) + BigInt(this.nextU32());
  }

  nextBool(): boolean {
    return this.nextU32() % 2 === 1;
  }
}

function beaconStream({ hash, iterationsExponent }: Beacon): KeyStream {
  let value = Buffer.from(hash, "hex");
  for (let i = 0; i < 2 ** iterationsExponent; i++) value = createHash("sha256").update(value).digest();
  return new KeyStream(value);
}
