/** ABI of PaymentEscrow, generated from the compiler's output. */
export const paymentEscrowAbi = [
  {
    inputs: [
      {
        internalType: "address",
        name: "authority",
        type: "address",
      },
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
        internalType: "uint32",
        name: "feePpm",
        type: "uint32",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "authority",
        type: "address",
      },
    ],
    name: "AccessManagedInvalidAuthority",
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
        internalType: "uint32",
        name: "delay",
        type: "uint32",
      },
    ],
    name: "AccessManagedRequiredDelay",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "caller",
        type: "address",
      },
    ],
    name: "AccessManagedUnauthorized",
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
    name: "Escrow_AmountTooLarge",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        internalType: "address",
        name: "recovered",
        type: "address",
      },
    ],
    name: "Escrow_BadSignerProof",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint32",
        name: "feePpm",
        type: "uint32",
      },
      {
        internalType: "uint32",
        name: "maximumPpm",
        type: "uint32",
      },
    ],
    name: "Escrow_FeeAboveMaximum",
    type: "error",
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
    name: "Escrow_InexactTransfer",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "balanceWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "amountWei",
        type: "uint256",
      },
    ],
    name: "Escrow_InsufficientBalance",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "vouchers",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "signatures",
        type: "uint256",
      },
    ],
    name: "Escrow_LengthMismatch",
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
        internalType: "uint8",
        name: "kind",
        type: "uint8",
      },
    ],
    name: "Escrow_NothingAvailable",
    type: "error",
  },
  {
    inputs: [],
    name: "Escrow_NothingThawing",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "Escrow_NothingToBurn",
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
    name: "Escrow_NothingToSweep",
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
    name: "Escrow_PoolFrozen",
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
    name: "Escrow_PoolMustThaw",
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
    name: "Escrow_PoolNotFrozen",
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
    name: "Escrow_SelfPayment",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        internalType: "uint256",
        name: "cumulativeWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "capWei",
        type: "uint256",
      },
    ],
    name: "Escrow_SignerCapExceeded",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        internalType: "uint256",
        name: "capWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "currentWei",
        type: "uint256",
      },
    ],
    name: "Escrow_SignerCapLowered",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "earliest",
        type: "uint64",
      },
    ],
    name: "Escrow_SignerCutShort",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        internalType: "uint256",
        name: "spentWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "capWei",
        type: "uint256",
      },
    ],
    name: "Escrow_SignerDailyCapExceeded",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
    ],
    name: "Escrow_SignerExpired",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
    ],
    name: "Escrow_SignerExpiryInPast",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "latest",
        type: "uint64",
      },
    ],
    name: "Escrow_SignerExpiryTooLate",
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
        internalType: "address",
        name: "signer",
        type: "address",
      },
    ],
    name: "Escrow_SignerUnknown",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "cumulativeWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "collectedWei",
        type: "uint256",
      },
    ],
    name: "Escrow_StaleVoucher",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "thawEndsAt",
        type: "uint64",
      },
    ],
    name: "Escrow_StillThawing",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "thawEndsAt",
        type: "uint64",
      },
    ],
    name: "Escrow_ThawInProgress",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint8",
        name: "kind",
        type: "uint8",
      },
    ],
    name: "Escrow_UnknownKind",
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
    name: "Escrow_WrongEpoch",
    type: "error",
  },
  {
    inputs: [],
    name: "Escrow_ZeroAddress",
    type: "error",
  },
  {
    inputs: [],
    name: "Escrow_ZeroAmount",
    type: "error",
  },
  {
    inputs: [],
    name: "Intake_NotPaused",
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
    name: "Intake_Paused",
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
    name: "Intake_Resting",
    type: "error",
  },
  {
    inputs: [],
    name: "InvalidShortString",
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
        internalType: "string",
        name: "str",
        type: "string",
      },
    ],
    name: "StringTooLong",
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
        name: "thawingWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "thawEndsAt",
        type: "uint64",
      },
    ],
    name: "AccountThawStarted",
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
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "AccountWithdrawn",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: false,
        internalType: "address",
        name: "authority",
        type: "address",
      },
    ],
    name: "AuthorityUpdated",
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
        internalType: "uint8",
        name: "kind",
        type: "uint8",
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
        name: "paidWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "count",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "bytes32",
        name: "receiptsRoot",
        type: "bytes32",
      },
    ],
    name: "Collected",
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
        name: "amountWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "balanceWei",
        type: "uint128",
      },
    ],
    name: "Deposited",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [],
    name: "EIP712DomainChanged",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "FeesBurned",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "guardian",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "until",
        type: "uint64",
      },
    ],
    name: "IntakePaused",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "guardian",
        type: "address",
      },
    ],
    name: "IntakeResumed",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "account",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "takenWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "PoolClosed",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "account",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "balanceWei",
        type: "uint128",
      },
    ],
    name: "PoolDeposited",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "account",
        type: "address",
      },
    ],
    name: "PoolFrozen",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "account",
        type: "address",
      },
    ],
    name: "PoolReleased",
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
        name: "signer",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "dailyCapWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
    ],
    name: "PoolSignerAuthorized",
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
        name: "signer",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
    ],
    name: "PoolSignerRevoked",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "account",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "thawingWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "thawEndsAt",
        type: "uint64",
      },
    ],
    name: "PoolThawStarted",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "account",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "PoolWithdrawn",
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
        indexed: true,
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "capWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
    ],
    name: "SignerAuthorized",
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
        indexed: true,
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
    ],
    name: "SignerRevoked",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "account",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "to",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "Swept",
    type: "event",
  },
  {
    inputs: [],
    name: "FEE_EPOCH_SECONDS",
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
    name: "KIND_DEDICATED",
    outputs: [
      {
        internalType: "uint8",
        name: "",
        type: "uint8",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "KIND_POOLED",
    outputs: [
      {
        internalType: "uint8",
        name: "",
        type: "uint8",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "MAXIMUM_FEE_PPM",
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
    name: "PAUSE_SECONDS",
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
    name: "RELEASE_NOTICE_SECONDS",
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
    name: "REVOCATION_SECONDS",
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
    name: "THAW_SECONDS",
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
    name: "accountOf",
    outputs: [
      {
        internalType: "uint128",
        name: "balanceWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "thawingWei",
        type: "uint128",
      },
      {
        internalType: "uint64",
        name: "thawEndsAt",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "authority",
    outputs: [
      {
        internalType: "address",
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
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "dailyCapWei",
        type: "uint128",
      },
      {
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
      {
        internalType: "bytes",
        name: "proof",
        type: "bytes",
      },
    ],
    name: "authorizePoolSigner",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "capWei",
        type: "uint128",
      },
      {
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
      {
        internalType: "bytes",
        name: "proof",
        type: "bytes",
      },
    ],
    name: "authorizeSigner",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "burnFees",
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
      {
        internalType: "uint8",
        name: "kind",
        type: "uint8",
      },
    ],
    name: "channelOf",
    outputs: [
      {
        internalType: "uint128",
        name: "collectedWei",
        type: "uint128",
      },
      {
        internalType: "uint64",
        name: "count",
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
        internalType: "uint128",
        name: "atMostWei",
        type: "uint128",
      },
      {
        internalType: "address",
        name: "recipient",
        type: "address",
      },
    ],
    name: "closePool",
    outputs: [
      {
        internalType: "uint128",
        name: "takenWei",
        type: "uint128",
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
        name: "voucher",
        type: "tuple",
      },
      {
        internalType: "bytes",
        name: "signature",
        type: "bytes",
      },
    ],
    name: "collect",
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
        internalType: "struct IPaymentEscrow.Voucher[]",
        name: "vouchers",
        type: "tuple[]",
      },
      {
        internalType: "bytes",
        name: "signatures",
        type: "bytes",
      },
    ],
    name: "collectMany",
    outputs: [
      {
        internalType: "uint128[]",
        name: "paidWei",
        type: "uint128[]",
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
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "deposit",
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
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "depositPool",
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
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
      {
        components: [
          {
            internalType: "uint256",
            name: "deadline",
            type: "uint256",
          },
          {
            internalType: "uint8",
            name: "v",
            type: "uint8",
          },
          {
            internalType: "bytes32",
            name: "r",
            type: "bytes32",
          },
          {
            internalType: "bytes32",
            name: "s",
            type: "bytes32",
          },
        ],
        internalType: "struct Permit",
        name: "permit",
        type: "tuple",
      },
    ],
    name: "depositWithPermit",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [],
    name: "eip712Domain",
    outputs: [
      {
        internalType: "bytes1",
        name: "fields",
        type: "bytes1",
      },
      {
        internalType: "string",
        name: "name",
        type: "string",
      },
      {
        internalType: "string",
        name: "version",
        type: "string",
      },
      {
        internalType: "uint256",
        name: "chainId",
        type: "uint256",
      },
      {
        internalType: "address",
        name: "verifyingContract",
        type: "address",
      },
      {
        internalType: "bytes32",
        name: "salt",
        type: "bytes32",
      },
      {
        internalType: "uint256[]",
        name: "extensions",
        type: "uint256[]",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "feesOf",
    outputs: [
      {
        internalType: "uint128",
        name: "accruedWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "burnedWei",
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
    name: "freezePool",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [],
    name: "intakePausedUntil",
    outputs: [
      {
        internalType: "uint64",
        name: "until",
        type: "uint64",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "isConsumingScheduledOp",
    outputs: [
      {
        internalType: "bytes4",
        name: "",
        type: "bytes4",
      },
    ],
    stateMutability: "view",
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
    name: "isPoolFrozen",
    outputs: [
      {
        internalType: "bool",
        name: "frozen",
        type: "bool",
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
    name: "isPromise",
    outputs: [
      {
        internalType: "bool",
        name: "promised",
        type: "bool",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "pauseIntake",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "payeeFeesWei",
    outputs: [
      {
        internalType: "uint256",
        name: "amountWei",
        type: "uint256",
      },
    ],
    stateMutability: "view",
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
    name: "poolOf",
    outputs: [
      {
        internalType: "uint128",
        name: "balanceWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "thawingWei",
        type: "uint128",
      },
      {
        internalType: "uint64",
        name: "thawEndsAt",
        type: "uint64",
      },
      {
        internalType: "uint64",
        name: "epoch",
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
        name: "signer",
        type: "address",
      },
    ],
    name: "poolSignerOf",
    outputs: [
      {
        internalType: "uint128",
        name: "dailyCapWei",
        type: "uint128",
      },
      {
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [],
    name: "protocolFeePpm",
    outputs: [
      {
        internalType: "uint32",
        name: "feePpm",
        type: "uint32",
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
    name: "releasePool",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [],
    name: "resumeIntake",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
    ],
    name: "revokePoolSigner",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
    ],
    name: "revokeSigner",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "newAuthority",
        type: "address",
      },
    ],
    name: "setAuthority",
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
      {
        internalType: "address",
        name: "signer",
        type: "address",
      },
    ],
    name: "signerOf",
    outputs: [
      {
        internalType: "uint128",
        name: "capWei",
        type: "uint128",
      },
      {
        internalType: "uint64",
        name: "expiresAt",
        type: "uint64",
      },
    ],
    stateMutability: "view",
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
    name: "startPoolThaw",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "startThaw",
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
    name: "sweep",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address[]",
        name: "accounts",
        type: "address[]",
      },
    ],
    name: "sweepMany",
    outputs: [
      {
        internalType: "uint128[]",
        name: "sweptWei",
        type: "uint128[]",
      },
    ],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "withdraw",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [],
    name: "withdrawPool",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
] as const;
