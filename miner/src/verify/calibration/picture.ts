/** One curve of a picture. */
export interface Curve {
  readonly label: string;
  readonly points: readonly (readonly [falseShare: number, trueShare: number])[];
}

const [side, left, top] = [320, 50, 30];
const colours = ["#1f5fa8", "#b5441e", "#3d7d2c", "#7a3d94", "#8a6d00", "#555555"];

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** ROC curves as an SVG: false alarms to the right, found to the top, both linear from 0 to 1. */
export function drawRoc(title: string, curves: readonly Curve[]): string {
  const at = (share: number): number => Math.round(share * side * 10) / 10;
  const height = top + side + 50 + 18 * curves.length;
  const lines = curves.map(({ points }, index) => {
    const path = points.map(([x, y]) => `${left + at(x)},${top + side - at(y)}`).join(" ");
    return `<polyline fill="none" stroke="${colours[index % colours.length] ?? ""}" stroke-width="2" points="${path}"/>`;
  });
  const legend = curves.map(({ label }, index) => {
    const y = top + side + 52 + 18 * index;
    const colour = colours[index % colours.length] ?? "";
    return `<rect x="${left}" y="${y - 9}" width="12" height="4" fill="${colour}"/><text x="${left + 20}" y="${y - 3}">${escape(label)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + side + 110}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/><text x="${left}" y="18" font-size="13">${escape(title)}</text>`,
    `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="none" stroke="#999"/>`,
    `<line x1="${left}" y1="${top + side}" x2="${left + side}" y2="${top}" stroke="#ccc"/>`,
    `<text x="${left - 8}" y="${top + 10}" text-anchor="end">1</text><text x="${left - 8}" y="${top + side}" text-anchor="end">0</text>`,
    `<text x="${left + side / 2}" y="${top + side + 16}" text-anchor="middle">false alarms (share of honest windows)</text>`,
    `<text transform="translate(${left - 24},${top + side / 2}) rotate(-90)" text-anchor="middle">found</text>`,
    ...lines,
    ...legend,
    "</svg>\n",
  ].join("\n");
}
