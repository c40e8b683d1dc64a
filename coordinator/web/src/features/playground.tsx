import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type SyntheticEvent } from "react";
import { askJson } from "../api/http.ts";
import { useSession } from "../api/session.tsx";
import { streamChat, type Ended } from "../api/stream.ts";
import { Link } from "../router.tsx";
import { duration } from "../ui/format.ts";
import { Empty, Loaded, Lode, Page, Problem, Section } from "../ui/parts.tsx";
import { KeyForm } from "./key-form.tsx";

interface ModelList {
  readonly data: readonly { readonly id: string }[];
}

/** Ask, watch the answer come, look at its receipt. */
export default function Playground() {
  const held = useSession().find("client");
  return (
    <Page
      title="Playground"
      intro="One prompt, one answer, one receipt. It costs what it says below, from your own deposit."
    >
      {held === undefined ? (
        <KeyForm scopes={["client"]}>A key of scope client pays for the answer from its account's deposit.</KeyForm>
      ) : (
        <Desk apiKey={held.key} />
      )}
    </Page>
  );
}

type State = "idle" | "asking" | "streaming" | "done";

function Desk({ apiKey }: { apiKey: string }) {
  const session = useSession();
  const models = useQuery({
    queryKey: ["models", apiKey],
    queryFn: () => askJson<ModelList>("/v1/models", { key: apiKey }),
    refetchInterval: 10_000,
  });
  const [model, setModel] = useState("");
  const [prompt, setPrompt] = useState("Tell me a short story.");
  const [length, setLength] = useState("120");
  const [state, setState] = useState<State>("idle");
  const [text, setText] = useState("");
  const [ended, setEnded] = useState<Ended>();
  const [problem, setProblem] = useState<unknown>();
  const stop = useRef<AbortController>(undefined);
  const known = models.data?.data.map(({ id }) => id) ?? [];
  const chosen = known.includes(model) ? model : (known[0] ?? "");

  const onSubmit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    stop.current = new AbortController();
    setText("");
    setEnded(undefined);
    setProblem(undefined);
    setState("asking");
    try {
      const request = { model: chosen, prompt, maxTokens: Number(length) };
      const result = await streamChat(apiKey, request, stop.current.signal, (piece) => {
        setState("streaming");
        setText((before) => before + piece);
      });
      setEnded(result);
    } catch (error) {
      if (!stop.current.signal.aborted) setProblem(error);
    }
    setState("done");
  };
  const isBusy = state === "asking" || state === "streaming";
  return (
    <div className="columns even">
      <Section
        title="Prompt"
        aside={
          <button type="button" className="quiet small" onClick={() => session.clear()}>
            Forget the key
          </button>
        }
      >
        <Loaded query={models} rows={5}>
          {() =>
            known.length === 0 ? (
              <Empty title="Nobody serves a model now.">The page looks again by itself.</Empty>
            ) : (
              <form className="form" onSubmit={(event) => void onSubmit(event)}>
                <label className="field">
                  Model
                  <select value={chosen} onChange={({ target }) => setModel(target.value)}>
                    {known.map((id) => (
                      <option key={id}>{id}</option>
                    ))}
                  </select>
                </label>
                <label className="field">
                  What to ask
                  <textarea
                    value={prompt}
                    onChange={({ target }) => setPrompt(target.value)}
                    required
                    maxLength={20_000}
                  />
                </label>
                <label className="field">
                  At most so many tokens
                  <input
                    type="number"
                    min={1}
                    max={4096}
                    value={length}
                    onChange={({ target }) => setLength(target.value)}
                    required
                  />
                </label>
                <div className="row">
                  <button type="submit" disabled={isBusy}>
                    {isBusy ? "Answering…" : "Ask"}
                  </button>
                  <button type="button" className="plain" disabled={!isBusy} onClick={() => stop.current?.abort()}>
                    Stop
                  </button>
                </div>
              </form>
            )
          }
        </Loaded>
      </Section>
      <Section title="Answer">
        {problem !== undefined && <Problem error={problem} />}
        <p className={text === "" ? "answer waits" : "answer"} aria-live="polite" aria-busy={isBusy} data-state={state}>
          {text !== ""
            ? text
            : state === "asking"
              ? "Looking for a miner…"
              : "The answer streams in here, token by token."}
        </p>
        {ended !== undefined && <Outcome ended={ended} />}
        {state === "done" && ended === undefined && problem === undefined && (
          <p className="note">Stopped. What was delivered until then is paid for, and has its receipt in the log.</p>
        )}
      </Section>
    </div>
  );
}

function Outcome({ ended }: { ended: Ended }) {
  const { id, inputTokens, outputTokens, amountWei, firstMs, wholeMs } = ended;
  const speed = wholeMs > firstMs ? ((outputTokens - 1) * 1000) / (wholeMs - firstMs) : undefined;
  return (
    <dl className="facts">
      <dt>Tokens</dt>
      <dd className="num">
        {inputTokens} in, {outputTokens} out
      </dd>
      <dt>First token</dt>
      <dd className="num">{duration(firstMs)}</dd>
      <dt>Speed</dt>
      <dd className="num">{speed === undefined ? "—" : `${speed.toFixed(0)} tokens/s`}</dd>
      <dt>Cost</dt>
      <dd>
        <Lode wei={amountWei} />
      </dd>
      <dt>Receipt</dt>
      <dd>
        <Link to={`/receipts/${id}`}>Check it in this browser</Link>
      </dd>
      <dt>Review</dt>
      <dd>
        <Link to={`/bookings?job=${id}`}>Say how it was</Link>
      </dd>
    </dl>
  );
}
