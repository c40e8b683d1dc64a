import type { ExplorerInfo, LogEntry } from "@lode/protocol";
import { receiptTitles } from "@lode/sdk/audit";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { findReceipts, useInfo } from "../../api/queries.ts";
import { useWallets, type FoundWallet } from "../../chain/wallets.ts";
import { Link } from "../../router.tsx";
import { counted } from "../../ui/format.ts";
import { Empty, Loaded, Page, Problem, Section, Waiting } from "../../ui/parts.tsx";
import { gatherAndCheck, type Checked } from "./evidence.ts";
import { Facts } from "./facts.tsx";
import { meanings } from "./meanings.ts";

/** A receipt with everything that can be checked about it, checked here and now. */
export default function ReceiptPage({ id }: { id: string }) {
  const found = useQuery({ queryKey: ["receipt", id], queryFn: ({ signal }) => findReceipts(id, signal) });
  const info = useInfo();
  const entries = found.data;
  const isMissing = found.isError || entries?.length === 0;
  return (
    <Page
      title={entries?.length === 1 ? `Receipt #${entries[0]?.index ?? ""}` : "Receipt"}
      intro="Checked by your browser, by the rules of the audit. The coordinator's server only hands over what it signed."
    >
      {isMissing ? (
        <Empty title="No receipt has this name.">
          A job that still runs has none yet. <Link to="/receipts">See the log</Link>.
        </Empty>
      ) : (
        <Loaded query={found} rows={10}>
          {(some) =>
            info.data === undefined ? (
              <Waiting rows={10} />
            ) : (
              some.map((entry) => (
                <OneReceipt key={entry.index} entry={entry} info={info.data} isOnly={some.length === 1} />
              ))
            )
          }
        </Loaded>
      )}
    </Page>
  );
}

function OneReceipt({ entry, info, isOnly }: { entry: LogEntry; info: ExplorerInfo; isOnly: boolean }) {
  const [wallet, setWallet] = useState<FoundWallet>();
  const checked = useQuery({
    queryKey: ["checked", entry.index, info.coordinator, wallet?.id],
    queryFn: () => gatherAndCheck(info, entry, wallet),
    staleTime: 60_000,
    retry: 1,
  });
  // An anchor comes within seconds or minutes of the receipt.
  const isWaiting =
    checked.data !== undefined && checked.data.source !== undefined && checked.data.anchor === undefined;
  useQuery({
    queryKey: ["anchor-wait", entry.index],
    queryFn: async () => (await checked.refetch()).dataUpdatedAt,
    refetchInterval: 5_000,
    enabled: isWaiting,
  });
  return (
    <>
      {!isOnly && <h2 className="between">Receipt #{entry.index}</h2>}
      <Verdict checked={checked.data} isError={checked.isError} />
      <div className="columns">
        <Section title="Checks" aside={<ChainChoice chosen={wallet} choose={setWallet} checked={checked.data} />}>
          {checked.isError ? (
            <Problem error={checked.error} retry={() => void checked.refetch()} />
          ) : checked.data === undefined ? (
            <Waiting rows={12} />
          ) : (
            <Checks checked={checked.data} />
          )}
        </Section>
        <Facts entry={entry} />
      </div>
    </>
  );
}

function Verdict({ checked, isError }: { checked: Checked | undefined; isError: boolean }) {
  const checks = checked?.verdict.checks ?? [];
  const failed = checks.filter(({ verdict }) => verdict === "failed").length;
  const open = checks.filter(({ verdict }) => verdict === "unknown").length;
  const [tone, text] = isError
    ? (["bad", "The checks could not run."] as const)
    : checked === undefined
      ? (["calm", "Checking signatures, Merkle paths and the chain…"] as const)
      : failed > 0
        ? (["bad", `${failed} of ${checks.length} checks failed. Keep this page: it is evidence.`] as const)
        : open > 0
          ? ([
              "warn",
              `${checks.length - open} of ${checks.length} checks passed, ${open} could not be made yet.`,
            ] as const)
          : (["good", `All ${checks.length} checks passed.`] as const);
  return (
    <p className={`verdict ${tone}`} role="status" data-verdict={tone}>
      {text}
    </p>
  );
}

const signs = { passed: "✓", failed: "✕", unknown: "?" } as const;
const words = { passed: "passed", failed: "failed", unknown: "open" } as const;
const tones = { passed: "good", failed: "bad", unknown: "warn" } as const;

function Checks({ checked }: { checked: Checked }) {
  const { verdict, anchor, headSize, source } = checked;
  const { signers } = verdict;
  const details: Partial<Record<string, string | undefined>> = {
    assignment_signed: signedBy(signers.assignment),
    quote_signed: signedBy(signers.quote),
    receipt_signed: signedBy(signers.receipt),
    head_signed: signedBy(signers.head),
    in_log: headSize === undefined ? undefined : `in a tree of ${counted(headSize, "receipt")}`,
    anchored:
      anchor && `epoch ${anchor.epoch} holds ${counted(Number(anchor.size), "receipt")}, read from ${source ?? ""}`,
  };
  return (
    <ol className="checks">
      {verdict.checks.map(({ name, verdict: outcome, message }) => (
        <li key={name} className={tones[outcome]} data-check={name} data-outcome={outcome}>
          <span className="sign" aria-hidden="true">
            {signs[outcome]}
          </span>
          <div>
            <h3>
              {receiptTitles[name]} <span className="hidden">: {words[outcome]}</span>
            </h3>
            <p>{meanings[name]}</p>
            {message !== undefined && <p className="why">{message}</p>}
            {details[name] !== undefined && <p className="detail">{details[name]}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}

const signedBy = (signer: string | undefined): string | undefined =>
  signer === undefined ? undefined : `signed by ${signer}`;

/** Who is asked for the chain: the node that the coordinator names, or the visitor's own wallet. */
function ChainChoice({
  chosen,
  choose,
  checked,
}: {
  chosen: FoundWallet | undefined;
  choose: (wallet: FoundWallet | undefined) => void;
  checked: Checked | undefined;
}) {
  const wallets = useWallets();
  return (
    <label className="choice">
      Chain read from
      <select
        value={chosen?.id ?? ""}
        onChange={({ target }) => choose(wallets.find(({ id }) => id === target.value))}
        title={checked?.chainProblem}
      >
        <option value="">the coordinator's node</option>
        {wallets.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
