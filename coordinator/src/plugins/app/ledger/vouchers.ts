import type { Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { toWire, voucherKind, type Domain, type Voucher } from "@lode/sdk/typed-data";
import type { Book, FactOf, SignedVoucher } from "../../../domain/settlement/index.ts";

/** Signs what the streams add up to: for clients under their on-chain authorisation, for miners from the pool. */
export class VoucherSigner {
  readonly #domain: Domain;
  readonly #coordinator: Hex;
  readonly #operator: Signer;
  readonly #session: Signer;

  constructor(domain: Domain, coordinator: Hex, operator: Signer, session: Signer) {
    this.#domain = domain;
    this.#coordinator = coordinator;
    this.#operator = operator;
    this.#session = session;
  }

  /** The client's next voucher: everything its debit stream holds now. */
  forClient(book: Book, client: Hex): SignedVoucher {
    const stream = book.debitOf(client);
    const voucher: Voucher = {
      payer: client,
      payee: this.#coordinator,
      kind: voucherKind.dedicated,
      epoch: 0n,
      cumulativeWei: stream.cumulativeWei,
      count: BigInt(stream.count),
      receiptsRoot: stream.root(),
    };
    return { voucher, signature: signTypedData(this.#session, this.#domain, "Voucher", voucher) };
  }

  /** The miner's next voucher: everything its credit stream holds now. */
  forMiner(book: Book, miner: Hex): SignedVoucher {
    const stream = book.creditOf(miner);
    const voucher: Voucher = {
      payer: this.#coordinator,
      payee: miner,
      kind: voucherKind.pooled,
      epoch: 0n,
      cumulativeWei: stream.cumulativeWei,
      count: BigInt(stream.count),
      receiptsRoot: stream.root(),
    };
    return { voucher, signature: signTypedData(this.#operator, this.#domain, "Voucher", voucher) };
  }

  /** A host's next voucher to one of its polling miners. */
  forHosted(book: Book, host: Signer, wallet: Hex): SignedVoucher {
    const stream = book.hostedOf(host.address, wallet);
    const voucher: Voucher = {
      payer: host.address,
      payee: wallet,
      kind: voucherKind.pooled,
      epoch: 0n,
      cumulativeWei: stream.cumulativeWei,
      count: BigInt(stream.count),
      receiptsRoot: stream.root(),
    };
    return { voucher, signature: signTypedData(host, this.#domain, "Voucher", voucher) };
  }

  /** The session key's agreement to sign for a client. */
  signerProof(client: Hex): Hex {
    const proof = {
      payer: client,
      payee: this.#coordinator,
      signer: this.#session.address,
      kind: voucherKind.dedicated,
    };
    return signTypedData(this.#session, this.#domain, "SignerProof", proof);
  }
}

export function voucherFact({ voucher, signature }: SignedVoucher): FactOf<"voucher.signed"> {
  return { kind: "voucher.signed", voucher: toWire("Voucher", voucher), signature };
}
