export { SchemaError, type SchemaErrorCode } from "./errors.ts";
export { fits } from "./fits.ts";
export type { Grammar, Node, NodeIndex, Property } from "./grammar/nodes.ts";
export { constraintLimits } from "./limits.ts";
export { anyObject, compileSchema } from "./schema/compile.ts";
export { compileToolCalls } from "./tool-calls.ts";
