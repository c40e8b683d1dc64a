export * from "./schemas.ts";
export * from "./hash.ts";
export * from "./codes.ts";
export * from "./wire.ts";
export * from "./hosted.ts";
export * from "./login.ts";
export * from "./service.ts";
