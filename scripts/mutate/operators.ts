import { child, list, spanOf, typeOf, word, type Node, type Span } from "./ast.ts";

/** A change of a source: the bytes from `start` to `end` become `text`. */
export interface Edit extends Span {
  readonly text: string;
  readonly operator: string;
}

/** The file's bytes, because the tree counts in bytes. */
export type Source = Buffer;

type Operator = (node: Node, source: Source) => readonly Edit[];

const slice = (source: Source, { start, end }: Span): string => source.subarray(start, end).toString("utf8");
const textOf = (node: Node, source: Source): string => slice(source, spanOf(node));
const replace = (node: Node, text: string, operator: string): Edit => ({ ...spanOf(node), text, operator });

const swaps: Readonly<Record<string, readonly string[]>> = {
  ...{ "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="] },
  ...{ "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "**": ["*"] },
  ...{ "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["&"] },
  ...{ "+=": ["-=", "="], "-=": ["+=", "="], "*=": ["/="], "/=": ["*="], "|=": ["&="], "&=": ["|="] },
};

/** The operator between two operands becomes each of its relatives. */
function swapBetween(node: Node, left: Node, right: Node, source: Source): Edit[] {
  const operator = word(node, "operator");
  const gap = { start: spanOf(left).end, end: spanOf(right).start };
  const at = slice(source, gap).indexOf(operator);
  if (at < 0) return [];
  const start = gap.start + at;
  return (swaps[operator] ?? []).map((text) => ({
    start,
    end: start + operator.length,
    text,
    operator: "operator",
  }));
}

const binary: Operator = (node, source) => {
  const [left, right] = [child(node, "leftExpression"), child(node, "rightExpression")];
  const sides = ["&&", "||"].includes(word(node, "operator"))
    ? [left, right].map((side) => replace(node, `(${textOf(side, source)})`, "condition half"))
    : [];
  return [...sides, ...swapBetween(node, left, right, source)];
};

const assignment: Operator = (node, source) => {
  const left = child(node, "leftHandSide");
  const parts = left.nodeType === "TupleExpression" ? list(left, "components") : [];
  // Several fields written at once: each of them is left out once.
  const dropped = parts.length > 1 ? parts.map((part) => replace(part, "", "dropped write")) : [];
  return [...dropped, ...swapBetween(node, left, child(node, "rightHandSide"), source)];
};

const unary: Operator = (node, source) => {
  const operator = word(node, "operator");
  const operand = textOf(child(node, "subExpression"), source);
  if (operator === "!") return [replace(node, operand, "negation")];
  if (operator === "-") return [replace(node, operand, "negation")];
  if (operator !== "++" && operator !== "--") return [];
  const other = operator === "++" ? "--" : "++";
  return [replace(node, node["prefix"] === true ? `${other}${operand}` : `${operand}${other}`, "operator")];
};

const literal: Operator = (node, source) => {
  const kind = word(node, "kind");
  if (kind === "bool") return [replace(node, word(node, "value") === "true" ? "false" : "true", "boolean")];
  if (kind !== "number") return [];
  const text = textOf(node, source);
  const plain = /^(\d[\d_]*)(\s+[a-z]+)?$/.exec(text);
  if (plain === null) return [replace(node, `(${text} + 1)`, "constant"), replace(node, `(${text} - 1)`, "constant")];
  const value = BigInt((plain[1] ?? "").replaceAll("_", ""));
  return (value === 0n ? [1n] : [value + 1n, value - 1n]).map((changed) =>
    replace(node, `${changed}${plain[2] ?? ""}`, "constant"),
  );
};

function isRevert(body: Node): boolean {
  const statements = body.nodeType === "Block" ? list(body, "statements") : [body];
  return statements.length === 1 && statements[0]?.nodeType === "RevertStatement";
}

const branch: Operator = (node, source) => {
  const condition = child(node, "condition");
  if (!isRevert(child(node, "trueBody"))) return constantCondition(condition);
  const deleted = replace(condition, "false", "deleted check");
  // A comparison is negated by its other operator already.
  if (word(condition, "operator") in swaps) return [deleted];
  return [deleted, replace(condition, `!(${textOf(condition, source)})`, "negated check")];
};

const choice: Operator = (node) => constantCondition(child(node, "condition"));

function constantCondition(condition: Node): Edit[] {
  return ["true", "false"].map((text) => replace(condition, text, "condition"));
}

/** A statement and the semicolon behind it become nothing. */
const deletion: Operator = (node, source) => {
  const { start, end } = spanOf(node);
  const semicolon = source.indexOf(";", end - 1);
  return [{ start, end: semicolon + 1, text: "{}", operator: "deleted statement" }];
};

/** What these are given first and second may change places: that is the same program. */
const commutative = ["addmod", "mulmod"];

/** Two arguments of the same type change places. */
const call: Operator = (node, source) => {
  const given = list(node, "arguments");
  const isCommutative = commutative.includes(textOf(child(node, "expression"), source));
  return given.flatMap((first, index) => {
    const second = given.slice(index + 1).find((other) => typeOf(other) === typeOf(first));
    const isConstant = typeOf(first).startsWith("int_const") || typeOf(first).startsWith("literal_string");
    if (second === undefined || isConstant || textOf(first, source) === textOf(second, source)) return [];
    if (isCommutative && index === 0 && second === given[1]) return [];
    const between = slice(source, { start: spanOf(first).end, end: spanOf(second).start });
    const text = `${textOf(second, source)}${between}${textOf(first, source)}`;
    return [{ start: spanOf(first).start, end: spanOf(second).end, text, operator: "swapped arguments" }];
  });
};

const modifier: Operator = (node) =>
  word(node, "kind") === "modifierInvocation" ? [replace(node, "", "removed modifier")] : [];

const yulSwaps: Readonly<Record<string, string>> = {
  ...{ add: "sub", sub: "add", mul: "div", div: "mul", lt: "gt", gt: "lt", eq: "lt", shl: "shr", shr: "shl" },
  ...{ and: "or", or: "and" },
};

const yulCall: Operator = (node) => {
  const name = child(node, "functionName");
  const other = yulSwaps[word(name, "name")];
  return other === undefined ? [] : [replace(name, other, "operator")];
};

const yulLiteral: Operator = (node) => {
  if (word(node, "kind") !== "number") return [];
  return [replace(node, `${BigInt(word(node, "value")) + 1n}`, "constant")];
};

const yulDeletion: Operator = (node) => [replace(node, "", "deleted statement")];

/** What is tried on each kind of node. */
export const operators: Readonly<Record<string, Operator>> = {
  BinaryOperation: binary,
  Assignment: assignment,
  UnaryOperation: unary,
  Literal: literal,
  IfStatement: branch,
  Conditional: choice,
  ExpressionStatement: deletion,
  EmitStatement: deletion,
  Return: deletion,
  FunctionCall: call,
  ModifierInvocation: modifier,
  YulFunctionCall: yulCall,
  YulLiteral: yulLiteral,
  YulExpressionStatement: yulDeletion,
  YulAssignment: yulDeletion,
};

/** A deployment or a type is no place for a mutant: what is in there does not run, or means a layout. */
export function isOutside(node: Node): boolean {
  return /^(Import|Pragma|Struct|Event|Error|Enum|Using|ArrayTypeName|Documentation)/.test(node.nodeType);
}

/** Whether a contract-level node has code of its own: interfaces have none. */
export function hasCode(node: Node): boolean {
  return node.nodeType !== "ContractDefinition" || word(node, "contractKind") !== "interface";
}
