/** ABI of Rewards, generated from the compiler's output. */
export const rewardsAbi = [
  {
    inputs: [
      {
        internalType: "contract LodeToken",
        name: "token",
        type: "address",
      },
      {
        internalType: "contract IPaymentEscrow",
        name: "escrow",
        type: "address",
      },
      {
        internalType: "contract IStaking",
        name: "staking",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "ratePpm",
        type: "uint32",
      },
      {
        internalType: "uint256",
        name: "firstBudgetWei",
        type: "uint256",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
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
    name: "Rewards_AlreadyClaimed",
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
        internalType: "uint256",
        name: "endsAt",
        type: "uint256",
      },
    ],
    name: "Rewards_EpochRunning",
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
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "Rewards_NothingDue",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint32",
        name: "ratePpm",
        type: "uint32",
      },
      {
        internalType: "uint32",
        name: "maximumPpm",
        type: "uint32",
      },
    ],
    name: "Rewards_RateAboveMaximum",
    type: "error",
  },
  {
    inputs: [],
    name: "Rewards_ZeroAddress",
    type: "error",
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
        indexed: true,
        internalType: "address",
        name: "payee",
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
        internalType: "uint256",
        name: "feesWei",
        type: "uint256",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "amountWei",
        type: "uint256",
      },
    ],
    name: "RewardPaid",
    type: "event",
  },
  {
    inputs: [],
    name: "EPOCH_SECONDS",
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
    name: "HALVING_EPOCHS",
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
    name: "MAXIMUM_RATE_PPM",
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
        internalType: "uint64",
        name: "epoch",
        type: "uint64",
      },
    ],
    name: "budgetWei",
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
    name: "claim",
    outputs: [
      {
        internalType: "uint256",
        name: "amountWei",
        type: "uint256",
      },
    ],
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
    name: "isClaimed",
    outputs: [
      {
        internalType: "bool",
        name: "claimed",
        type: "bool",
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
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "rewardWei",
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
] as const;
