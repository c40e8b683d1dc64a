export {
  evaluate,
  pointOf,
  poseidonChain,
  slabState,
  slabStatement,
  type SlabChange,
  type SlabPayment,
  type SlabStatement,
} from "./slab.ts";
