import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const dayMs = 86_400_000;
const days = 30;
const height = 180;

/** Bars for the last thirty days, in the page's own colours. */
export default function Chart({ byDay }: { byDay: ReadonlyMap<string, bigint> }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = frame.current;
    if (at === null) return;
    const today = Math.floor(Date.now() / dayMs) * dayMs;
    const times = Array.from({ length: days }, (_, day) => (today - (days - 1 - day) * dayMs) / 1000);
    const amounts = times.map((seconds) => {
      const wei = byDay.get(new Date(seconds * 1000).toISOString().slice(0, 10)) ?? 0n;
      return Number(wei / 10n ** 6n) / 1e12;
    });
    let plot: uPlot | undefined;
    const draw = (): void => {
      const styles = getComputedStyle(at);
      const [line, text, accent] = ["--line", "--soft", "--accent"].map((name) => styles.getPropertyValue(name).trim());
      const font = "12px system-ui, sans-serif";
      const bars = uPlot.paths.bars?.({ size: [0.62, 26], radius: 0.15 });
      const axis = { stroke: text ?? "", font, ticks: { show: false } };
      plot?.destroy();
      plot = new uPlot(
        {
          width: at.clientWidth,
          height,
          legend: { show: false },
          cursor: { show: false },
          tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
          scales: { y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
          axes: [
            { ...axis, grid: { show: false }, space: 70, size: 30, values: (_plot, splits) => splits.map(shortDay) },
            {
              ...axis,
              size: 74,
              grid: { stroke: line ?? "", width: 1 },
              values: (_plot, splits) => splits.map(amount),
            },
          ],
          series: [
            {},
            {
              fill: accent ?? "",
              stroke: "transparent",
              points: { show: false },
              ...(bars !== undefined && { paths: bars }),
            },
          ],
        },
        [times, amounts],
        at,
      );
    };
    draw();
    const sizes = new ResizeObserver(draw);
    sizes.observe(at);
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
      plot?.destroy();
    };
  }, [byDay]);
  return <div ref={frame} className="chart-frame" aria-hidden="true" />;
}

const shortDay = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleDateString("en-US", { month: "short", day: "numeric", timeZone: "UTC" });
const amount = (value: number): string =>
  value === 0 ? "0" : value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
