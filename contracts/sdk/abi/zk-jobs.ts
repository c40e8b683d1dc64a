/** ABI of ZkJobs, generated from the compiler's output. */
export const zkJobsAbi = [
  {
    inputs: [
      {
        internalType: "contract IERC20",
        name: "token",
        type: "address",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
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
        internalType: "address",
        name: "token",
        type: "address",
      },
    ],
    name: "SafeERC20FailedOperation",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "deadline",
        type: "uint64",
      },
      {
        internalType: "uint256",
        name: "latest",
        type: "uint256",
      },
    ],
    name: "ZkJobs_BadDeadline",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "commitment",
        type: "uint256",
      },
    ],
    name: "ZkJobs_CommitmentOutOfRange",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "chainId",
        type: "uint256",
      },
    ],
    name: "ZkJobs_DevelopmentKey",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        internalType: "uint64",
        name: "deadline",
        type: "uint64",
      },
    ],
    name: "ZkJobs_Expired",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "sentWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "receivedWei",
        type: "uint256",
      },
    ],
    name: "ZkJobs_InexactTransfer",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        internalType: "address",
        name: "miner",
        type: "address",
      },
      {
        internalType: "uint256",
        name: "answer",
        type: "uint256",
      },
    ],
    name: "ZkJobs_InvalidProof",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        internalType: "uint64",
        name: "deadline",
        type: "uint64",
      },
    ],
    name: "ZkJobs_NotExpired",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        internalType: "enum IZkJobs.State",
        name: "state",
        type: "uint8",
      },
    ],
    name: "ZkJobs_NotOpen",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "answer",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "classes",
        type: "uint256",
      },
    ],
    name: "ZkJobs_UnknownClass",
    type: "error",
  },
  {
    inputs: [],
    name: "ZkJobs_ZeroPrice",
    type: "error",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        indexed: true,
        internalType: "address",
        name: "miner",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint8",
        name: "answer",
        type: "uint8",
      },
      {
        indexed: false,
        internalType: "uint96",
        name: "priceWei",
        type: "uint96",
      },
    ],
    name: "JobAnswered",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        indexed: true,
        internalType: "address",
        name: "client",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "commitment",
        type: "uint256",
      },
      {
        indexed: false,
        internalType: "uint96",
        name: "priceWei",
        type: "uint96",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "deadline",
        type: "uint64",
      },
    ],
    name: "JobOpened",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        indexed: true,
        internalType: "address",
        name: "client",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint96",
        name: "priceWei",
        type: "uint96",
      },
    ],
    name: "JobRefunded",
    type: "event",
  },
  {
    inputs: [],
    name: "CLASSES",
    outputs: [
      {
        internalType: "uint256",
        name: "",
        type: "uint256",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "MAXIMUM_SECONDS",
    outputs: [
      {
        internalType: "uint64",
        name: "",
        type: "uint64",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "TOKEN",
    outputs: [
      {
        internalType: "contract IERC20",
        name: "",
        type: "address",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        internalType: "address",
        name: "miner",
        type: "address",
      },
      {
        internalType: "uint256",
        name: "answerIndex",
        type: "uint256",
      },
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
    ],
    name: "answer",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
      {
        internalType: "address",
        name: "miner",
        type: "address",
      },
    ],
    name: "bindingOf",
    outputs: [
      {
        internalType: "uint256",
        name: "binding",
        type: "uint256",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "jobCount",
    outputs: [
      {
        internalType: "uint256",
        name: "",
        type: "uint256",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
    ],
    name: "jobOf",
    outputs: [
      {
        components: [
          {
            internalType: "address",
            name: "client",
            type: "address",
          },
          {
            internalType: "uint96",
            name: "priceWei",
            type: "uint96",
          },
          {
            internalType: "uint256",
            name: "commitment",
            type: "uint256",
          },
          {
            internalType: "uint64",
            name: "deadline",
            type: "uint64",
          },
          {
            internalType: "enum IZkJobs.State",
            name: "state",
            type: "uint8",
          },
          {
            internalType: "uint8",
            name: "answer",
            type: "uint8",
          },
        ],
        internalType: "struct IZkJobs.Job",
        name: "job",
        type: "tuple",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "commitment",
        type: "uint256",
      },
      {
        internalType: "uint96",
        name: "priceWei",
        type: "uint96",
      },
      {
        internalType: "uint64",
        name: "deadline",
        type: "uint64",
      },
    ],
    name: "open",
    outputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
    ],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "jobId",
        type: "uint256",
      },
    ],
    name: "refund",
    outputs: [],
    stateMutability: "nonpayable",
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
    stateMutability: "pure",
    type: "function",
  },
] as const;
