/** ABI of DrandRandomness, generated from the compiler's output. */
export const drandRandomnessAbi = [
  {
    inputs: [
      {
        internalType: "uint256[4]",
        name: "publicKey",
        type: "uint256[4]",
      },
      {
        internalType: "uint64",
        name: "genesis",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "period",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "margin",
        type: "uint64",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "precompile",
        type: "uint256",
      },
    ],
    name: "Bn254_PrecompileFailed",
    type: "error",
  },
  {
    inputs: [],
    name: "Randomness_BadPublicKey",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "genesis",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "period",
        type: "uint64",
      },
    ],
    name: "Randomness_BadSchedule",
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
    name: "Randomness_BadSignature",
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
        name: "margin",
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
    name: "Randomness_MarginOutOfBounds",
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
    name: "RandomnessVerified",
    type: "event",
  },
  {
    inputs: [],
    name: "network",
    outputs: [
      {
        internalType: "uint256[4]",
        name: "publicKey",
        type: "uint256[4]",
      },
      {
        internalType: "uint64",
        name: "genesis",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "period",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "margin",
        type: "uint64",
      },
    ],
    stateMutability: "view",
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
        name: "round",
        type: "uint64",
      },
      {
        internalType: "bytes",
        name: "signature",
        type: "bytes",
      },
    ],
    name: "submit",
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
    inputs: [
      {
        internalType: "uint64",
        name: "round",
        type: "uint64",
      },
    ],
    name: "timeOf",
    outputs: [
      {
        internalType: "uint256",
        name: "time",
        type: "uint256",
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
