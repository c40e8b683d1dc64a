import { scrypt as nativeScrypt } from "node:crypto";
import { encryptKeystoreJson, getAddress, scrypt } from "ethers";
import { bytesToHex, type Hex } from "../hash/index.ts";

/** OpenSSL's scrypt takes a third of a second where the script one takes several. */
const memory = (N: number, r: number): number => 256 * N * r;
scrypt.register(
  (password, salt, N, r, p, dkLen) =>
    new Promise((resolve, reject) => {
      nativeScrypt(password, salt, dkLen, { N, r, p, maxmem: memory(N, r) }, (error, key) => {
        if (error === null) resolve(bytesToHex(key));
        else reject(error);
      });
    }),
);

/** A private key as a keystore of version 3. In a file of its own, because it alone needs ethers: it is loaded when a wallet is made. */
export function sealKeystore(address: Hex, key: Hex, password: string): Promise<string> {
  return encryptKeystoreJson({ address: getAddress(address), privateKey: key }, password);
}
