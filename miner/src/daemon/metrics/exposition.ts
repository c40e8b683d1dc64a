export type Labels = Readonly<Record<string, string>>;

/** One figure with its values, as Prometheus reads it. */
export interface Family {
  name: string;
  help: string;
  type: "counter" | "gauge";
  values: readonly { labels?: Labels; value: number }[];
}

const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');

/** Text exposition format 0.0.4. A family without a value is left out. */
export function expose(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, help, type, values }) => {
    if (values.length === 0) return [];
    return [
      `# HELP ${name} ${escapeHelp(help)}`,
      `# TYPE ${name} ${type}`,
      ...values.map(({ labels = {}, value }) => {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
        return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}`;
      }),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

/** A counter with labels. A caller's labels come from short lists, never from a client or a text. */
export class Tally {
  readonly #values = new Map<string, { labels: Labels; value: number }>();

  add(labels: Labels, by = 1): void {
    const key = JSON.stringify(labels);
    const entry = this.#values.get(key);
    if (entry === undefined) this.#values.set(key, { labels, value: by });
    else entry.value += by;
  }

  get values(): { labels: Labels; value: number }[] {
    return [...this.#values.values()];
  }

  get sum(): number {
    return this.values.reduce((total, { value }) => total + value, 0);
  }
}
