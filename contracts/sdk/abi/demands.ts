/** ABI of Demands, generated from the compiler's output. */
export const demandsAbi = [
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
      {
        internalType: "contract IFaultProofs",
        name: "proofs",
        type: "address",
      },
      {
        internalType: "contract IRandomness",
        name: "randomness",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "bond",
        type: "uint128",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "expectedWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "receivedWei",
        type: "uint256",
      },
    ],
    name: "Bonds_InexactTransfer",
    type: "error",
  },
  {
    inputs: [],
    name: "Bonds_ZeroBond",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "amountWei",
        type: "uint256",
      },
    ],
    name: "Demands_AmountTooLarge",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        internalType: "uint64",
        name: "until",
        type: "uint64",
      },
    ],
    name: "Demands_Answerable",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "books",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "next",
        type: "uint64",
      },
    ],
    name: "Demands_BooksNotDue",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "from",
        type: "uint64",
      },
    ],
    name: "Demands_ExhibitTooNew",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "previous",
        type: "bytes32",
      },
      {
        internalType: "bytes32",
        name: "next",
        type: "bytes32",
      },
    ],
    name: "Demands_JobsNotAscending",
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
        name: "demandedWei",
        type: "uint128",
      },
    ],
    name: "Demands_LineTooLow",
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
    name: "Demands_NotAPromise",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "assignment",
        type: "bytes32",
      },
    ],
    name: "Demands_NotAcknowledged",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint128",
        name: "collectedWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "demandedWei",
        type: "uint128",
      },
    ],
    name: "Demands_NotCollected",
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
    name: "Demands_NotInBooks",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "receipt",
        type: "bytes32",
      },
      {
        internalType: "bytes32",
        name: "root",
        type: "bytes32",
      },
    ],
    name: "Demands_NotInLog",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "position",
        type: "uint256",
      },
    ],
    name: "Demands_NotInOutput",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "receipt",
        type: "bytes32",
      },
      {
        internalType: "bytes32",
        name: "receiptsRoot",
        type: "bytes32",
      },
    ],
    name: "Demands_NotInVoucher",
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
        name: "client",
        type: "address",
      },
    ],
    name: "Demands_NotTheClient",
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
        name: "miner",
        type: "address",
      },
    ],
    name: "Demands_NotTheMiner",
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
    name: "Demands_NotTheReceipts",
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
    name: "Demands_NothingExhibited",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "bytes32",
        name: "receipt",
        type: "bytes32",
      },
    ],
    name: "Demands_NothingToOpen",
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
        internalType: "address",
        name: "miner",
        type: "address",
      },
    ],
    name: "Demands_OtherParties",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "shown",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "books",
        type: "uint64",
      },
    ],
    name: "Demands_WrongBooks",
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
    name: "Demands_WrongCount",
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
    name: "Demands_WrongEpoch",
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
    name: "Demands_WrongLine",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        internalType: "enum IDemands.Subject",
        name: "subject",
        type: "uint8",
      },
    ],
    name: "Demands_WrongSubject",
    type: "error",
  },
  {
    inputs: [],
    name: "Demands_ZeroAddress",
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
    name: "Evidence_NotInBatch",
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
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        indexed: true,
        internalType: "address",
        name: "accused",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "compensationWei",
        type: "uint128",
      },
    ],
    name: "DemandAnswered",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        indexed: true,
        internalType: "address",
        name: "accused",
        type: "address",
      },
    ],
    name: "DemandFailed",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        indexed: true,
        internalType: "enum IDemands.Subject",
        name: "subject",
        type: "uint8",
      },
      {
        indexed: true,
        internalType: "address",
        name: "accused",
        type: "address",
      },
      {
        indexed: false,
        internalType: "address",
        name: "challenger",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "deadline",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    name: "DemandOpened",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        indexed: true,
        internalType: "address",
        name: "accused",
        type: "address",
      },
    ],
    name: "DemandVoid",
    type: "event",
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
    inputs: [],
    name: "ANCHOR_SECONDS",
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
    name: "ANSWER_SECONDS",
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
    inputs: [],
    name: "PAYMENT_SECONDS",
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
    name: "RANGE_TOKENS",
    outputs: [
      {
        internalType: "uint32",
        name: "",
        type: "uint32",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
    ],
    name: "answerCollected",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
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
    name: "answerInBooks",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        internalType: "uint64",
        name: "index",
        type: "uint64",
      },
      {
        internalType: "bytes32[]",
        name: "path",
        type: "bytes32[]",
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
    name: "answerInLog",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        internalType: "bytes32[]",
        name: "receipts",
        type: "bytes32[]",
      },
      {
        internalType: "uint256",
        name: "which",
        type: "uint256",
      },
      {
        internalType: "uint64",
        name: "index",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "size",
        type: "uint64",
      },
      {
        internalType: "bytes32[]",
        name: "path",
        type: "bytes32[]",
      },
    ],
    name: "answerInVoucher",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
      {
        components: [
          {
            internalType: "bytes32",
            name: "salt",
            type: "bytes32",
          },
          {
            internalType: "uint32",
            name: "tokenId",
            type: "uint32",
          },
          {
            internalType: "bytes32[]",
            name: "path",
            type: "bytes32[]",
          },
        ],
        internalType: "struct IDemands.OpenedToken[]",
        name: "opened",
        type: "tuple[]",
      },
    ],
    name: "answerOpening",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [],
    name: "bondWei",
    outputs: [
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    stateMutability: "view",
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
      {
        internalType: "uint64",
        name: "books",
        type: "uint64",
      },
    ],
    name: "demandInBooks",
    outputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
    ],
    stateMutability: "nonpayable",
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
        name: "assignmentProof",
        type: "tuple",
      },
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
        name: "receiptProof",
        type: "tuple",
      },
    ],
    name: "demandInLog",
    outputs: [
      {
        internalType: "uint256",
        name: "id",
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
        name: "id",
        type: "uint256",
      },
    ],
    name: "demandOf",
    outputs: [
      {
        components: [
          {
            internalType: "enum IDemands.Subject",
            name: "subject",
            type: "uint8",
          },
          {
            internalType: "address",
            name: "accused",
            type: "address",
          },
          {
            internalType: "address",
            name: "challenger",
            type: "address",
          },
          {
            internalType: "uint64",
            name: "books",
            type: "uint64",
          },
          {
            internalType: "address",
            name: "harmed",
            type: "address",
          },
          {
            internalType: "uint64",
            name: "deadline",
            type: "uint64",
          },
          {
            internalType: "uint64",
            name: "moment",
            type: "uint64",
          },
          {
            internalType: "uint32",
            name: "tokens",
            type: "uint32",
          },
          {
            internalType: "uint128",
            name: "refundWei",
            type: "uint128",
          },
          {
            internalType: "uint128",
            name: "targetWei",
            type: "uint128",
          },
          {
            internalType: "bytes32",
            name: "word",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "receiptsRoot",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "key",
            type: "bytes32",
          },
        ],
        internalType: "struct IDemands.Demand",
        name: "demand",
        type: "tuple",
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
        name: "assignmentProof",
        type: "tuple",
      },
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
        name: "receiptProof",
        type: "tuple",
      },
    ],
    name: "demandOpening",
    outputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
    ],
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
        name: "last",
        type: "tuple",
      },
      {
        internalType: "bytes",
        name: "signature",
        type: "bytes",
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
            name: "assignmentProof",
            type: "tuple",
          },
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
                name: "assignment",
                type: "bytes32",
              },
              {
                internalType: "uint32",
                name: "count",
                type: "uint32",
              },
              {
                internalType: "bytes32",
                name: "prefixRoot",
                type: "bytes32",
              },
            ],
            internalType: "struct Progress",
            name: "progress",
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
            name: "progressProof",
            type: "tuple",
          },
        ],
        internalType: "struct IDemands.UnpaidJob[]",
        name: "jobs",
        type: "tuple[]",
      },
    ],
    name: "demandPayment",
    outputs: [
      {
        internalType: "uint256",
        name: "id",
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
        name: "id",
        type: "uint256",
      },
    ],
    name: "fail",
    outputs: [],
    stateMutability: "nonpayable",
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
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
    ],
    name: "rangeOf",
    outputs: [
      {
        internalType: "uint32",
        name: "first",
        type: "uint32",
      },
      {
        internalType: "uint32",
        name: "count",
        type: "uint32",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
] as const;
