/** ABI of FaultProofs, generated from the compiler's output. */
export const faultProofsAbi = [
  {
    inputs: [
      {
        internalType: "contract IERC20",
        name: "token",
        type: "address",
      },
      {
        internalType: "contract IStaking",
        name: "staking",
        type: "address",
      },
      {
        internalType: "contract IReceiptLedger",
        name: "ledger",
        type: "address",
      },
      {
        internalType: "contract IPaymentEscrow",
        name: "escrow",
        type: "address",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "leaf",
        type: "bytes32",
      },
      {
        internalType: "bytes32",
        name: "root",
        type: "bytes32",
      },
    ],
    name: "Evidence_NotInBatch",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "anchoredAt",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "from",
        type: "uint64",
      },
    ],
    name: "FaultProofs_AnchorTooEarly",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "root",
        type: "bytes32",
      },
      {
        internalType: "uint64",
        name: "size",
        type: "uint64",
      },
    ],
    name: "FaultProofs_HeadNotAnchored",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "leaf",
        type: "bytes32",
      },
      {
        internalType: "bytes32",
        name: "root",
        type: "bytes32",
      },
    ],
    name: "FaultProofs_LeafNotInHead",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint128",
        name: "lineWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "dueWei",
        type: "uint128",
      },
    ],
    name: "FaultProofs_LineCovers",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "expected",
        type: "bytes32",
      },
      {
        internalType: "bytes32",
        name: "shown",
        type: "bytes32",
      },
    ],
    name: "FaultProofs_LineNotInRoot",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payer",
        type: "address",
      },
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "FaultProofs_NotAPromise",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint128",
        name: "cumulativeWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "exhibitedWei",
        type: "uint128",
      },
    ],
    name: "FaultProofs_NotMore",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "caller",
        type: "address",
      },
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "FaultProofs_NotThePayee",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payer",
        type: "address",
      },
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "FaultProofs_NothingExhibited",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "leaf",
        type: "bytes32",
      },
    ],
    name: "FaultProofs_SameLeaf",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "receiptHash",
        type: "bytes32",
      },
    ],
    name: "FaultProofs_SameReceipt",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "expected",
        type: "address",
      },
      {
        internalType: "address",
        name: "shown",
        type: "address",
      },
    ],
    name: "FaultProofs_WrongCoordinator",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "expected",
        type: "uint64",
      },
    ],
    name: "FaultProofs_WrongEpoch",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payer",
        type: "address",
      },
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "FaultProofs_WrongLine",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "hashes",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "sums",
        type: "uint256",
      },
    ],
    name: "Liabilities_PathMalformed",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "sumWei",
        type: "uint256",
      },
    ],
    name: "Liabilities_SumOverflow",
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
        internalType: "enum IVerdicts.Fault",
        name: "fault",
        type: "uint8",
      },
      {
        internalType: "bytes32",
        name: "key",
        type: "bytes32",
      },
    ],
    name: "Verdicts_AlreadyPunished",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "coordinator",
        type: "address",
      },
      {
        internalType: "bytes32",
        name: "commitment",
        type: "bytes32",
      },
    ],
    name: "Verdicts_AnchorNotShown",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
    ],
    name: "Verdicts_NotSignedBy",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "until",
        type: "uint64",
      },
    ],
    name: "Verdicts_TooLate",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "expected",
        type: "bytes32",
      },
      {
        internalType: "bytes32",
        name: "shown",
        type: "bytes32",
      },
    ],
    name: "Verdicts_WrongAssignment",
    type: "error",
  },
  {
    inputs: [],
    name: "Verdicts_ZeroAddress",
    type: "error",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "enum IVerdicts.Fault",
        name: "fault",
        type: "uint8",
      },
      {
        indexed: true,
        internalType: "address",
        name: "accused",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "challenger",
        type: "address",
      },
      {
        indexed: false,
        internalType: "bytes32",
        name: "key",
        type: "bytes32",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "takenWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "refundWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "rewardWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "burnedWei",
        type: "uint128",
      },
    ],
    name: "FaultPunished",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "payer",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "cumulativeWei",
        type: "uint128",
      },
    ],
    name: "VoucherExhibited",
    type: "event",
  },
  {
    inputs: [],
    name: "CASE_SECONDS",
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
    name: "GRACE_SECONDS",
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
    inputs: [
      {
        components: [
          {
            internalType: "address",
            name: "payer",
            type: "address",
          },
          {
            internalType: "address",
            name: "payee",
            type: "address",
          },
          {
            internalType: "uint8",
            name: "kind",
            type: "uint8",
          },
          {
            internalType: "uint64",
            name: "epoch",
            type: "uint64",
          },
          {
            internalType: "uint128",
            name: "cumulativeWei",
            type: "uint128",
          },
          {
            internalType: "uint64",
            name: "count",
            type: "uint64",
          },
          {
            internalType: "bytes32",
            name: "receiptsRoot",
            type: "bytes32",
          },
        ],
        internalType: "struct IPaymentEscrow.Voucher",
        name: "voucher",
        type: "tuple",
      },
      {
        internalType: "bytes",
        name: "signature",
        type: "bytes",
      },
    ],
    name: "exhibit",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payer",
        type: "address",
      },
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "exhibitOf",
    outputs: [
      {
        components: [
          {
            internalType: "uint128",
            name: "cumulativeWei",
            type: "uint128",
          },
          {
            internalType: "uint64",
            name: "epoch",
            type: "uint64",
          },
          {
            internalType: "uint64",
            name: "exhibitedAt",
            type: "uint64",
          },
        ],
        internalType: "struct IFaultProofs.Exhibit",
        name: "shown",
        type: "tuple",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "coordinator",
        type: "address",
      },
    ],
    name: "isForked",
    outputs: [
      {
        internalType: "bool",
        name: "forked",
        type: "bool",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "enum IVerdicts.Fault",
        name: "fault",
        type: "uint8",
      },
    ],
    name: "penaltyPpm",
    outputs: [
      {
        internalType: "uint32",
        name: "ppm",
        type: "uint32",
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
            internalType: "address",
            name: "coordinator",
            type: "address",
          },
          {
            internalType: "uint64",
            name: "counter",
            type: "uint64",
          },
          {
            internalType: "uint32",
            name: "attempt",
            type: "uint32",
          },
          {
            internalType: "address",
            name: "client",
            type: "address",
          },
          {
            internalType: "address",
            name: "miner",
            type: "address",
          },
          {
            internalType: "bytes32",
            name: "modelDigest",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "engineClass",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "promptCommitment",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "prefixCommitment",
            type: "bytes32",
          },
          {
            internalType: "uint32",
            name: "outputOffset",
            type: "uint32",
          },
          {
            internalType: "uint32",
            name: "maxInputTokens",
            type: "uint32",
          },
          {
            internalType: "uint32",
            name: "maxOutputTokens",
            type: "uint32",
          },
          {
            internalType: "bytes32",
            name: "samplerHash",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "seed",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "quoteHash",
            type: "bytes32",
          },
          {
            internalType: "uint128",
            name: "inputPriceWei",
            type: "uint128",
          },
          {
            internalType: "uint128",
            name: "outputPriceWei",
            type: "uint128",
          },
          {
            internalType: "uint32",
            name: "feePpm",
            type: "uint32",
          },
          {
            internalType: "uint128",
            name: "maxAmountWei",
            type: "uint128",
          },
          {
            internalType: "uint64",
            name: "deadline",
            type: "uint64",
          },
          {
            internalType: "uint8",
            name: "tier",
            type: "uint8",
          },
        ],
        internalType: "struct Assignment",
        name: "assignment",
        type: "tuple",
      },
      {
        components: [
          {
            components: [
              {
                internalType: "bytes32",
                name: "assignment",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "inputCommitment",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "outputCommitment",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "fingerprintCommitment",
                type: "bytes32",
              },
              {
                internalType: "uint32",
                name: "inputTokens",
                type: "uint32",
              },
              {
                internalType: "uint32",
                name: "outputTokens",
                type: "uint32",
              },
              {
                internalType: "uint128",
                name: "amountWei",
                type: "uint128",
              },
              {
                internalType: "uint64",
                name: "startedAtMs",
                type: "uint64",
              },
              {
                internalType: "uint64",
                name: "finishedAtMs",
                type: "uint64",
              },
              {
                internalType: "uint8",
                name: "finishReason",
                type: "uint8",
              },
              {
                internalType: "bool",
                name: "hosted",
                type: "bool",
              },
            ],
            internalType: "struct Receipt",
            name: "receipt",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "bytes32",
                name: "root",
                type: "bytes32",
              },
              {
                internalType: "uint32",
                name: "count",
                type: "uint32",
              },
              {
                internalType: "uint32",
                name: "index",
                type: "uint32",
              },
              {
                internalType: "bytes32[]",
                name: "path",
                type: "bytes32[]",
              },
              {
                internalType: "bytes",
                name: "signature",
                type: "bytes",
              },
            ],
            internalType: "struct BatchProof",
            name: "proof",
            type: "tuple",
          },
        ],
        internalType: "struct IFaultProofs.SignedReceipt",
        name: "first",
        type: "tuple",
      },
      {
        components: [
          {
            components: [
              {
                internalType: "bytes32",
                name: "assignment",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "inputCommitment",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "outputCommitment",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "fingerprintCommitment",
                type: "bytes32",
              },
              {
                internalType: "uint32",
                name: "inputTokens",
                type: "uint32",
              },
              {
                internalType: "uint32",
                name: "outputTokens",
                type: "uint32",
              },
              {
                internalType: "uint128",
                name: "amountWei",
                type: "uint128",
              },
              {
                internalType: "uint64",
                name: "startedAtMs",
                type: "uint64",
              },
              {
                internalType: "uint64",
                name: "finishedAtMs",
                type: "uint64",
              },
              {
                internalType: "uint8",
                name: "finishReason",
                type: "uint8",
              },
              {
                internalType: "bool",
                name: "hosted",
                type: "bool",
              },
            ],
            internalType: "struct Receipt",
            name: "receipt",
            type: "tuple",
          },
          {
            components: [
              {
                internalType: "bytes32",
                name: "root",
                type: "bytes32",
              },
              {
                internalType: "uint32",
                name: "count",
                type: "uint32",
              },
              {
                internalType: "uint32",
                name: "index",
                type: "uint32",
              },
              {
                internalType: "bytes32[]",
                name: "path",
                type: "bytes32[]",
              },
              {
                internalType: "bytes",
                name: "signature",
                type: "bytes",
              },
            ],
            internalType: "struct BatchProof",
            name: "proof",
            type: "tuple",
          },
        ],
        internalType: "struct IFaultProofs.SignedReceipt",
        name: "second",
        type: "tuple",
      },
    ],
    name: "proveEquivocation",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "coordinator",
        type: "address",
      },
      {
        internalType: "uint64",
        name: "index",
        type: "uint64",
      },
      {
        components: [
          {
            components: [
              {
                internalType: "address",
                name: "coordinator",
                type: "address",
              },
              {
                internalType: "uint64",
                name: "size",
                type: "uint64",
              },
              {
                internalType: "bytes32",
                name: "root",
                type: "bytes32",
              },
              {
                internalType: "uint64",
                name: "timestampMs",
                type: "uint64",
              },
            ],
            internalType: "struct TreeHead",
            name: "head",
            type: "tuple",
          },
          {
            internalType: "bytes",
            name: "signature",
            type: "bytes",
          },
          {
            internalType: "bytes32",
            name: "previous",
            type: "bytes32",
          },
          {
            components: [
              {
                internalType: "bytes32",
                name: "root",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "liabilitiesRoot",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "nextNonceHash",
                type: "bytes32",
              },
              {
                internalType: "uint64",
                name: "epoch",
                type: "uint64",
              },
              {
                internalType: "uint64",
                name: "size",
                type: "uint64",
              },
              {
                internalType: "uint64",
                name: "anchoredAt",
                type: "uint64",
              },
            ],
            internalType: "struct Anchor[]",
            name: "anchors",
            type: "tuple[]",
          },
          {
            internalType: "bytes32",
            name: "leaf",
            type: "bytes32",
          },
          {
            internalType: "bytes32[]",
            name: "path",
            type: "bytes32[]",
          },
        ],
        internalType: "struct IFaultProofs.ShownHead",
        name: "first",
        type: "tuple",
      },
      {
        components: [
          {
            components: [
              {
                internalType: "address",
                name: "coordinator",
                type: "address",
              },
              {
                internalType: "uint64",
                name: "size",
                type: "uint64",
              },
              {
                internalType: "bytes32",
                name: "root",
                type: "bytes32",
              },
              {
                internalType: "uint64",
                name: "timestampMs",
                type: "uint64",
              },
            ],
            internalType: "struct TreeHead",
            name: "head",
            type: "tuple",
          },
          {
            internalType: "bytes",
            name: "signature",
            type: "bytes",
          },
          {
            internalType: "bytes32",
            name: "previous",
            type: "bytes32",
          },
          {
            components: [
              {
                internalType: "bytes32",
                name: "root",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "liabilitiesRoot",
                type: "bytes32",
              },
              {
                internalType: "bytes32",
                name: "nextNonceHash",
                type: "bytes32",
              },
              {
                internalType: "uint64",
                name: "epoch",
                type: "uint64",
              },
              {
                internalType: "uint64",
                name: "size",
                type: "uint64",
              },
              {
                internalType: "uint64",
                name: "anchoredAt",
                type: "uint64",
              },
            ],
            internalType: "struct Anchor[]",
            name: "anchors",
            type: "tuple[]",
          },
          {
            internalType: "bytes32",
            name: "leaf",
            type: "bytes32",
          },
          {
            internalType: "bytes32[]",
            name: "path",
            type: "bytes32[]",
          },
        ],
        internalType: "struct IFaultProofs.ShownHead",
        name: "second",
        type: "tuple",
      },
    ],
    name: "proveSplitView",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        components: [
          {
            internalType: "address",
            name: "payer",
            type: "address",
          },
          {
            internalType: "address",
            name: "payee",
            type: "address",
          },
          {
            internalType: "uint64",
            name: "epoch",
            type: "uint64",
          },
          {
            internalType: "uint128",
            name: "cumulativeWei",
            type: "uint128",
          },
          {
            internalType: "uint128",
            name: "outstandingWei",
            type: "uint128",
          },
        ],
        internalType: "struct Liability",
        name: "line",
        type: "tuple",
      },
      {
        components: [
          {
            internalType: "bytes32[]",
            name: "hashes",
            type: "bytes32[]",
          },
          {
            internalType: "uint128[]",
            name: "sumsWei",
            type: "uint128[]",
          },
          {
            internalType: "uint256",
            name: "lefts",
            type: "uint256",
          },
        ],
        internalType: "struct LiabilityPath",
        name: "path",
        type: "tuple",
      },
      {
        internalType: "bytes32",
        name: "previous",
        type: "bytes32",
      },
      {
        components: [
          {
            internalType: "bytes32",
            name: "root",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "liabilitiesRoot",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "nextNonceHash",
            type: "bytes32",
          },
          {
            internalType: "uint64",
            name: "epoch",
            type: "uint64",
          },
          {
            internalType: "uint64",
            name: "size",
            type: "uint64",
          },
          {
            internalType: "uint64",
            name: "anchoredAt",
            type: "uint64",
          },
        ],
        internalType: "struct Anchor[]",
        name: "anchors",
        type: "tuple[]",
      },
    ],
    name: "proveUnderstated",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
] as const;
