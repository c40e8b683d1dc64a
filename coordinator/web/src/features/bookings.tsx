import { useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { ask, askJson } from "../api/http.ts";
import { useModels } from "../api/queries.ts";
import { useSession } from "../api/session.tsx";
import { Link, useRouter } from "../router.tsx";
import { clockText, counted, countText, shortHex } from "../ui/format.ts";
import { Empty, Loaded, Outcome, Page, Section, Table } from "../ui/parts.tsx";
import { KeyForm } from "./key-form.tsx";

interface Booking {
  readonly id: string;
  readonly modelDigest: string;
  readonly slots: number;
  readonly from: string;
  readonly to: string;
}

/** Slots kept for later, and what a client thought of what it got. */
export default function Bookings() {
  const held = useSession().find("client");
  return (
    <Page
      title="Bookings"
      intro="Keep slots of a model for a time of yours. A booking costs nothing by itself: unused for five minutes it lapses for good, and jobs are paid as always."
    >
      {held === undefined ? (
        <KeyForm scopes={["client"]}>A key of scope client books and reviews for its account.</KeyForm>
      ) : (
        <>
          <Calendar apiKey={held.key} />
          <Review apiKey={held.key} />
        </>
      )}
    </Page>
  );
}

/** What a field of type datetime-local holds: the visitor's own time, to the minute. */
function localText(ms: number): string {
  const here = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return here.toISOString().slice(0, 16);
}

const hourMs = 3_600_000;

function Calendar({ apiKey }: { apiKey: string }) {
  const bookings = useQuery({
    queryKey: ["bookings", apiKey],
    queryFn: () => askJson<{ data: Booking[] }>("/v1/bookings", { key: apiKey }),
    refetchInterval: 10_000,
  });
  const models = useModels();
  const known = models.data?.models ?? [];
  const nameOf = (digest: string): string => known.find((model) => model.digest === digest)?.id ?? shortHex(digest);
  const [model, setModel] = useState("");
  const [slots, setSlots] = useState("1");
  const [from, setFrom] = useState(() => localText(Date.now() + hourMs));
  const [to, setTo] = useState(() => localText(Date.now() + 2 * hourMs));
  const [done, setDone] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const run = async (act: () => Promise<string>): Promise<void> => {
    setProblem(undefined);
    setDone(undefined);
    try {
      setDone(await act());
    } catch (error) {
      setProblem(error);
    }
    await bookings.refetch();
  };
  const onBook = (event: SyntheticEvent): void => {
    event.preventDefault();
    void run(async () => {
      const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      const body = { model: model === "" ? known[0]?.id : model, slots: Number(slots), ...times };
      await askJson("/v1/bookings", { key: apiKey, method: "POST", body });
      return `Booked: ${counted(Number(slots), "slot")} from ${clockText(Date.parse(times.from))}.`;
    });
  };
  const giveBack = (id: string): void =>
    void run(async () => {
      await ask(`/v1/bookings/${id}`, { key: apiKey, method: "DELETE" });
      return "Given back.";
    });
  return (
    <Section title="Your bookings">
      <form className="form" onSubmit={onBook}>
        <div className="row fields">
          <label className="field">
            Model
            <select value={model} onChange={({ target }) => setModel(target.value)} disabled={known.length === 0}>
              {known.map(({ id }) => (
                <option key={id}>{id}</option>
              ))}
            </select>
          </label>
          <label className="field">
            Slots
            <input
              type="number"
              min={1}
              max={1024}
              value={slots}
              onChange={({ target }) => setSlots(target.value)}
              required
            />
          </label>
          <label className="field">
            From
            <input type="datetime-local" value={from} onChange={({ target }) => setFrom(target.value)} required />
          </label>
          <label className="field">
            To
            <input type="datetime-local" value={to} onChange={({ target }) => setTo(target.value)} required />
          </label>
          <button type="submit" disabled={known.length === 0}>
            Book
          </button>
        </div>
        <Outcome done={done} problem={problem} />
      </form>
      <Loaded query={bookings} rows={3}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="You hold no booking." />
          ) : (
            <Table
              label="Bookings"
              rows={data}
              keyOf={({ id }) => id}
              columns={[
                { head: "Model", cell: ({ modelDigest }) => nameOf(modelDigest) },
                { head: "Slots", cell: ({ slots: many }) => countText(many), isNumber: true },
                { head: "From", cell: (booking) => clockText(Date.parse(booking.from)), isNumber: true },
                { head: "To", cell: (booking) => clockText(Date.parse(booking.to)), isNumber: true },
                {
                  head: "Act",
                  cell: ({ id }) => (
                    <button type="button" className="plain small" onClick={() => giveBack(id)}>
                      Give back
                    </button>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  );
}

const stars = [1, 2, 3, 4, 5] as const;

function Review({ apiKey }: { apiKey: string }) {
  const { query } = useRouter();
  const [job, setJob] = useState(query.get("job") ?? "");
  const [given, setGiven] = useState<number>(5);
  const [done, setDone] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const onReview = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    setDone(undefined);
    try {
      const body = { job: job.trim(), stars: given };
      const { reviewed } = await askJson<{ reviewed: number }>("/v1/reviews", { key: apiKey, method: "POST", body });
      setDone(`Thank you: ${counted(reviewed, "miner")} reviewed.`);
      setJob("");
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <Section title="Review a job" aside={<Link to="/miners">what others say</Link>}>
      <form className="form" onSubmit={(event) => void onReview(event)}>
        <p>Only who paid for a job reviews it, once, and what it cost is its weight.</p>
        <label className="field">
          Job or assignment
          <input
            value={job}
            onChange={({ target }) => setJob(target.value)}
            placeholder="chatcmpl-… or 0x…"
            maxLength={128}
            spellCheck={false}
            required
          />
        </label>
        <fieldset className="row stars">
          <legend>Stars</legend>
          {stars.map((many) => (
            <label key={many}>
              <input type="radio" name="stars" value={many} checked={given === many} onChange={() => setGiven(many)} />{" "}
              {many}
            </label>
          ))}
        </fieldset>
        <div className="row">
          <button type="submit">Review it</button>
        </div>
        <Outcome done={done} problem={problem} />
      </form>
    </Section>
  );
}
