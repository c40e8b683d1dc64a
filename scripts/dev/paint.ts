/** Colours for a terminal; without colours each hands its text back as it came. */
export type Paint = Readonly<Record<"bold" | "dim" | "green" | "red" | "cyan", (text: string) => string>>;

export function paint(withColours: boolean): Paint {
  const style =
    (on: number, off: number) =>
    (text: string): string =>
      withColours ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), green: style(32, 39), red: style(31, 39), cyan: style(36, 39) };
}
