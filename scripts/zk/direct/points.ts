export type Group = "G1" | "G2";

/** Bytes of an affine point, as the files of snarkjs hold it. */
export const pointBytes: Readonly<Record<Group, number>> = { G1: 64, G2: 128 };

/** What a worker is asked: multiples of a group's generator. */
export interface Request {
  readonly group: Group;
  /** 32 bytes each, the lowest first. */
  readonly scalars: Uint8Array;
}

/** What a worker begins with: the curve's code, and where in its memory the generators are. */
export interface WorkerStart {
  readonly code: Uint8Array;
  readonly generators: Readonly<Record<Group, number>>;
}

/** Scalars that a worker takes at once. */
export const chunkSize = 4_096;
