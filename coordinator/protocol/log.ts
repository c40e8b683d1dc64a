import Type, { type Static } from "typebox";
import {
  AddressText,
  Bytes32,
  Decimal,
  ServiceTermsSchema,
  SignatureText,
  SignedLeafSchema,
  SignedVoucherSchema,
  structSchema,
} from "./structs.ts";
import { ContractAddresses } from "./miner-link.ts";

/** One receipt as the public log shows it: both signatures, both streams' indexes, no content. */
export const LogEntry = Type.Object(
  {
    index: Type.Integer({ minimum: 0 }),
    assignment: structSchema("Assignment"),
    assignmentBatch: SignedLeafSchema,
    quote: structSchema("Quote"),
    quoteSignature: SignatureText,
    /** What the quote promises of the first token; the receipt's amount says whether it was kept. */
    service: Type.Optional(ServiceTermsSchema),
    receipt: structSchema("Receipt"),
    receiptBatch: SignedLeafSchema,
    client: AddressText,
    miner: AddressText,
    /** The polling miner behind a hosted receipt: the host in `miner` signed for it and owes it the credit. */
    hosted: Type.Optional(Type.Object({ wallet: AddressText, work: Bytes32 })),
    debitIndex: Type.Integer({ minimum: 0 }),
    creditIndex: Type.Integer({ minimum: 0 }),
  },
  { title: "LogEntry" },
);
export type LogEntry = Static<typeof LogEntry>;

export const LogPage = Type.Object({ entries: Type.Array(LogEntry), size: Type.Integer({ minimum: 0 }) });
export type LogPage = Static<typeof LogPage>;

/** The signed head of a coordinator's log. */
export const LogRoot = Type.Object({ head: structSchema("TreeHead"), signature: SignatureText });
export type LogRoot = Static<typeof LogRoot>;

export const LogProof = Type.Object({
  kind: Type.Union([Type.Literal("inclusion"), Type.Literal("consistency")]),
  size: Type.Integer({ minimum: 0 }),
  path: Type.Array(Bytes32),
});
export type LogProof = Static<typeof LogProof>;

/** The latest voucher of every channel that the coordinator pays or collects. */
export const VoucherPage = Type.Object({ vouchers: Type.Array(SignedVoucherSchema) });
export type VoucherPage = Static<typeof VoucherPage>;

/** How a client's debits stand at one coordinator. */
export const Debits = Type.Object(
  {
    /** The key that the client signs with itself; absent while the coordinator's session key signs. */
    signer: Type.Optional(AddressText),
    signed: Type.Optional(SignedVoucherSchema),
    count: Type.Integer({ minimum: 0 }),
    cumulativeWei: Decimal,
  },
  { title: "Debits" },
);
export type Debits = Static<typeof Debits>;

/** Debits in the order of a client's tree, each with the id of the request that it is for. */
export const DebitsPage = Type.Object({
  debits: Type.Array(Type.Object({ request: Type.String(), entry: LogEntry })),
  count: Type.Integer({ minimum: 0 }),
});
export type DebitsPage = Static<typeof DebitsPage>;

/** What a stranger needs to deal with a coordinator. */
export const CoordinatorInfo = Type.Object(
  {
    coordinator: AddressText,
    operator: AddressText,
    /** Key that signs clients' vouchers under their on-chain authorisation. */
    sessionSigner: AddressText,
    addresses: ContractAddresses,
    feePpm: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    inputPriceWei: Decimal,
    outputPriceWei: Decimal,
    /** Where clients reach it from outside, when its operator says so. */
    publicUrl: Type.Optional(Type.String()),
    version: Type.String(),
  },
  { title: "CoordinatorInfo" },
);
export type CoordinatorInfo = Static<typeof CoordinatorInfo>;

/** The session key's agreement to sign for one client, which the escrow asks for. */
export const SignerProofAnswer = Type.Object({ signer: AddressText, payee: AddressText, proof: SignatureText });
export type SignerProofAnswer = Static<typeof SignerProofAnswer>;
