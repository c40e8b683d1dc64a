import { useEffect, useState } from "react";
import type { EIP1193Provider } from "viem";

/** A wallet that announced itself in this page (EIP-6963). */
export interface FoundWallet {
  readonly id: string;
  readonly name: string;
  readonly provider: EIP1193Provider;
}

interface Announcement {
  readonly info: { readonly uuid: string; readonly name: string };
  readonly provider: EIP1193Provider;
}

/** Wallets in this browser, as they announce themselves. */
export function useWallets(): readonly FoundWallet[] {
  const [wallets, setWallets] = useState<readonly FoundWallet[]>([]);
  useEffect(() => {
    const onAnnounce = (event: Event): void => {
      const { info, provider } = (event as CustomEvent<Announcement>).detail;
      const found = { id: info.uuid, name: info.name.slice(0, 40), provider };
      setWallets((known) => [...known.filter(({ id }) => id !== found.id), found]);
    };
    window.addEventListener("eip6963:announceProvider", onAnnounce);
    window.dispatchEvent(new Event("eip6963:requestProvider"));
    return () => window.removeEventListener("eip6963:announceProvider", onAnnounce);
  }, []);
  return wallets;
}
