import { Component, lazy, Suspense, useEffect, useRef, type ReactNode } from "react";
import { useInfo } from "./api/queries.ts";
import { Home } from "./features/home.tsx";
import { Link, match, useRouter } from "./router.tsx";
import { Empty, Hash, Page, Problem, Waiting } from "./ui/parts.tsx";
import { ThemeButton } from "./ui/theme.tsx";

const Receipts = lazy(() => import("./features/receipts.tsx"));
const ReceiptPage = lazy(() => import("./features/receipt/page.tsx"));
const Miners = lazy(() => import("./features/miners.tsx"));
const MinerPage = lazy(() => import("./features/miner.tsx"));
const Models = lazy(() => import("./features/models.tsx"));
const Epochs = lazy(() => import("./features/epochs.tsx"));
const Liabilities = lazy(() => import("./features/liabilities.tsx"));
const Disputes = lazy(() => import("./features/disputes.tsx"));
const Dispute = lazy(() => import("./features/dispute.tsx"));
const Bookings = lazy(() => import("./features/bookings.tsx"));
const Playground = lazy(() => import("./features/playground.tsx"));
const WalletPage = lazy(() => import("./features/wallet/page.tsx"));
const Fleet = lazy(() => import("./features/fleet.tsx"));

interface Place {
  readonly path: string;
  readonly name?: string;
  readonly page: (open: string) => ReactNode;
}

const places: readonly Place[] = [
  { path: "/", name: "Overview", page: () => <Home /> },
  { path: "/receipts", name: "Receipts", page: () => <Receipts /> },
  { path: "/receipts/:id", page: (id) => <ReceiptPage key={id} id={id} /> },
  { path: "/miners", name: "Miners", page: () => <Miners /> },
  { path: "/miners/:miner", page: (miner) => <MinerPage key={miner} miner={miner} /> },
  { path: "/models", name: "Models", page: () => <Models /> },
  { path: "/epochs", name: "Epochs", page: () => <Epochs /> },
  { path: "/liabilities", name: "Liabilities", page: () => <Liabilities /> },
  { path: "/disputes", name: "Disputes", page: () => <Disputes /> },
  { path: "/disputes/:transaction", page: (hash) => <Dispute key={hash} transaction={hash} /> },
  { path: "/playground", name: "Playground", page: () => <Playground /> },
  { path: "/bookings", name: "Bookings", page: () => <Bookings /> },
  { path: "/wallet", name: "Wallet", page: () => <WalletPage /> },
  { path: "/fleet", name: "Fleet", page: () => <Fleet /> },
];

/** The frame around every page. */
export function App() {
  const { path } = useRouter();
  const main = useRef<HTMLElement>(null);
  const tabs = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // Whoever works with the keyboard or a screen reader goes on where the new page begins.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
    // On narrow screens the tabs scroll: where one is stays in sight.
    const here = tabs.current?.querySelector<HTMLElement>("[aria-current=page]");
    if (here) tabs.current?.scrollTo({ left: here.offsetLeft - (tabs.current.clientWidth - here.offsetWidth) / 2 });
  }, [path]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <div className="top">
        <header className="bar-top">
          <Link to="/" className="brand">
            <Mark />
            <span>Lode</span>
          </Link>
          <Standing />
          <ThemeButton />
        </header>
        <nav className="tabs" ref={tabs} aria-label="Main">
          {places.map(({ path: to, name }) =>
            name === undefined ? null : (
              <Link key={to} to={to} aria-current={isAt(to, path) ? "page" : undefined}>
                {name}
              </Link>
            ),
          )}
        </nav>
      </div>
      <main id="main" ref={main} tabIndex={-1}>
        <Boundary key={path}>
          <Suspense fallback={<Waiting rows={8} />}>{pageAt(path)}</Suspense>
        </Boundary>
      </main>
      <footer className="foot">
        <Footer />
      </footer>
    </>
  );
}

const isAt = (to: string, path: string): boolean => (to === "/" ? path === "/" : path.startsWith(to));

function pageAt(path: string): ReactNode {
  for (const { path: pattern, page } of places) {
    const open = match(pattern, path);
    if (open !== undefined) return page(open);
  }
  return (
    <Page title="Nothing here">
      <Empty title="This page does not exist.">
        <Link to="/">Go to the overview</Link>, or look for a receipt by its number, its assignment or its job.
      </Empty>
    </Page>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="mark-ground" />
      <path d="M10 7v18h13" className="mark-line" />
      <circle cx="20" cy="13" r="3" className="mark-dot" />
    </svg>
  );
}

/** Whether the coordinator answers, always in the same place. */
function Standing() {
  const info = useInfo();
  const isUp = info.data !== undefined && !info.isError;
  return (
    <span className="standing" role="status">
      <span className={`dot ${isUp ? "on" : info.isError ? "off" : ""}`} aria-hidden="true" />
      {info.isError ? "no answer" : info.data === undefined ? "asking" : `${info.data.miners.online} online`}
    </span>
  );
}

function Footer() {
  const { data } = useInfo();
  return (
    <>
      <span>
        Coordinator {data === undefined ? "…" : <Hash value={data.coordinator} />} on chain {data?.chain.id ?? "…"}
      </span>
      <a href="/docs">API</a>
      <span>Version {data?.version ?? "…"}</span>
    </>
  );
}

/** A page that fails leaves the rest standing. */
class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Page title="This page failed">
        <Problem error={error} retry={() => window.location.reload()} />
      </Page>
    );
  }
}
