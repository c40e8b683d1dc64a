/** ABI of Groth16Verifier, generated from the compiler's output. */
export const groth16VerifierAbi = [
  {
    inputs: [
      {
        components: [
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
            internalType: "struct Bn254.G1Point",
            name: "alpha",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "uint256",
                name: "xImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "xReal",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yReal",
                type: "uint256",
              },
            ],
            internalType: "struct Bn254.G2Point",
            name: "beta",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "uint256",
                name: "xImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "xReal",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yReal",
                type: "uint256",
              },
            ],
            internalType: "struct Bn254.G2Point",
            name: "gamma",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "uint256",
                name: "xImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "xReal",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yReal",
                type: "uint256",
              },
            ],
            internalType: "struct Bn254.G2Point",
            name: "delta",
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
            internalType: "struct Bn254.G1Point[]",
            name: "points",
            type: "tuple[]",
          },
        ],
        internalType: "struct Groth16.Key",
        name: "key",
        type: "tuple",
      },
      {
        internalType: "bool",
        name: "isDevelopment",
        type: "bool",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "chainId",
        type: "uint256",
      },
    ],
    name: "Groth16_DevelopmentKey",
    type: "error",
  },
  {
    inputs: [],
    name: "Groth16_GammaIsDelta",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "given",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "expected",
        type: "uint256",
      },
    ],
    name: "Groth16_SignalCount",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "signal",
        type: "uint256",
      },
    ],
    name: "Groth16_SignalOutOfRange",
    type: "error",
  },
  {
    inputs: [
      {
        components: [
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
            internalType: "struct Bn254.G1Point",
            name: "a",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "uint256",
                name: "xImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "xReal",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yReal",
                type: "uint256",
              },
            ],
            internalType: "struct Bn254.G2Point",
            name: "b",
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
            internalType: "struct Bn254.G1Point",
            name: "c",
            type: "tuple",
          },
        ],
        internalType: "struct Groth16.Proof",
        name: "proof",
        type: "tuple",
      },
      {
        internalType: "uint256[3]",
        name: "signals",
        type: "uint256[3]",
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
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "verifyingKey",
    outputs: [
      {
        components: [
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
            internalType: "struct Bn254.G1Point",
            name: "alpha",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "uint256",
                name: "xImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "xReal",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yReal",
                type: "uint256",
              },
            ],
            internalType: "struct Bn254.G2Point",
            name: "beta",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "uint256",
                name: "xImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "xReal",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yReal",
                type: "uint256",
              },
            ],
            internalType: "struct Bn254.G2Point",
            name: "gamma",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "uint256",
                name: "xImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "xReal",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yImaginary",
                type: "uint256",
              },
              {
                internalType: "uint256",
                name: "yReal",
                type: "uint256",
              },
            ],
            internalType: "struct Bn254.G2Point",
            name: "delta",
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
            internalType: "struct Bn254.G1Point[]",
            name: "points",
            type: "tuple[]",
          },
        ],
        internalType: "struct Groth16.Key",
        name: "key",
        type: "tuple",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
] as const;
