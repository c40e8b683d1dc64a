export { findCause, LodeError } from "./lode-error.ts";
