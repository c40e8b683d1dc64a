/** ABI of Court, generated from the compiler's output. */
export const courtAbi = [
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
        internalType: "contract IRandomness",
        name: "randomness",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "bond",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "jurorFeeWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "jurorPenaltyWei",
        type: "uint128",
      },
      {
        internalType: "uint32",
        name: "drawRatePpm",
        type: "uint32",
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
        name: "id",
        type: "uint256",
      },
      {
        internalType: "address",
        name: "juror",
        type: "address",
      },
    ],
    name: "Court_AlreadyCommitted",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "bondWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "feesWei",
        type: "uint256",
      },
    ],
    name: "Court_BondBelowFees",
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
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "Court_DrawAlreadyScheduled",
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
    name: "Court_NoOutput",
    type: "error",
  },
  {
    inputs: [],
    name: "Court_NoVerdict",
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
        internalType: "uint256",
        name: "roll",
        type: "uint256",
      },
      {
        internalType: "uint32",
        name: "ratePpm",
        type: "uint32",
      },
    ],
    name: "Court_NotDrawn",
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
    name: "Court_NotInLog",
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
    name: "Court_NotInRoot",
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
        internalType: "address",
        name: "juror",
        type: "address",
      },
    ],
    name: "Court_NotOnJury",
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
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "Court_NotScheduled",
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
    name: "Court_NotTheClient",
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
        name: "juror",
        type: "address",
      },
    ],
    name: "Court_NotTheJuror",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "coordinator",
        type: "address",
      },
    ],
    name: "Court_NothingAnchored",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint32",
        name: "ratePpm",
        type: "uint32",
      },
    ],
    name: "Court_RateAboveMaximum",
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
    name: "Court_Recess",
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
    name: "Court_TooEarly",
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
    name: "Court_TooLate",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "tokens",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "maximum",
        type: "uint256",
      },
    ],
    name: "Court_TooManyTokens",
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
    name: "Court_WrongCommitment",
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
    name: "Court_WrongCount",
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
        internalType: "enum ICourt.Stage",
        name: "stage",
        type: "uint8",
      },
    ],
    name: "Court_WrongStage",
    type: "error",
  },
  {
    inputs: [],
    name: "Court_ZeroAddress",
    type: "error",
  },
  {
    inputs: [],
    name: "Court_ZeroCommitment",
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
        internalType: "address",
        name: "juror",
        type: "address",
      },
    ],
    name: "Jury_AlreadyJoined",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "draws",
        type: "uint256",
      },
    ],
    name: "Jury_DrawPending",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "seats",
        type: "uint256",
      },
    ],
    name: "Jury_Full",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "account",
        type: "address",
      },
    ],
    name: "Jury_NotAJuror",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "account",
        type: "address",
      },
    ],
    name: "Jury_NotAMiner",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "juror",
        type: "address",
      },
      {
        internalType: "uint256",
        name: "duties",
        type: "uint256",
      },
    ],
    name: "Jury_OnDuty",
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
        internalType: "uint256",
        name: "index",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "capacity",
        type: "uint256",
      },
    ],
    name: "SumTree_IndexOutOfRange",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "sum",
        type: "uint256",
      },
    ],
    name: "SumTree_Overflow",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "point",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "total",
        type: "uint256",
      },
    ],
    name: "SumTree_PointOutOfRange",
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
        internalType: "enum ICourt.Verdict",
        name: "verdict",
        type: "uint8",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "votes",
        type: "uint256",
      },
    ],
    name: "CaseDecided",
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
      {
        indexed: true,
        internalType: "address",
        name: "challenger",
        type: "address",
      },
      {
        indexed: false,
        internalType: "bytes32",
        name: "receipt",
        type: "bytes32",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    name: "CaseFiled",
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
      {
        indexed: false,
        internalType: "bool",
        name: "isBondReturned",
        type: "bool",
      },
    ],
    name: "CaseVoid",
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
        indexed: false,
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "deadline",
        type: "uint64",
      },
    ],
    name: "CommitsClosed",
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
        name: "juror",
        type: "address",
      },
      {
        indexed: false,
        internalType: "bytes32",
        name: "commitment",
        type: "bytes32",
      },
    ],
    name: "Committed",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "coordinator",
        type: "address",
      },
      {
        indexed: true,
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "moment",
        type: "uint64",
      },
    ],
    name: "DrawScheduled",
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
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "juror",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "seat",
        type: "uint256",
      },
      {
        indexed: false,
        internalType: "uint32",
        name: "weight",
        type: "uint32",
      },
    ],
    name: "JurorJoined",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "juror",
        type: "address",
      },
    ],
    name: "JurorLeft",
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
        name: "juror",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "takenWei",
        type: "uint128",
      },
    ],
    name: "JurorPunished",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "juror",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint32",
        name: "weight",
        type: "uint32",
      },
    ],
    name: "JurorReweighed",
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
        indexed: false,
        internalType: "address[]",
        name: "jury",
        type: "address[]",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "deadline",
        type: "uint64",
      },
    ],
    name: "JuryDrawn",
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
        name: "juror",
        type: "address",
      },
      {
        indexed: false,
        internalType: "enum ICourt.Verdict",
        name: "verdict",
        type: "uint8",
      },
      {
        indexed: false,
        internalType: "bytes32",
        name: "vote",
        type: "bytes32",
      },
    ],
    name: "Revealed",
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
    name: "COMMIT_SECONDS",
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
    name: "DRAW_SECONDS",
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
    name: "JURY_SIZE",
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
    name: "MAXIMUM_TOKENS",
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
    inputs: [],
    name: "POSITIONS",
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
    name: "QUORUM",
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
    name: "RECESS_SECONDS",
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
    name: "REVEAL_SECONDS",
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
        internalType: "uint256",
        name: "id",
        type: "uint256",
      },
    ],
    name: "caseOf",
    outputs: [
      {
        components: [
          {
            internalType: "enum ICourt.Stage",
            name: "stage",
            type: "uint8",
          },
          {
            internalType: "uint8",
            name: "commits",
            type: "uint8",
          },
          {
            internalType: "uint8",
            name: "reveals",
            type: "uint8",
          },
          {
            internalType: "uint32",
            name: "outputTokens",
            type: "uint32",
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
            internalType: "address",
            name: "client",
            type: "address",
          },
          {
            internalType: "uint128",
            name: "refundWei",
            type: "uint128",
          },
          {
            internalType: "bytes32",
            name: "receipt",
            type: "bytes32",
          },
        ],
        internalType: "struct ICourt.Case",
        name: "tried",
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
        name: "id",
        type: "uint256",
      },
    ],
    name: "closeCommits",
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
        internalType: "address",
        name: "juror",
        type: "address",
      },
      {
        internalType: "bytes32",
        name: "commitment",
        type: "bytes32",
      },
    ],
    name: "commit",
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
    ],
    name: "drawJury",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "drawRatePpm",
    outputs: [
      {
        internalType: "uint32",
        name: "ratePpm",
        type: "uint32",
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
    name: "file",
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
    name: "fileDrawn",
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
        internalType: "address",
        name: "coordinator",
        type: "address",
      },
      {
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
      {
        internalType: "bytes32",
        name: "receipt",
        type: "bytes32",
      },
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "isDrawn",
    outputs: [
      {
        internalType: "bool",
        name: "drawn",
        type: "bool",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "join",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "account",
        type: "address",
      },
    ],
    name: "jurorOf",
    outputs: [
      {
        internalType: "uint32",
        name: "weight",
        type: "uint32",
      },
      {
        internalType: "uint32",
        name: "duties",
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
    name: "juryOf",
    outputs: [
      {
        internalType: "address[]",
        name: "jury",
        type: "address[]",
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
    inputs: [],
    name: "pendingDraws",
    outputs: [
      {
        internalType: "uint256",
        name: "draws",
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
        name: "id",
        type: "uint256",
      },
    ],
    name: "positionsOf",
    outputs: [
      {
        internalType: "uint256[]",
        name: "positions",
        type: "uint256[]",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "resign",
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
        internalType: "address",
        name: "juror",
        type: "address",
      },
      {
        components: [
          {
            internalType: "enum ICourt.Verdict",
            name: "verdict",
            type: "uint8",
          },
          {
            internalType: "bytes32",
            name: "salt",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "root",
            type: "bytes32",
          },
          {
            internalType: "bytes32[]",
            name: "values",
            type: "bytes32[]",
          },
          {
            internalType: "bytes32[][]",
            name: "paths",
            type: "bytes32[][]",
          },
        ],
        internalType: "struct ICourt.Revelation",
        name: "shown",
        type: "tuple",
      },
    ],
    name: "reveal",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "juror",
        type: "address",
      },
    ],
    name: "reweigh",
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
    ],
    name: "scheduleDraw",
    outputs: [
      {
        internalType: "uint64",
        name: "moment",
        type: "uint64",
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
    name: "settle",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [],
    name: "totalWeight",
    outputs: [
      {
        internalType: "uint256",
        name: "weight",
        type: "uint256",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
] as const;
