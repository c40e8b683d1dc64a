/** A node of the compiler's syntax tree; Solidity and assembly alike. */
export interface Node {
  readonly nodeType: string;
  /** Start, length and file, in bytes. */
  readonly src: string;
  readonly [key: string]: unknown;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export function spanOf({ src }: Node): Span {
  const [start = 0, length = 0] = src.split(":").map(Number);
  return { start, end: start + length };
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "nodeType" in value && "src" in value;
}

export function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => {
    if (Array.isArray(value)) return value.filter(isNode);
    return isNode(value) ? [value] : [];
  });
}

/** A node's child by name; throws when the tree is not what the compiler writes. */
export function child(node: Node, name: string): Node {
  const value = node[name];
  if (!isNode(value)) throw new Error(`a ${node.nodeType} has no ${name}`);
  return value;
}

export function list(node: Node, name: string): Node[] {
  const value = node[name];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function word(node: Node, name: string): string {
  const value = node[name];
  return typeof value === "string" ? value : "";
}

/** The type of an expression, as the compiler words it. */
export function typeOf(node: Node): string {
  const types = node["typeDescriptions"];
  const text = typeof types === "object" && types !== null ? (types as { typeString?: unknown }).typeString : undefined;
  return typeof text === "string" ? text : "";
}
