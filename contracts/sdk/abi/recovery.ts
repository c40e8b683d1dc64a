/** ABI of Recovery, generated from the compiler's output. */
export const recoveryAbi = [
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
        internalType: "contract IPaymentEscrow",
        name: "escrow",
        type: "address",
      },
      {
        internalType: "contract IReceiptLedger",
        name: "ledger",
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
        name: "payer",
        type: "address",
      },
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "cumulativeWei",
        type: "uint128",
      },
    ],
    name: "Recovery_AlreadyDeclared",
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
    name: "Recovery_AlreadyRegistered",
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
    name: "Recovery_AnchorNotShown",
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
        internalType: "uint256",
        name: "cases",
        type: "uint256",
      },
    ],
    name: "Recovery_CasesOpen",
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
    name: "Recovery_ClaimTime",
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
    name: "Recovery_CureTime",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "commitments",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "anchors",
        type: "uint256",
      },
    ],
    name: "Recovery_LengthMismatch",
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
    name: "Recovery_LineNotInRoot",
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
        internalType: "uint256",
        name: "dueWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "poolWei",
        type: "uint256",
      },
    ],
    name: "Recovery_NoShortfall",
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
    name: "Recovery_NotAPromise",
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
        internalType: "uint128",
        name: "cumulativeWei",
        type: "uint128",
      },
    ],
    name: "Recovery_NotDeclared",
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
    name: "Recovery_NothingDue",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "since",
        type: "uint64",
      },
    ],
    name: "Recovery_RegistrationOver",
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
        internalType: "uint64",
        name: "until",
        type: "uint64",
      },
    ],
    name: "Recovery_Resting",
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
        internalType: "bytes32",
        name: "liabilitiesRoot",
        type: "bytes32",
      },
    ],
    name: "Recovery_RootKnown",
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
        internalType: "bytes32",
        name: "cursor",
        type: "bytes32",
      },
    ],
    name: "Recovery_RootUnknown",
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
        internalType: "uint256",
        name: "dueWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "poolWei",
        type: "uint256",
      },
    ],
    name: "Recovery_StillShort",
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
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "Recovery_WrongLine",
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
        internalType: "enum IRecovery.Stage",
        name: "stage",
        type: "uint8",
      },
    ],
    name: "Recovery_WrongStage",
    type: "error",
  },
  {
    inputs: [],
    name: "Recovery_ZeroAddress",
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
        internalType: "uint128",
        name: "dueWei",
        type: "uint128",
      },
    ],
    name: "LineRegistered",
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
        internalType: "uint128",
        name: "dueWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "paidWei",
        type: "uint128",
      },
    ],
    name: "RecoveryClaimed",
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
        indexed: false,
        internalType: "uint128",
        name: "burnedWei",
        type: "uint128",
      },
    ],
    name: "RecoveryClosed",
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
        indexed: false,
        internalType: "bytes32",
        name: "liabilitiesRoot",
        type: "bytes32",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "totalWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "potWei",
        type: "uint128",
      },
    ],
    name: "RecoveryOpened",
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
        internalType: "uint128",
        name: "paidWei",
        type: "uint128",
      },
    ],
    name: "ShortfallCured",
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
        internalType: "uint128",
        name: "cumulativeWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "dueWei",
        type: "uint128",
      },
    ],
    name: "ShortfallDeclared",
    type: "event",
  },
  {
    inputs: [],
    name: "CASES_SECONDS",
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
    name: "CLAIM_SECONDS",
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
    name: "CURE_SECONDS",
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
    name: "REGISTRATION_SECONDS",
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
    name: "REST_SECONDS",
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
    name: "SETTLED_SECONDS",
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
    name: "claim",
    outputs: [
      {
        internalType: "uint128",
        name: "paidWei",
        type: "uint128",
      },
    ],
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
    ],
    name: "close",
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
    name: "cure",
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
    name: "declare",
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
    ],
    name: "open",
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
    ],
    name: "register",
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
    name: "registeredOf",
    outputs: [
      {
        internalType: "uint128",
        name: "dueWei",
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
    ],
    name: "release",
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
        internalType: "bytes32[]",
        name: "previous",
        type: "bytes32[]",
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
    name: "showAnchors",
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
    ],
    name: "spellOf",
    outputs: [
      {
        components: [
          {
            internalType: "enum IRecovery.Stage",
            name: "stage",
            type: "uint8",
          },
          {
            internalType: "bool",
            name: "isStakeFrozen",
            type: "bool",
          },
          {
            internalType: "uint40",
            name: "declaredAt",
            type: "uint40",
          },
          {
            internalType: "uint40",
            name: "openedAt",
            type: "uint40",
          },
          {
            internalType: "uint32",
            name: "declared",
            type: "uint32",
          },
          {
            internalType: "uint128",
            name: "dueWei",
            type: "uint128",
          },
          {
            internalType: "uint128",
            name: "potWei",
            type: "uint128",
          },
          {
            internalType: "uint128",
            name: "paidWei",
            type: "uint128",
          },
          {
            internalType: "uint128",
            name: "registeredWei",
            type: "uint128",
          },
          {
            internalType: "bytes32",
            name: "cursor",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "liabilitiesRoot",
            type: "bytes32",
          },
        ],
        internalType: "struct IRecovery.Spell",
        name: "spell",
        type: "tuple",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
] as const;
