/** What Slither found, once for each detector and place. */
export interface Finding {
  readonly check: string;
  /** Contract and function, or the file where it is neither. */
  readonly where: string;
  readonly key: string;
  readonly description: string;
}

/** Why a finding is none. `where` names one place, or with a star every place: a choice, not an oversight. */
export interface Explanation {
  readonly check: string;
  readonly where: string;
  readonly reason: string;
}

interface Element {
  readonly type: string;
  readonly name: string;
  readonly source_mapping?: { readonly filename_relative?: string };
  readonly type_specific_fields?: { readonly parent?: Element };
}

/** Findings in our own contracts; a library's own belong to its authors. */
export function findingsOf(report: unknown): Finding[] {
  const { success, error, results } = report as {
    success: boolean;
    error: string | null;
    results: { detectors?: { check: string; description: string; elements: Element[] }[] };
  };
  if (!success) throw new Error(`Slither failed: ${error ?? "without a reason"}`);
  const found = new Map<string, Finding>();
  for (const { check, description, elements } of results.detectors ?? []) {
    const [first] = elements;
    const file = first?.source_mapping?.filename_relative ?? "";
    if (first === undefined || !file.startsWith("contracts/")) continue;
    const where = placeOf(first) ?? file;
    const key = `${check} ${where}`;
    found.set(key, { check, where, key, description: description.split("\n")[0]?.slice(0, 300) ?? "" });
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Findings that nothing explains, and explanations that explain nothing. */
export function compare(
  findings: readonly Finding[],
  explained: readonly Explanation[],
): { unexplained: Finding[]; idle: Explanation[] } {
  const fits = (finding: Finding, { check, where }: Explanation): boolean =>
    finding.check === check && (where === "*" || where === finding.where);
  return {
    unexplained: findings.filter((finding) => !explained.some((one) => fits(finding, one))),
    idle: explained.filter((one) => !findings.some((finding) => fits(finding, one))),
  };
}

function placeOf(element: Element): string | undefined {
  const parent = element.type_specific_fields?.parent;
  if (element.type === "contract") return element.name;
  if (parent === undefined) return undefined;
  if (element.type === "function" && parent.type === "contract") return `${parent.name}.${element.name}`;
  return placeOf(parent);
}
