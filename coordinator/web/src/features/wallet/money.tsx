import type { ExplorerInfo } from "@lode/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { EIP1193Provider } from "viem";
import { useConfig, useConnection, useConnectors, type Connector } from "wagmi";
import { connect, disconnect, switchChain } from "wagmi/actions";
import { useSession, type Scope } from "../../api/session.tsx";
import { clockText, weiOf } from "../../ui/format.ts";
import { Empty, Hash, Lode, Problem, Section, Stat, Waiting } from "../../ui/parts.tsx";
import { deposit, makeKey, readPosition, startThaw, withdraw, type Desk } from "./acts.ts";

/** The wallet in this browser and what it has here; without one, what to do instead. */
export function Money({ info }: { info: ExplorerInfo }) {
  const { address, connector, chainId, isConnected } = useConnection();
  const config = useConfig();
  const [problem, setProblem] = useState<unknown>();
  const provider = useQuery({
    queryKey: ["provider", connector?.uid],
    queryFn: async () => ({ get: (await connector?.getProvider()) as EIP1193Provider }),
    enabled: connector !== undefined && isConnected,
    staleTime: Infinity,
  });
  const run = (act: () => Promise<unknown>): void => {
    setProblem(undefined);
    act().catch((error: unknown) => setProblem(sentence(error)));
  };
  const isHere = chainId === info.chain.id;
  return (
    <Section
      title="Browser wallet"
      aside={
        address !== undefined && (
          <span className="row">
            <Hash value={address} />
            <button type="button" className="plain small" onClick={() => run(() => disconnect(config))}>
              Disconnect
            </button>
          </span>
        )
      }
    >
      {problem !== undefined && <Problem error={problem} />}
      {address === undefined || !isConnected ? (
        <Choose onChoose={(chosen) => run(() => connect(config, { connector: chosen }))} />
      ) : !isHere ? (
        <Empty title={`The wallet is on chain ${chainId}, this market on chain ${info.chain.id}.`}>
          <button type="button" onClick={() => run(() => switchChain(config, { chainId: info.chain.id }))}>
            Switch the wallet
          </button>
        </Empty>
      ) : provider.data === undefined ? (
        <Waiting rows={4} />
      ) : (
        <Position desk={{ info, address, provider: provider.data.get }} />
      )}
    </Section>
  );
}

function Choose({ onChoose }: { onChoose: (connector: Connector) => void }) {
  const all = useConnectors();
  // The nameless one is for browsers whose wallets do not announce themselves.
  const announced = all.filter(({ id }) => id !== "injected");
  const isOld = announced.length === 0 && "ethereum" in window;
  const shown = isOld ? all : announced;
  if (shown.length === 0) {
    return (
      <Empty title="No wallet in this browser.">
        Install one that knows EIP-6963, or use the command line: <code>lode client deposit</code>. With an API key
        alone the <a href="/explorer/playground">playground</a> works too.
      </Empty>
    );
  }
  return (
    <div className="row">
      {shown.map((connector) => (
        <button key={connector.uid} type="button" onClick={() => onChoose(connector)}>
          Connect {connector.name}
        </button>
      ))}
    </div>
  );
}

function Position({ desk }: { desk: Desk }) {
  const queries = useQueryClient();
  const session = useSession();
  const position = useQuery({
    queryKey: ["position", desk.address, desk.info.coordinator],
    queryFn: () => readPosition(desk),
    refetchInterval: 10_000,
  });
  const [amount, setAmount] = useState("");
  const [step, setStep] = useState<string>();
  const [done, setDone] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const amountWei = weiOf(amount) ?? 0n;
  const act = (what: string, run: () => Promise<unknown>): void => {
    setProblem(undefined);
    setDone(undefined);
    setStep("your wallet is asked");
    run()
      .then(
        () => {
          setDone(what);
          setAmount("");
        },
        (error: unknown) => setProblem(sentence(error)),
      )
      .finally(() => {
        setStep(undefined);
        void queries.invalidateQueries();
      });
  };
  const signIn = (scope: Scope): void =>
    act(`Signed in: this tab holds a ${scope} key now.`, async () => {
      await session.add(await makeKey(desk, scope, "explorer"));
    });
  if (position.isError && position.data === undefined) {
    return <Problem error={sentence(position.error)} retry={() => void position.refetch()} />;
  }
  const { data } = position;
  const isBusy = step !== undefined;
  const thaws = data !== undefined && data.thawingWei > 0n;
  const isThawed = data !== undefined && thaws && data.chainSecs >= data.thawEndsAt;
  return (
    <div className="form">
      <dl className="stats">
        <Stat label="In the wallet" value={data === undefined ? "—" : <Lode wei={data.walletWei} />} />
        <Stat label="Deposited here" value={data === undefined ? "—" : <Lode wei={data.accountWei} />} />
        <Stat
          label="Thawing"
          value={data === undefined ? "—" : <Lode wei={data.thawingWei} />}
          note={thaws ? (isThawed ? "free now" : `free at ${clockText(Number(data.thawEndsAt) * 1000)}`) : undefined}
        />
      </dl>
      <label className="field">
        Amount in LODE
        <span className="row">
          <input
            value={amount}
            inputMode="decimal"
            placeholder="10"
            onChange={({ target }) => setAmount(target.value)}
            aria-invalid={amount !== "" && amountWei === 0n}
          />
          <button
            type="button"
            disabled={isBusy || amountWei === 0n}
            onClick={() => act("Deposited.", () => deposit(desk, amountWei, setStep))}
          >
            Deposit
          </button>
          <button
            type="button"
            className="plain"
            disabled={isBusy || amountWei === 0n || thaws}
            onClick={() => act("The thaw has begun.", () => startThaw(desk, amountWei))}
          >
            Start to withdraw
          </button>
          <button
            type="button"
            className="plain"
            disabled={isBusy || !isThawed}
            onClick={() => act("Withdrawn.", () => withdraw(desk))}
          >
            Withdraw what thawed
          </button>
        </span>
      </label>
      <div className="row">
        {session.find("client") === undefined && (
          <button type="button" className="plain" disabled={isBusy} onClick={() => signIn("client")}>
            Sign in to spend
          </button>
        )}
        {session.find("admin") === undefined && (
          <button type="button" className="plain" disabled={isBusy} onClick={() => signIn("admin")}>
            Sign in to manage keys
          </button>
        )}
        <span className="note">Signing in makes an API key for this tab; it moves no money.</span>
      </div>
      <div role="status" aria-live="polite">
        {step !== undefined && <p className="note">{step}…</p>}
        {done !== undefined && <p className="done">{done}</p>}
      </div>
      {problem !== undefined && <Problem error={problem} />}
    </div>
  );
}

/** Wallets and nodes say much; the first sentence says what happened. */
function sentence(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("The wallet refused.");
  const short = "shortMessage" in error && typeof error.shortMessage === "string" ? error.shortMessage : error.message;
  return new Error(short.split("\n")[0] ?? short);
}
