import type { Hex } from "@lode/sdk/hash";
import { readPassword, signTypedData, unlockKeystore, type Signer } from "@lode/sdk/keys";
import { escrowDomain, voucherKind } from "@lode/sdk/typed-data";
import type { Command } from "commander";
import { zeroAddress } from "viem";
import { kinds, option, usage, type Taken } from "./arguments.ts";
import { Context } from "./context.ts";
import type { Io } from "./io.ts";

const nothing = (): undefined => undefined;

/** How a command learns of a signer: its own keystore, or its address and the proof that its holder made. */
export const signerArguments = {
  signerWallet: option(kinds.path, "keystore of the signer's key: makes the proof here", nothing),
  signerPasswordFile: option(kinds.path, "file with that keystore's password", nothing),
  signer: option(kinds.address, "the signer's address, when its key is elsewhere", nothing),
  proof: option(kinds.bytes, "the proof that `lode client prove` or `lode pool prove` printed there", nothing),
} as const;

export interface SignerSource {
  readonly signerWallet: string | undefined;
  readonly signerPasswordFile: string | undefined;
  readonly signer: Hex | undefined;
  readonly proof: Hex | undefined;
}

export interface ProvenSigner {
  readonly signer: Hex;
  readonly proof: Hex;
}

/** When an authorisation ends: in 30 days, when nothing is said. */
export function until(): Taken<bigint> {
  return option(kinds.time, "when it ends: 30d, 2026-12-31, unix seconds; 30 days when left out", () =>
    kinds.time.parse("30d"),
  );
}

interface Pair {
  readonly payer: Hex;
  readonly payee: Hex;
  readonly kind: keyof typeof voucherKind;
}

/** The signature by which a key agrees to sign for a payer; the contract accepts no signer without it. */
function proofBy(key: Signer, context: Context, { payer, payee, kind }: Pair): Hex {
  const message = { payer, payee, signer: key.address, kind: voucherKind[kind] };
  return signTypedData(key, escrowDomain(context.addresses()), "SignerProof", message);
}

/** The signer and its proof, from whichever of the two ways was taken. */
export async function provenSigner(context: Context, source: SignerSource, pair: Pair): Promise<ProvenSigner> {
  const { signerWallet, signerPasswordFile, signer, proof } = source;
  if (signerWallet === undefined) {
    if (signer !== undefined && proof !== undefined) return { signer, proof };
    throw usage("Name the signer: --signer-wallet FILE, or --signer ADDRESS with --proof HEX.");
  }
  const { askHidden, env } = context.io;
  const password = await readPassword({
    file: signerPasswordFile,
    env: env["SIGNER_PASSWORD"],
    prompt: askHidden === undefined ? undefined : () => askHidden("Password of the signer's keystore: "),
  });
  const key = await unlockKeystore(signerWallet, password);
  return { signer: key.address, proof: proofBy(key, context, pair) };
}

/** `lode client prove` and `lode pool prove`: what the signer's holder runs, so that its key need not leave. */
export function addProve(group: Command, io: Io, kind: keyof typeof voucherKind): void {
  const command = group
    .command("prove")
    .description("agree, with this wallet as the signer, to sign for a payer; prints the proof that the payer sends")
    .argument("<payer>", "who will authorise this wallet");
  if (kind === "dedicated") command.argument("<payee>", "who will collect what this wallet signs");
  const payee = kind === "dedicated" ? " 0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc" : "";
  const example = `lode ${group.name()} prove 0x70997970c51812dc3a010c7d01b50e0d17dc79c8${payee}`;
  command.addHelpText("after", `\nNothing is sent: the proof is a signature.\n\nExamples:\n  ${example}`);
  command.action(async () => {
    const context = new Context(io, command);
    const [payer = "", collector = zeroAddress] = command.args;
    const pair = { payer: kinds.address.parse(payer), payee: kinds.address.parse(collector), kind };
    const key = await context.signer();
    const proof = proofBy(key, context, pair);
    context.result({ signer: key.address, ...pair, proof }, `--signer ${key.address} --proof ${proof}`);
  });
}
