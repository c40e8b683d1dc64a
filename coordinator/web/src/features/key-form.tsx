import { useState, type SyntheticEvent, type ReactNode } from "react";
import { useSession, type Scope } from "../api/session.tsx";
import { Link } from "../router.tsx";
import { Problem, Section } from "../ui/parts.tsx";

/** Asks for an API key that may do what the page needs. It stays in this tab. */
export function KeyForm({ scopes, children }: { scopes: readonly Scope[]; children: ReactNode }) {
  const session = useSession();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const onSubmit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    try {
      const { scope } = await session.add(text.trim());
      setText("");
      if (!scopes.includes(scope))
        throw new Error(`This is a ${scope} key; this page needs a key of scope ${scopes.join(" or ")}.`);
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <Section title="An API key first">
      <form className="form" onSubmit={(event) => void onSubmit(event)}>
        <p>{children}</p>
        <label className="field">
          API key
          <span className="row">
            <input
              type="password"
              value={text}
              onChange={({ target }) => setText(target.value)}
              placeholder="lode_…"
              autoComplete="off"
              spellCheck={false}
              required
            />
            <button type="submit">Use it</button>
          </span>
        </label>
        {problem !== undefined && <Problem error={problem} />}
        <p className="note">
          It stays in this tab and goes to this coordinator only. No key yet? Sign in with a wallet on the{" "}
          <Link to="/wallet">wallet page</Link>, or run <code>lode client key</code>.
        </p>
      </form>
    </Section>
  );
}
