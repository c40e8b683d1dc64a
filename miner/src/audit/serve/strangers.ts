/** Requests that one address may make at once, and how many come back each second. */
const [burst, perSecond] = [60, 10];
/** Addresses that are counted; beyond them everybody shares one count. */
const mostAddresses = 4096;

interface Bucket {
  left: number;
  atMs: number;
}

/** How much strangers may ask, by their address. */
export class Strangers {
  readonly #buckets = new Map<string, Bucket>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether an address may ask something that costs so much. */
  mayAsk(address: string, cost = 1): boolean {
    const nowMs = this.#nowMs();
    const bucket = this.#bucketOf(address, nowMs);
    bucket.left = Math.min(burst, bucket.left + ((nowMs - bucket.atMs) / 1000) * perSecond);
    bucket.atMs = nowMs;
    if (bucket.left < cost) return false;
    bucket.left -= cost;
    return true;
  }

  #bucketOf(address: string, nowMs: number): Bucket {
    const known = this.#buckets.get(address);
    if (known !== undefined) return known;
    if (this.#buckets.size >= mostAddresses) this.#forget(nowMs);
    const key = this.#buckets.size >= mostAddresses ? "everybody else" : address;
    const bucket = this.#buckets.get(key) ?? { left: burst, atMs: nowMs };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Whoever has asked nothing for so long that its count is full again need not be remembered. */
  #forget(nowMs: number): void {
    const fullAfterMs = (burst / perSecond) * 1000;
    for (const [address, { atMs }] of this.#buckets) if (nowMs - atMs > fullAfterMs) this.#buckets.delete(address);
  }
}
