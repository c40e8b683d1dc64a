export { anvilSigner, devnetChainId, isPublicTestAccount } from "./devnet.ts";
export {
  createKeystore,
  importKeystore,
  KeystoreError,
  keystoreAddress,
  unlockKeystore,
  WrongPasswordError,
  type StoredKey,
} from "./keystore.ts";
export { readPassword, type PasswordSources } from "./password.ts";
export { recoverAddress, recoverPublicKey, recoverTypedData, SignatureError } from "./recover.ts";
export { seal, SealError, signerFromKey, signTypedData, type Signer } from "./signer.ts";
