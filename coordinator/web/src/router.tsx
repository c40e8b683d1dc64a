import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useState,
  type AnchorHTMLAttributes,
  type MouseEvent,
  type ReactNode,
} from "react";

const base = "/explorer";

interface Location {
  /** Below the explorer's own path, always with a leading slash. */
  readonly path: string;
  readonly query: URLSearchParams;
}

interface Router extends Location {
  readonly go: (to: string) => void;
}

const here = (): Location => ({
  path: window.location.pathname.slice(base.length).replace(/\/+$/, "") || "/",
  query: new URLSearchParams(window.location.search),
});

const RouterContext = createContext<Router>({ path: "/", query: new URLSearchParams(), go: () => undefined });

/** The page's place in the address bar: deep links, back and forward, and the focus on what is new. */
export function RouterProvider({ children }: { children: ReactNode }) {
  const [location, setLocation] = useState(here);
  useEffect(() => {
    const onPop = (): void => setLocation(here());
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);
  const router = useMemo(
    () => ({
      ...location,
      go(to: string) {
        window.history.pushState(null, "", base + to);
        setLocation(here());
        window.scrollTo(0, 0);
      },
    }),
    [location],
  );
  return <RouterContext value={router}>{children}</RouterContext>;
}

export const useRouter = (): Router => useContext(RouterContext);

/** A link within the explorer. Whoever wants a new tab gets one. */
export function Link({ to, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const { go } = useRouter();
  const onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return <a href={base + to} onClick={onClick} {...rest} />;
}

/** The part of a path that a pattern like `/miners/:id` leaves open; undefined when it does not fit. */
export function match(pattern: string, path: string): string | undefined {
  const [fixed = "", open] = pattern.split(":");
  if (open === undefined) return path === pattern ? "" : undefined;
  const rest = path.startsWith(fixed) ? path.slice(fixed.length) : "";
  return rest === "" || rest.includes("/") ? undefined : decodeURIComponent(rest);
}
