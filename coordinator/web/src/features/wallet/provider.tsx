import type { ExplorerInfo } from "@lode/protocol";
import { useMemo, useState, type ReactNode } from "react";
import { defineChain } from "viem";
import { createConfig, http, injected, WagmiProvider } from "wagmi";

/** Wallets for the coordinator's chain: those that announce themselves, and the one that older pages know. */
export function WalletProvider({ info, children }: { info: ExplorerInfo; children: ReactNode }) {
  const { id, rpcUrl } = info.chain;
  // The page's figures change every few seconds; the connection must not.
  const [config] = useState(() => {
    const chain = defineChain({
      id,
      name: id === 31337 ? "Lode devnet" : `Chain ${id}`,
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: rpcUrl === null ? [] : [rpcUrl] } },
    });
    return createConfig({
      chains: [chain],
      connectors: [injected()],
      transports: { [id]: http(rpcUrl ?? undefined) },
    });
  });
  return useMemo(() => <WagmiProvider config={config}>{children}</WagmiProvider>, [config, children]);
}
