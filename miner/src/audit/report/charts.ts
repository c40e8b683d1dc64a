import type { Share } from "@lode/sdk/audit";

const [width, height, left, bottom] = [720, 180, 8, 22];

/** Text as it may stand in HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What a pointer over it, and a reader of the screen, is told. */
  readonly title: string;
}

/** Standing bars side by side, as one SVG image. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const step = (width - 2 * left) / Math.max(1, bars.length);
  const top = height - bottom;
  const drawn = bars.map(({ label, value, title: hint }, i) => {
    const tall = Math.max(value > 0 ? 1 : 0, (value / most) * (top - 12));
    const x = left + i * step;
    const isLabelled = i % Math.ceil(bars.length / 8) === 0;
    const text = isLabelled ? `<text x="${(x + 1).toFixed(1)}" y="${height - 6}">${escapeHtml(label)}</text>` : "";
    const place = `x="${x.toFixed(1)}" y="${(top - tall).toFixed(1)}"`;
    const size = `width="${Math.max(0.5, step * 0.8).toFixed(2)}" height="${tall.toFixed(1)}"`;
    return `<rect ${place} ${size}><title>${escapeHtml(hint)}</title></rect>${text}`;
  });
  const line = `<line x1="${left}" y1="${top}" x2="${width - left}" y2="${top}"/>`;
  return `<svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${width} ${height}">${line}${drawn.join("")}</svg>`;
}

/** Lying bars under each other, the longest first. */
export function rankChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const row = 24;
  const drawn = bars.map(({ label, value, title: hint }, i) => {
    const long = Math.max(1, (value / most) * 300);
    const y = i * row;
    return `<text x="0" y="${y + 15}">${escapeHtml(label)}</text><rect x="330" y="${y + 4}" width="${long.toFixed(1)}" height="14"><title>${escapeHtml(hint)}</title></rect><text x="${(340 + long).toFixed(1)}" y="${y + 15}">${escapeHtml(hint)}</text>`;
  });
  const tall = Math.max(row, bars.length * row);
  return `<svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${width + 120} ${tall}">${drawn.join("")}</svg>`;
}

/** Days on a time line, those without receipts too; at most the last `most`. */
export function everyDay(days: readonly Share[], most = 120): Share[] {
  const last = days.at(-1);
  const first = days[0];
  if (last === undefined || first === undefined) return [];
  const known = new Map(days.map((day) => [day.name, day]));
  const [from, to] = [Date.parse(first.name), Date.parse(last.name)];
  const dayMs = 86_400_000;
  const begin = Math.max(from, to - (most - 1) * dayMs);
  return Array.from({ length: Math.round((to - begin) / dayMs) + 1 }, (_, i) => {
    const name = new Date(begin + i * dayMs).toISOString().slice(0, 10);
    return known.get(name) ?? { name, receipts: 0, amountWei: 0n };
  });
}
