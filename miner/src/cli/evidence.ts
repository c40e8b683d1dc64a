import type { Abi, AbiFunction, AbiParameter } from "viem";
import { usage } from "./arguments.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The parameters of a contract's function. */
export function parametersOf(abi: Abi, functionName: string): readonly AbiParameter[] {
  const found = abi.find((item): item is AbiFunction => item.type === "function" && item.name === functionName);
  if (found === undefined) throw usage(`There is no function ${functionName}.`);
  return found.inputs;
}

/**
 * A function's arguments out of a JSON object with a field for each parameter, by the names that the contract gives them.
 * Whole numbers may be numbers or decimal strings; above 2^53 they must be strings. What is missing or odd is named.
 * @param given arguments that were not in the file, by name
 */
export function argumentsFrom(
  evidence: unknown,
  parameters: readonly AbiParameter[],
  given: Fields = {},
): Record<string, unknown> {
  const fields = asFields(evidence, "The evidence");
  return Object.fromEntries(
    parameters.map((parameter) => {
      const name = parameter.name ?? "";
      return [name, name in given ? given[name] : valueOf(fields[name], parameter, name)];
    }),
  );
}

function asFields(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw usage(`${what} is not an object with named fields.`);
}

/** One value of JSON as the contract's type wants it. */
export function valueOf(value: unknown, parameter: AbiParameter, at: string): unknown {
  const { type } = parameter;
  const wrong = (): never => {
    throw usage(value === undefined ? `${at} is missing (${type}).` : `${at} is not a valid ${type}.`);
  };
  const list = /^(.*)\[\]$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return wrong();
    return value.map((item, index) => valueOf(item, { ...parameter, type: list }, `${at}[${index}]`));
  }
  if (type === "tuple" && "components" in parameter) {
    const fields = asFields(value ?? wrong(), at);
    return Object.fromEntries(
      parameter.components.map((part) => [
        part.name,
        valueOf(fields[part.name ?? ""], part, `${at}.${part.name ?? ""}`),
      ]),
    );
  }
  if (type === "bool") return typeof value === "boolean" ? value : wrong();
  if (/^u?int\d*$/.test(type)) return wholeNumber(value, type) ?? wrong();
  if (type === "string") return typeof value === "string" ? value : wrong();
  const bytes = type === "address" ? "20" : (/^bytes(\d*)$/.exec(type)?.[1] ?? wrong());
  const pattern = bytes === "" ? /^0x([0-9a-fA-F]{2})*$/ : new RegExp(`^0x[0-9a-fA-F]{${2 * Number(bytes)}}$`);
  return typeof value === "string" && pattern.test(value) ? value.toLowerCase() : wrong();
}

/** A number where the type fits one, as viem wants it, else a bigint; undefined when it is none or out of range. */
function wholeNumber(value: unknown, type: string): bigint | number | undefined {
  const isSafe = typeof value === "number" && Number.isSafeInteger(value);
  const isText = typeof value === "string" && /^-?\d{1,78}$/.test(value);
  if (!isSafe && !isText) return undefined;
  const whole = BigInt(value);
  const bits = BigInt(/\d+$/.exec(type)?.[0] ?? "256");
  const [least, most] = type.startsWith("u") ? [0n, 1n << bits] : [-(1n << (bits - 1n)), 1n << (bits - 1n)];
  if (whole < least || whole >= most) return undefined;
  return bits <= 48n ? Number(whole) : whole;
}
