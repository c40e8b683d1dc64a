/** ABI of BlockRandomness, generated from the compiler's output. */
export const blockRandomnessAbi = [
  {
    inputs: [
      {
        internalType: "uint64",
        name: "delay",
        type: "uint64",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "delay",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "minimum",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "maximum",
        type: "uint64",
      },
    ],
    name: "Randomness_DelayOutOfBounds",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    name: "Randomness_Lost",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    name: "Randomness_NotYet",
    type: "error",
  },
  {
    inputs: [],
    name: "Randomness_ZeroMoment",
    type: "error",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "bytes32",
        name: "value",
        type: "bytes32",
      },
    ],
    name: "RandomnessKept",
    type: "event",
  },
  {
    inputs: [],
    name: "delayBlocks",
    outputs: [
      {
        internalType: "uint64",
        name: "delay",
        type: "uint64",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    name: "keep",
    outputs: [
      {
        internalType: "bytes32",
        name: "value",
        type: "bytes32",
      },
    ],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [],
    name: "nextMoment",
    outputs: [
      {
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    name: "stateOf",
    outputs: [
      {
        internalType: "enum IRandomness.State",
        name: "state",
        type: "uint8",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    name: "valueAt",
    outputs: [
      {
        internalType: "bytes32",
        name: "value",
        type: "bytes32",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
] as const;
