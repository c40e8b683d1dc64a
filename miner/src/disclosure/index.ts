export type { Carrier } from "./carrier.ts";
export { chainCarrier } from "./chain-carrier.ts";
export { Desk, isQuestion, type DeskOptions } from "./desk.ts";
export { checkDisclosure, DisclosureError, openDisclosure, sealDisclosure, type Disclosure } from "./disclosure.ts";
export { canBeChecked, isEntitled, type IsLot } from "./entitled.ts";
export { httpCarrier } from "./http-carrier.ts";
