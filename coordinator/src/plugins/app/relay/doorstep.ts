/** Links without a hello yet: anybody can open them. */
const maximum = 1024;
/** Of those, the links of one address: it cannot keep the others out. */
const maximumOfAddress = 256;

/** Who waits to be let in: links that have not shown yet whose they are. */
export class Doorstep {
  #count = 0;
  readonly #countOf = new Map<string, number>();

  /** Takes a place for a link of an address. @returns what gives it back, once; undefined where none is free */
  enter(address: string): (() => void) | undefined {
    const ofAddress = this.#countOf.get(address) ?? 0;
    if (this.#count >= maximum || ofAddress >= maximumOfAddress) return undefined;
    this.#count += 1;
    this.#countOf.set(address, ofAddress + 1);
    let isThere = true;
    return () => {
      if (!isThere) return;
      isThere = false;
      this.#count -= 1;
      const left = (this.#countOf.get(address) ?? 1) - 1;
      if (left === 0) this.#countOf.delete(address);
      else this.#countOf.set(address, left);
    };
  }
}
