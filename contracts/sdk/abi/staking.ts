/** ABI of Staking, generated from the compiler's output. */
export const stakingAbi = [
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
        internalType: "uint128",
        name: "minimumMinerWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "minimumCoordinatorWei",
        type: "uint128",
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
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        internalType: "enum IStaking.Role",
        name: "role",
        type: "uint8",
      },
    ],
    name: "Staking_AlreadyRegistered",
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
    name: "Staking_AmountTooLarge",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "stakedWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "minimumWei",
        type: "uint256",
      },
    ],
    name: "Staking_BelowMinimum",
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
        internalType: "uint16",
        name: "freezes",
        type: "uint16",
      },
    ],
    name: "Staking_Frozen",
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
    name: "Staking_InexactTransfer",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "stakedWei",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "amountWei",
        type: "uint256",
      },
    ],
    name: "Staking_InsufficientStake",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
    ],
    name: "Staking_NotFrozen",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
    ],
    name: "Staking_NotRegistered",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
    ],
    name: "Staking_NothingThawing",
    type: "error",
  },
  {
    inputs: [],
    name: "Staking_RoleRequired",
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
    name: "Staking_StillThawing",
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
    name: "Staking_ThawInProgress",
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
        internalType: "uint16",
        name: "freezes",
        type: "uint16",
      },
    ],
    name: "Staking_TooManyCases",
    type: "error",
  },
  {
    inputs: [],
    name: "Staking_ZeroAddress",
    type: "error",
  },
  {
    inputs: [],
    name: "Staking_ZeroAmount",
    type: "error",
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
        name: "staker",
        type: "address",
      },
      {
        indexed: false,
        internalType: "bytes32",
        name: "capabilitiesHash",
        type: "bytes32",
      },
    ],
    name: "CapabilitiesAnnounced",
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
        name: "staker",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "operator",
        type: "address",
      },
    ],
    name: "OperatorChanged",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "payout",
        type: "address",
      },
    ],
    name: "PayoutChanged",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "staker",
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
        name: "stakedWei",
        type: "uint128",
      },
    ],
    name: "StakeAdded",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "by",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint16",
        name: "freezes",
        type: "uint16",
      },
    ],
    name: "StakeFrozen",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "staker",
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
        name: "stakedWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "thawingWei",
        type: "uint128",
      },
    ],
    name: "StakeSlashed",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "by",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint16",
        name: "freezes",
        type: "uint16",
      },
    ],
    name: "StakeUnfrozen",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "StakeWithdrawn",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        indexed: true,
        internalType: "enum IStaking.Role",
        name: "role",
        type: "uint8",
      },
      {
        indexed: false,
        internalType: "address",
        name: "operator",
        type: "address",
      },
      {
        indexed: false,
        internalType: "address",
        name: "payout",
        type: "address",
      },
      {
        indexed: false,
        internalType: "bytes32",
        name: "capabilitiesHash",
        type: "bytes32",
      },
    ],
    name: "StakerRegistered",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "staker",
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
        internalType: "uint64",
        name: "thawEndsAt",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "stakedWei",
        type: "uint128",
      },
    ],
    name: "ThawStarted",
    type: "event",
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
        internalType: "bytes32",
        name: "capabilitiesHash",
        type: "bytes32",
      },
    ],
    name: "announceCapabilities",
    outputs: [],
    stateMutability: "nonpayable",
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
        name: "staker",
        type: "address",
      },
    ],
    name: "freeze",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
    ],
    name: "freezesOf",
    outputs: [
      {
        internalType: "uint16",
        name: "freezes",
        type: "uint16",
      },
    ],
    stateMutability: "view",
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
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        internalType: "enum IStaking.Role",
        name: "role",
        type: "uint8",
      },
    ],
    name: "isActive",
    outputs: [
      {
        internalType: "bool",
        name: "active",
        type: "bool",
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
        internalType: "enum IStaking.Role",
        name: "role",
        type: "uint8",
      },
    ],
    name: "minimumStakeWei",
    outputs: [
      {
        internalType: "uint128",
        name: "minimumWei",
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
        name: "staker",
        type: "address",
      },
    ],
    name: "operatorOf",
    outputs: [
      {
        internalType: "address",
        name: "operator",
        type: "address",
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
        internalType: "address",
        name: "staker",
        type: "address",
      },
    ],
    name: "payoutOf",
    outputs: [
      {
        internalType: "address",
        name: "payout",
        type: "address",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "enum IStaking.Role",
        name: "role",
        type: "uint8",
      },
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
      {
        internalType: "address",
        name: "operator",
        type: "address",
      },
      {
        internalType: "address",
        name: "payout",
        type: "address",
      },
      {
        internalType: "bytes32",
        name: "capabilitiesHash",
        type: "bytes32",
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
        internalType: "enum IStaking.Role",
        name: "role",
        type: "uint8",
      },
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
      {
        internalType: "address",
        name: "operator",
        type: "address",
      },
      {
        internalType: "address",
        name: "payout",
        type: "address",
      },
      {
        internalType: "bytes32",
        name: "capabilitiesHash",
        type: "bytes32",
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
    name: "registerWithPermit",
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
        name: "operator",
        type: "address",
      },
    ],
    name: "setOperator",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payout",
        type: "address",
      },
    ],
    name: "setPayout",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
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
        name: "key",
        type: "address",
      },
    ],
    name: "signsFor",
    outputs: [
      {
        internalType: "bool",
        name: "signs",
        type: "bool",
      },
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
      {
        internalType: "address",
        name: "recipient",
        type: "address",
      },
    ],
    name: "slash",
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
        internalType: "address",
        name: "staker",
        type: "address",
      },
    ],
    name: "stakeOf",
    outputs: [
      {
        internalType: "enum IStaking.Role",
        name: "role",
        type: "uint8",
      },
      {
        internalType: "uint128",
        name: "stakedWei",
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
    name: "startThaw",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "topUp",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "staker",
        type: "address",
      },
    ],
    name: "unfreeze",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [],
    name: "withdraw",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
] as const;
