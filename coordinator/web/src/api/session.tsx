import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { askJson } from "./http.ts";

export type Scope = "client" | "read" | "miner" | "admin";

/** An API key that this tab holds. It is gone when the tab is closed. */
export interface HeldKey {
  readonly key: string;
  readonly scope: Scope;
  readonly account: `0x${string}`;
}

interface Session {
  readonly keys: readonly HeldKey[];
  /** A key of one of these scopes, the first of them that is there. */
  find(...scopes: Scope[]): HeldKey | undefined;
  /** Takes a key after asking what it is. @throws {ApiFailure} */
  add(key: string): Promise<HeldKey>;
  clear(): void;
}

const place = "lode.keys";
const SessionContext = createContext<Session | undefined>(undefined);

function stored(): HeldKey[] {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? "[]") as HeldKey[];
  } catch {
    return [];
  }
}

/** The keys that this tab works with. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [keys, setKeys] = useState(stored);
  const session = useMemo<Session>(() => {
    const keep = (next: HeldKey[]): void => {
      sessionStorage.setItem(place, JSON.stringify(next));
      setKeys(next);
    };
    return {
      keys,
      find: (...scopes) => scopes.flatMap((scope) => keys.filter((held) => held.scope === scope))[0],
      async add(key) {
        const { scope, account } = await askJson<{ scope: Scope; account: `0x${string}` }>("/v1/keys/self", { key });
        const held = { key, scope, account };
        keep([held, ...stored().filter((other) => other.scope !== scope)]);
        return held;
      },
      clear: () => keep([]),
    };
  }, [keys]);
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("there is no session around this part");
  return session;
}
