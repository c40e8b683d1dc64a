export { openControlGroups, type ControlGroups } from "./control-groups.ts";
export { findSandbox, ownSandbox, type Sandbox } from "./find.ts";
export { launch, type Launched, type LaunchOptions } from "./launch.ts";
