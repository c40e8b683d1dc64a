import { BaseError, ContractFunctionRevertedError, decodeErrorResult, type Abi, type Hex } from "viem";
import { everyAbi } from "../abi/index.ts";

/** What each custom error means, and what to do. `{0}` stands for the first value. */
const sentences: Readonly<Record<string, string>> = {
  Staking_ZeroAddress: "An address is missing.",
  Staking_ZeroAmount: "The amount must be above zero.",
  Staking_RoleRequired: "Say whether to stake as a miner or as a coordinator.",
  Staking_AlreadyRegistered: "{0} is registered already; add to its stake instead.",
  Staking_NotRegistered: "{0} has no stake; stake first.",
  Staking_BelowMinimum: "That leaves {0} wei staked, the minimum is {1} wei; stake more, or unstake everything.",
  Staking_AmountTooLarge: "{0} wei is more than a stake can hold.",
  Staking_InsufficientStake: "Only {0} wei are staked, not {1}.",
  Staking_ThawInProgress: "A thaw is running until {0} (unix time); withdraw it first.",
  Staking_NothingThawing: "{0} has no stake thawing; unstake first.",
  Staking_StillThawing: "The stake is thawing until {0} (unix time); withdraw then.",
  Staking_Frozen: "The stake of {0} is frozen by {1} open case(s); withdraw when they are decided.",
  Staking_TooManyCases: "{1} cases are open against {0}; another can be opened when one is decided.",
  Staking_NotFrozen: "The stake of {0} is not frozen.",
  Staking_InexactTransfer: "The token moved {1} wei instead of {0}.",
  Escrow_ZeroAddress: "An address is missing.",
  Escrow_ZeroAmount: "The amount must be above zero.",
  Escrow_AmountTooLarge: "{0} wei is more than an account can hold.",
  Escrow_InexactTransfer: "The token moved {1} wei instead of {0}.",
  Escrow_InsufficientBalance: "The account holds {0} wei, not {1}.",
  Escrow_ThawInProgress: "A thaw is running until {0} (unix time); withdraw it first.",
  Escrow_NothingThawing: "Nothing is thawing; start a thaw first.",
  Escrow_StillThawing: "The money is thawing until {0} (unix time); withdraw then.",
  Escrow_BadSignerProof: "The proof of {0} is not its signature; ask the coordinator for a new one.",
  Escrow_SignerExpiryInPast: "The signer would expire in the past ({0}).",
  Escrow_SignerExpiryTooLate: "The signer may be authorised until {1} (unix time) at the latest, not {0}.",
  Escrow_SignerCapLowered:
    "{0} may promise {2} wei until its authorisation ends; it cannot be lowered to {1}, only revoked.",
  Escrow_SignerCutShort: "The authorisation of {0} can end at {2} (unix time) at the earliest, not {1}; revoke it.",
  Escrow_SignerUnknown: "{2} may not sign for {0}; the payer has to authorise it.",
  Escrow_SignerExpired: "The authorisation of {0} ended at {1} (unix time).",
  Escrow_SignerCapExceeded: "{0} may promise {2} wei in total, the voucher promises {1}.",
  Escrow_SignerDailyCapExceeded: "{0} may spend {2} wei a day, this would make {1}.",
  Escrow_UnknownKind: "There is no voucher of kind {0}.",
  Escrow_WrongEpoch: "The voucher is of epoch {0}, the account is in {1}.",
  Escrow_StaleVoucher: "The voucher's {0} wei are collected already ({1}).",
  Escrow_NothingAvailable: "{0} has nothing in this account; it pays when there is a deposit again.",
  Escrow_SelfPayment: "{0} cannot pay itself.",
  Escrow_LengthMismatch: "There are {0} vouchers and {1} signatures.",
  Escrow_NothingToSweep: "{0} has nothing to sweep; collect first.",
  Escrow_PoolMustThaw: "{0} is a coordinator: its pool pays miners and leaves only by a thaw.",
  Escrow_PoolFrozen: "The pool of {0} is frozen by a shortfall; it has to be cured, or its creditors share it.",
  Escrow_PoolNotFrozen: "The pool of {0} is not frozen.",
  Escrow_NothingToBurn: "No fees of epoch {0} are left to burn.",
  Escrow_FeeAboveMaximum: "The fee of {0} ppm is above the maximum of {1}.",
  Token_ZeroAddress: "An address is missing.",
  Ledger_ZeroAddress: "An address is missing.",
  Ledger_NotAuthorized: "{0} may not anchor for {1}.",
  Ledger_NotCoordinator: "{0} is not staked as a coordinator.",
  Ledger_SizeShrank: "The log has {0} entries, {1} are anchored: a log cannot shrink.",
  Randomness_NotYet: "The random value of moment {0} is not known yet; try again later.",
  Randomness_Lost: "Nobody kept the random value of moment {0} while the chain still had it; it is lost.",
  Randomness_ZeroMoment: "No random moment has been fixed.",
  Randomness_DelayOutOfBounds: "A delay of {0} blocks is not between {1} and {2}.",
  Randomness_BadPublicKey: "The public key is none of BN254's second group.",
  Randomness_BadSignature: "The signature is not that of round {0}; fetch the round from the network again.",
  Randomness_BadSchedule: "A network has a genesis and a period above zero, not {0} and {1}.",
  Randomness_MarginOutOfBounds: "A margin of {0} seconds is not between {1} and {2}.",
  Bn254_PrecompileFailed: "Precompile {0} is missing on this chain, or there was too little gas for it.",
  Groth16_SignalOutOfRange: "The public signal {0} is not an element of the circuit's field.",
  Groth16_SignalCount: "There are {0} public signals, the key is for {1}.",
  ZkJobs_DevelopmentKey:
    "The proving key's secrets are public; chain {0} needs a key from a ceremony (zk-circuits/CEREMONY.md).",
  ZkJobs_CommitmentOutOfRange: "The commitment {0} is not an element of the circuit's field.",
  ZkJobs_ZeroPrice: "The price must be above zero.",
  ZkJobs_BadDeadline: "The deadline {0} is not after now, or later than {1} (unix time).",
  ZkJobs_InexactTransfer: "The token moved {1} wei instead of {0}.",
  ZkJobs_NotOpen: "Job {0} is not open (state {1}: 0 unknown, 2 answered, 3 refunded).",
  ZkJobs_Expired: "Job {0} took proofs until {1} (unix time); its price goes back to the client.",
  ZkJobs_NotExpired: "Job {0} takes proofs until {1} (unix time); the price can be taken back after that.",
  ZkJobs_UnknownClass: "There is no class {0}; there are {1}.",
  ZkJobs_InvalidProof: "The proof does not show that {1} answered job {0} with class {2}.",
  Intake_Paused: "New stakes and accounts are stopped until {0} (unix time); top-ups and exits are not.",
  Intake_Resting: "Intake cannot be stopped again before {0} (unix time).",
  Intake_NotPaused: "Intake is not stopped.",
  Recovery_ZeroAddress: "An address is missing.",
  Recovery_NotAPromise: "The voucher is not a pooled voucher that {0} signed for {1}.",
  Recovery_NoShortfall: "The pool of {0} holds {2} wei, and {1} wei are due: collect instead.",
  Recovery_AlreadyDeclared: "The shortfall of {0} towards {1} is declared at {2} wei already.",
  Recovery_Resting: "No shortfall of {0} can be declared before {1} (unix time); collect instead.",
  Recovery_NotDeclared: "No shortfall of {0} towards {1} is declared at {2} wei.",
  Recovery_WrongStage:
    "The insolvency of {0} is at stage {1} (0 none, 1 frozen, 2 open), which this step does not follow.",
  Recovery_StillShort: "{0} owes {1} wei to those who declared, its pool holds {2}; deposit or collect for it first.",
  Recovery_CureTime: "The payer has until {0} (unix time) to pay.",
  Recovery_CasesOpen: "{1} other case(s) against {0} are open and come first.",
  Recovery_AnchorNotShown: "The anchor does not lead to the commitment {1} of {0}, but to {2}; show them newest first.",
  Recovery_LengthMismatch: "There are {0} commitments and {1} anchors.",
  Recovery_RootKnown: "The liabilities root of {0} is known already: {1}.",
  Recovery_RootUnknown: "Show the anchors of {0} behind {1} first.",
  Recovery_LineNotInRoot: "The line does not lead to the root {1} of {0}, but to {2}.",
  Recovery_WrongLine: "The line is of payer {0}, epoch {1}, which is not what this recovery shares.",
  Recovery_AlreadyRegistered: "The line of {1} towards {0} is registered already.",
  Recovery_RegistrationOver: "Lines could be registered until {0} (unix time).",
  Recovery_NothingDue: "{0} owes {1} nothing in this recovery.",
  Recovery_ClaimTime: "That is possible from {0} (unix time) on.",
  Liabilities_PathMalformed: "The path has {0} hashes and {1} sums; it needs as many of both, 255 at most.",
  Liabilities_SumOverflow: "The liabilities add up to {0} wei, more than 128 bits.",
  Evidence_NotInBatch: "The leaf {0} is not in the signed batch with the root {1}.",
  SumTree_IndexOutOfRange: "There is no seat {0}; there are {1}.",
  SumTree_Overflow: "The weights add up to {0}, more than a lane holds.",
  SumTree_PointOutOfRange: "The point {0} is beyond all weights, {1}.",
  Verdicts_ZeroAddress: "An address is missing.",
  Verdicts_AlreadyPunished: "This offence was judged already, or is being tried.",
  Verdicts_NotSignedBy: "{1} does not sign for {0}.",
  Verdicts_WrongAssignment: "The receipt is for the assignment {1}, not {0}.",
  Verdicts_AnchorNotShown: "The anchors do not lead to the present commitment of {0}, {1}.",
  Verdicts_TooLate: "A case could be opened until {0} (unix time).",
  Bonds_ZeroBond: "The bond must be above zero.",
  Bonds_InexactTransfer: "The token moved {1} wei instead of {0}.",
  FaultProofs_SameReceipt: "Both receipts are the same: {0}.",
  FaultProofs_WrongCoordinator: "The head is of {1}, not of {0}.",
  FaultProofs_HeadNotAnchored: "The root {0} with {1} entries is not what was anchored.",
  FaultProofs_LeafNotInHead: "The leaf {0} is not at that index under the root {1}.",
  FaultProofs_SameLeaf: "Both heads hold the same leaf, {0}.",
  FaultProofs_NotThePayee: "Only the payee {1} or its operator may put its voucher on record, not {0}.",
  FaultProofs_NotAPromise: "The voucher is not a pooled voucher that {0} signed for {1}.",
  FaultProofs_WrongEpoch: "The voucher is of epoch {0}, its payer's pool is in {1}.",
  FaultProofs_NotMore: "A voucher over {1} wei is on record; this one is over {0}.",
  FaultProofs_NothingExhibited: "No voucher of {0} for {1} is on record; exhibit it first.",
  FaultProofs_AnchorTooEarly: "The anchor is of {0} (unix time); it counts from {1} on.",
  FaultProofs_LineNotInRoot: "The line does not lead to the root {0}, but to {1}.",
  FaultProofs_WrongLine: "The line of {0} for {1} is of epoch {2}, which is not the pool's and the voucher's.",
  FaultProofs_LineCovers: "The line leaves {0} wei outstanding, which covers the {1} wei that are due.",
  Demands_ZeroAddress: "An address is missing.",
  Demands_NotTheClient: "Only the job's client {1} may demand this, not {0}.",
  Demands_NotTheMiner: "Only the miner {1} or its operator may demand this, not {0}.",
  Demands_NothingToOpen: "The receipt {0} has no output.",
  Demands_NothingExhibited: "No voucher of {0} for {1} is on record; exhibit it first.",
  Demands_ExhibitTooNew: "The books need not show the voucher before {0} (unix time).",
  Demands_BooksNotDue: "There is no anchor {0} to demand the books of; the next one is number {1}.",
  Demands_WrongSubject: "The demand {0} is about something else, or there is none (subject {1}).",
  Demands_NotInLog: "The receipt {0} is not at that index under the root {1}.",
  Demands_NotInBooks: "The line does not lead to the root {0}, but to {1}.",
  Demands_WrongBooks: "The anchor is number {0}; the books of anchor {1} were demanded.",
  Demands_WrongLine: "The line is of {0} for {1}, epoch {2}, which is not what is owed or was demanded.",
  Demands_LineTooLow: "The line promises {0} wei, {1} were demanded.",
  Demands_NotCollected: "{0} wei are collected, {1} were demanded; collect the voucher first.",
  Demands_WrongCount: "{0} given, {1} expected.",
  Demands_NotInOutput: "The token at position {0} is not in the committed output.",
  Demands_NotTheReceipts: "These are not the receipts of the demand ({1} instead of {0}).",
  Demands_NotInVoucher: "The receipt {0} is not under the voucher's root {1}.",
  Demands_NotAPromise: "The voucher is not a pooled voucher that {0} signed for {1}.",
  Demands_JobsNotAscending:
    "The assignment {1} stands after {0}; sort the jobs by their assignments' hashes, each once.",
  Demands_OtherParties: "A job is of {0} and {1}, the first one is not.",
  Demands_NotAcknowledged: "The coordinator acknowledged nothing of the assignment {0}.",
  Demands_WrongEpoch: "The voucher is of epoch {0}, the coordinator's pool is in {1}.",
  Demands_AmountTooLarge: "{0} wei is more than a voucher can promise.",
  Demands_Answerable: "The demand {0} can be answered until {1} (unix time).",
  Jury_NotAMiner: "{0} is not an active miner; only miners' stake is drawn.",
  Jury_AlreadyJoined: "{0} is a juror already.",
  Jury_NotAJuror: "{0} is not a juror.",
  Jury_DrawPending: "{0} jury draw(s) are pending; draw them first.",
  Jury_OnDuty: "{0} sits on {1} open case(s).",
  Jury_Full: "All {0} seats are taken.",
  Court_ZeroAddress: "An address is missing.",
  Court_BondBelowFees: "The bond of {0} wei does not pay the jurors' {1}.",
  Court_RateAboveMaximum: "The draw rate of {0} ppm is more than everything.",
  Court_NotTheClient: "Only the job's client {1} may accuse without a draw, not {0}.",
  Court_NoOutput: "The receipt {0} has no output.",
  Court_TooManyTokens: "The receipt has {0} output tokens, and juries try at most {1}.",
  Court_Recess: "The last draw found no jury: nothing is filed until {0} (unix time), so that jurors can join.",
  Court_DrawAlreadyScheduled: "The draw of {0}, epoch {1}, is scheduled already.",
  Court_NothingAnchored: "{0} has anchored nothing.",
  Court_NotScheduled: "The draw of {0}, epoch {1}, is not scheduled; schedule it first.",
  Court_NotInLog: "The receipt {0} is not at that index under the root {1}.",
  Court_NotDrawn: "The receipt {0} is not drawn: it rolled {1}, and {2} of a million are.",
  Court_WrongStage:
    "The case {0} is at stage {1} (0 none, 1 filed, 2 committing, 3 revealing), which this step does not follow.",
  Court_NotOnJury: "{1} is not on the jury of case {0}.",
  Court_NotTheJuror: "{0} does not act for the juror {1}.",
  Court_AlreadyCommitted: "{1} has committed in case {0} already.",
  Court_ZeroCommitment: "The commitment is missing.",
  Court_TooLate: "That was possible until {0} (unix time).",
  Court_TooEarly: "That is possible after {0} (unix time), or when everybody has acted.",
  Court_WrongCommitment: "What is revealed gives the commitment {1}, not {0}.",
  Court_NoVerdict: "The verdict is missing.",
  Court_WrongCount: "{0} values given, {1} expected.",
  Court_NotInRoot: "The value at position {0} is not under the root that was committed to.",
  Rewards_ZeroAddress: "An address is missing.",
  Rewards_RateAboveMaximum: "The rebate of {0} ppm is above the maximum of {1}.",
  Rewards_EpochRunning: "Epoch {0} runs until {1} (unix time); claim then.",
  Rewards_AlreadyClaimed: "The rebate of {1} for epoch {0} is paid.",
  Rewards_NothingDue: "{1} brought in no fees in epoch {0}.",
  AccessManagedUnauthorized: "{0} may not do this; it takes a role that the access manager gives.",
  AccessControlUnauthorizedAccount: "{0} lacks the role {1} that this takes.",
  TimelockUnexpectedOperationState:
    "The operation {0} is not at the stage that this follows: unknown, waiting, or done.",
  TimelockInsufficientDelay: "The delay of {0} seconds is below the least of {1}.",
  TimelockUnexecutedPredecessor: "The operation {0} has to be executed before.",
  AccessManagerUnauthorizedAccount: "{0} lacks the role {1} of the access manager.",
  ERC20InvalidReceiver: "{0} cannot hold LODE; check the address.",
  ERC20InvalidSpender: "{0} cannot be approved; check the address.",
  ERC20ExceededCap: "That would make {0} wei of LODE, above the cap of {1}.",
  ERC20InsufficientBalance: "{0} has {1} wei of LODE, {2} are needed.",
  ERC20InsufficientAllowance: "The contract may move {1} wei, {2} are needed; approve first.",
};

export interface ContractRefusal {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly sentence: string;
}

const errors: Abi = everyAbi.flatMap((abi) => abi.filter(({ type }) => type === "error"));

/** Names of the errors that have a sentence. */
export const explainedErrors: readonly string[] = Object.keys(sentences);

function explain(name: string, args: readonly unknown[]): ContractRefusal {
  const text = sentences[name] ?? `The contract refused: ${name}(${args.map(String).join(", ")}).`;
  return { name, args, sentence: text.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)])) };
}

/** What a contract said when it refused, from an error of viem or from revert data; undefined when it was no refusal. */
export function decodeContractError(error: unknown): ContractRefusal | undefined {
  if (typeof error === "string") return decodeData(error as Hex);
  if (!(error instanceof BaseError)) return undefined;
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(reverted instanceof ContractFunctionRevertedError)) return undefined;
  if (reverted.data !== undefined) return explain(reverted.data.errorName, reverted.data.args ?? []);
  return reverted.raw === undefined ? undefined : decodeData(reverted.raw);
}

function decodeData(data: Hex): ContractRefusal | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi: errors, data });
    return explain(errorName, args ?? []);
  } catch {
    return undefined;
  }
}
