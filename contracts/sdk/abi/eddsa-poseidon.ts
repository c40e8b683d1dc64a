/** ABI of EddsaPoseidon, generated from the compiler's output. */
export const eddsaPoseidonAbi = [
  {
    inputs: [
      {
        internalType: "uint256[5]",
        name: "inputs",
        type: "uint256[5]",
      },
    ],
    name: "hash",
    outputs: [
      {
        internalType: "uint256",
        name: "digest",
        type: "uint256",
      },
    ],
    stateMutability: "pure",
    type: "function",
  },
  {
    inputs: [
      {
        components: [
          {
            internalType: "uint256",
            name: "x",
            type: "uint256",
          },
          {
            internalType: "uint256",
            name: "y",
            type: "uint256",
          },
        ],
        internalType: "struct IEddsaPoseidon.Key",
        name: "key",
        type: "tuple",
      },
      {
        components: [
          {
            internalType: "uint256",
            name: "x",
            type: "uint256",
          },
          {
            internalType: "uint256",
            name: "y",
            type: "uint256",
          },
        ],
        internalType: "struct IEddsaPoseidon.Key",
        name: "eighth",
        type: "tuple",
      },
    ],
    name: "isPrimeOrder",
    outputs: [
      {
        internalType: "bool",
        name: "isPrime",
        type: "bool",
      },
    ],
    stateMutability: "pure",
    type: "function",
  },
  {
    inputs: [
      {
        components: [
          {
            internalType: "uint256",
            name: "x",
            type: "uint256",
          },
          {
            internalType: "uint256",
            name: "y",
            type: "uint256",
          },
        ],
        internalType: "struct IEddsaPoseidon.Key",
        name: "key",
        type: "tuple",
      },
      {
        internalType: "uint256",
        name: "message",
        type: "uint256",
      },
      {
        components: [
          {
            internalType: "uint256",
            name: "r8x",
            type: "uint256",
          },
          {
            internalType: "uint256",
            name: "r8y",
            type: "uint256",
          },
          {
            internalType: "uint256",
            name: "s",
            type: "uint256",
          },
        ],
        internalType: "struct IEddsaPoseidon.Signature",
        name: "signature",
        type: "tuple",
      },
    ],
    name: "verify",
    outputs: [
      {
        internalType: "bool",
        name: "isValid",
        type: "bool",
      },
    ],
    stateMutability: "pure",
    type: "function",
  },
] as const;
