export { decodeContractError, explainedErrors, type ContractRefusal } from "./contract-errors.ts";
export { findCause, LodeError } from "./lode-error.ts";
export { explainSystemError, SystemError } from "./system-error.ts";
