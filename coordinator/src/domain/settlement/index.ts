export * from "./amounts.ts";
export * from "./attempt.ts";
export * from "./book.ts";
export * from "./facts.ts";
export * from "./funds.ts";
export * from "./key-usage.ts";
export * from "./receipt-rules.ts";
