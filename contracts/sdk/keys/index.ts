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
export { recoverAddress, recoverTypedData, SignatureError } from "./recover.ts";
export { signerFromKey, signTypedData, type Signer } from "./signer.ts";
