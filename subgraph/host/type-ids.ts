/** Class ids that the module is asked for by these numbers (graph-ts, `TypeId`). */
export const typeIds = {
  string: 0,
  arrayBuffer: 1,
  uint8Array: 6,
  bigDecimal: 12,
  arrayEthereumValue: 15,
  arrayStoreValue: 16,
  arrayEventParam: 19,
  arrayTypedMapEntryStringStoreValue: 21,
  eventParam: 23,
  ethereumTransaction: 24,
  ethereumBlock: 25,
  ethereumValue: 30,
  storeValue: 31,
  ethereumEvent: 33,
  typedMapEntryStringStoreValue: 34,
  typedMapStringStoreValue: 36,
} as const;

export type TypeIdName = keyof typeof typeIds;
