import { useSession } from "../../api/session.tsx";
import { useInfo } from "../../api/queries.ts";
import { Loaded, Page } from "../../ui/parts.tsx";
import { Account } from "./account.tsx";
import { Keys } from "./keys.tsx";
import { WalletProvider } from "./provider.tsx";
import { Money } from "./money.tsx";

/** A client's own page: money here and on the chain, keys, spending. */
export default function WalletPage() {
  const info = useInfo();
  const session = useSession();
  const reader = session.find("client", "read");
  const admin = session.find("admin");
  return (
    <Page
      title="Wallet"
      intro="A deposit is yours until it is spent: this coordinator collects what you were delivered, and nothing else. Withdraw the rest whenever you like."
    >
      <Loaded query={info} rows={8}>
        {(data) => (
          <WalletProvider info={data}>
            <Money info={data} />
            {reader !== undefined && <Account apiKey={reader.key} />}
            {admin !== undefined && <Keys apiKey={admin.key} />}
          </WalletProvider>
        )}
      </Loaded>
    </Page>
  );
}
