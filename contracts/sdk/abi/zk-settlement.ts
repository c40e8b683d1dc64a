/** ABI of ZkSettlement, generated from the compiler's output. */
export const zkSettlementAbi = [
  {
    inputs: [
      {
        internalType: "contract IERC20",
        name: "token",
        type: "address",
      },
      {
        internalType: "contract IGroth16Verifier",
        name: "verifier",
        type: "address",
      },
      {
        internalType: "contract IEddsaPoseidon",
        name: "eddsa",
        type: "address",
      },
      {
        internalType: "uint256",
        name: "slabSize",
        type: "uint256",
      },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
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
        internalType: "uint80",
        name: "cumulativeWei",
        type: "uint80",
      },
      {
        internalType: "uint80",
        name: "depositWei",
        type: "uint80",
      },
    ],
    name: "ZkSettlement_AboveDeposit",
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
    name: "ZkSettlement_AmountTooLarge",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "keyX",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "keyY",
        type: "uint256",
      },
    ],
    name: "ZkSettlement_BadKey",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "client",
        type: "address",
      },
    ],
    name: "ZkSettlement_BadKeyProof",
    type: "error",
  },
  {
    inputs: [],
    name: "ZkSettlement_BadProof",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "size",
        type: "uint256",
      },
    ],
    name: "ZkSettlement_BadSlabSize",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "client",
        type: "address",
      },
    ],
    name: "ZkSettlement_BadVoucher",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
      {
        internalType: "uint80",
        name: "claimedWei",
        type: "uint80",
      },
      {
        internalType: "uint80",
        name: "depositWei",
        type: "uint80",
      },
    ],
    name: "ZkSettlement_DepositTooLow",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "exitsAt",
        type: "uint64",
      },
    ],
    name: "ZkSettlement_ExitRunning",
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
    name: "ZkSettlement_InexactTransfer",
    type: "error",
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
        name: "heldWei",
        type: "uint128",
      },
      {
        internalType: "uint128",
        name: "neededWei",
        type: "uint128",
      },
    ],
    name: "ZkSettlement_Insolvent",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
    ],
    name: "ZkSettlement_NoExit",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "client",
        type: "address",
      },
    ],
    name: "ZkSettlement_NoKey",
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
    name: "ZkSettlement_NotAParty",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slab",
        type: "uint32",
      },
    ],
    name: "ZkSettlement_NothingChanged",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
    ],
    name: "ZkSettlement_NothingToSweep",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "value",
        type: "uint256",
      },
    ],
    name: "ZkSettlement_OutOfField",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "client",
        type: "address",
      },
    ],
    name: "ZkSettlement_SelfPayment",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
    ],
    name: "ZkSettlement_SlotTaken",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
      {
        internalType: "uint32",
        name: "next",
        type: "uint32",
      },
    ],
    name: "ZkSettlement_SlotTooFar",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint32",
        name: "nonce",
        type: "uint32",
      },
      {
        internalType: "uint32",
        name: "settledNonce",
        type: "uint32",
      },
    ],
    name: "ZkSettlement_StaleVoucher",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slab",
        type: "uint32",
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
    name: "ZkSettlement_StateMoved",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint64",
        name: "exitsAt",
        type: "uint64",
      },
    ],
    name: "ZkSettlement_TooEarly",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
    ],
    name: "ZkSettlement_UnknownChannel",
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
    name: "ZkSettlement_WrongLeafCount",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint256",
        name: "expected",
        type: "uint256",
      },
      {
        internalType: "uint256",
        name: "shown",
        type: "uint256",
      },
    ],
    name: "ZkSettlement_WrongOpening",
    type: "error",
  },
  {
    inputs: [
      {
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
    ],
    name: "ZkSettlement_WrongSlot",
    type: "error",
  },
  {
    inputs: [],
    name: "ZkSettlement_ZeroAddress",
    type: "error",
  },
  {
    inputs: [],
    name: "ZkSettlement_ZeroAmount",
    type: "error",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "client",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "paidWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "returnedWei",
        type: "uint128",
      },
    ],
    name: "ChannelClosed",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        indexed: true,
        internalType: "address",
        name: "client",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "generation",
        type: "uint64",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "channelId",
        type: "uint256",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "keyX",
        type: "uint256",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "keyY",
        type: "uint256",
      },
      {
        indexed: false,
        internalType: "uint80",
        name: "depositWei",
        type: "uint80",
      },
    ],
    name: "ChannelOpened",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        indexed: true,
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
      {
        indexed: false,
        internalType: "uint80",
        name: "amountWei",
        type: "uint80",
      },
      {
        indexed: false,
        internalType: "uint80",
        name: "depositWei",
        type: "uint80",
      },
    ],
    name: "ChannelToppedUp",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
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
    name: "CreditSwept",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        indexed: true,
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
      {
        indexed: false,
        internalType: "address",
        name: "by",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint64",
        name: "exitsAt",
        type: "uint64",
      },
    ],
    name: "ExitAnnounced",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "client",
        type: "address",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "keyX",
        type: "uint256",
      },
      {
        indexed: false,
        internalType: "uint256",
        name: "keyY",
        type: "uint256",
      },
    ],
    name: "KeyRegistered",
    type: "event",
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        internalType: "address",
        name: "payee",
        type: "address",
      },
      {
        indexed: true,
        internalType: "uint32",
        name: "slab",
        type: "uint32",
      },
      {
        indexed: false,
        internalType: "uint128",
        name: "totalWei",
        type: "uint128",
      },
      {
        indexed: false,
        internalType: "uint256[]",
        name: "leaves",
        type: "uint256[]",
      },
    ],
    name: "SlabSettled",
    type: "event",
  },
  {
    inputs: [],
    name: "EXIT_SECONDS",
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
    name: "SLAB_SIZE",
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
        components: [
          {
            internalType: "address",
            name: "payee",
            type: "address",
          },
          {
            internalType: "uint32",
            name: "slot",
            type: "uint32",
          },
          {
            internalType: "uint64",
            name: "generation",
            type: "uint64",
          },
          {
            internalType: "address",
            name: "client",
            type: "address",
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
            name: "key",
            type: "tuple",
          },
        ],
        internalType: "struct IZkSettlement.Channel",
        name: "channel",
        type: "tuple",
      },
    ],
    name: "announceExit",
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
            name: "payee",
            type: "address",
          },
          {
            internalType: "uint32",
            name: "slot",
            type: "uint32",
          },
          {
            internalType: "uint64",
            name: "generation",
            type: "uint64",
          },
          {
            internalType: "address",
            name: "client",
            type: "address",
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
            name: "key",
            type: "tuple",
          },
        ],
        internalType: "struct IZkSettlement.Channel",
        name: "channel",
        type: "tuple",
      },
    ],
    name: "channelId",
    outputs: [
      {
        internalType: "uint256",
        name: "id",
        type: "uint256",
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
            name: "payee",
            type: "address",
          },
          {
            internalType: "uint32",
            name: "slot",
            type: "uint32",
          },
          {
            internalType: "uint64",
            name: "generation",
            type: "uint64",
          },
          {
            internalType: "address",
            name: "client",
            type: "address",
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
            name: "key",
            type: "tuple",
          },
        ],
        internalType: "struct IZkSettlement.Channel",
        name: "channel",
        type: "tuple",
      },
      {
        internalType: "uint256[]",
        name: "leaves",
        type: "uint256[]",
      },
      {
        components: [
          {
            internalType: "uint80",
            name: "cumulativeWei",
            type: "uint80",
          },
          {
            internalType: "uint32",
            name: "nonce",
            type: "uint32",
          },
          {
            internalType: "uint256",
            name: "blinding",
            type: "uint256",
          },
        ],
        internalType: "struct IZkSettlement.Opening",
        name: "settled",
        type: "tuple",
      },
      {
        components: [
          {
            internalType: "uint80",
            name: "cumulativeWei",
            type: "uint80",
          },
          {
            internalType: "uint32",
            name: "nonce",
            type: "uint32",
          },
          {
            internalType: "uint256",
            name: "blinding",
            type: "uint256",
          },
        ],
        internalType: "struct IZkSettlement.Opening",
        name: "voucher",
        type: "tuple",
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
            name: "payee",
            type: "address",
          },
          {
            internalType: "uint32",
            name: "slot",
            type: "uint32",
          },
          {
            internalType: "uint64",
            name: "generation",
            type: "uint64",
          },
          {
            internalType: "address",
            name: "client",
            type: "address",
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
            name: "key",
            type: "tuple",
          },
        ],
        internalType: "struct IZkSettlement.Channel",
        name: "channel",
        type: "tuple",
      },
      {
        internalType: "uint256[]",
        name: "leaves",
        type: "uint256[]",
      },
      {
        components: [
          {
            internalType: "uint80",
            name: "cumulativeWei",
            type: "uint80",
          },
          {
            internalType: "uint32",
            name: "nonce",
            type: "uint32",
          },
          {
            internalType: "uint256",
            name: "blinding",
            type: "uint256",
          },
        ],
        internalType: "struct IZkSettlement.Opening",
        name: "opening",
        type: "tuple",
      },
    ],
    name: "exit",
    outputs: [],
    stateMutability: "nonpayable",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "client",
        type: "address",
      },
    ],
    name: "keyOf",
    outputs: [
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
    ],
    stateMutability: "view",
    type: "function",
  },
  {
    inputs: [
      {
        internalType: "address",
        name: "client",
        type: "address",
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
        name: "key",
        type: "tuple",
      },
    ],
    name: "keyProofMessage",
    outputs: [
      {
        internalType: "uint256",
        name: "message",
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
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
      {
        internalType: "uint128",
        name: "amountWei",
        type: "uint128",
      },
    ],
    name: "open",
    outputs: [
      {
        internalType: "uint64",
        name: "generation",
        type: "uint64",
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
    name: "payeeOf",
    outputs: [
      {
        internalType: "uint112",
        name: "heldWei",
        type: "uint112",
      },
      {
        internalType: "uint112",
        name: "creditWei",
        type: "uint112",
      },
      {
        internalType: "uint32",
        name: "nextSlot",
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
        name: "proof",
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
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slab",
        type: "uint32",
      },
      {
        internalType: "uint256[]",
        name: "leaves",
        type: "uint256[]",
      },
      {
        components: [
          {
            internalType: "uint32",
            name: "slot",
            type: "uint32",
          },
          {
            internalType: "uint64",
            name: "generation",
            type: "uint64",
          },
          {
            internalType: "address",
            name: "client",
            type: "address",
          },
          {
            internalType: "uint80",
            name: "depositWei",
            type: "uint80",
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
            name: "key",
            type: "tuple",
          },
          {
            internalType: "uint256",
            name: "leaf",
            type: "uint256",
          },
        ],
        internalType: "struct IZkSettlement.Change[]",
        name: "changes",
        type: "tuple[]",
      },
      {
        internalType: "uint128",
        name: "totalWei",
        type: "uint128",
      },
      {
        internalType: "uint256",
        name: "commitment",
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
    name: "settle",
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
        internalType: "uint32",
        name: "slot",
        type: "uint32",
      },
    ],
    name: "slotOf",
    outputs: [
      {
        internalType: "uint80",
        name: "depositWei",
        type: "uint80",
      },
      {
        internalType: "bool",
        name: "isSettled",
        type: "bool",
      },
      {
        internalType: "uint64",
        name: "exitsAt",
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
        name: "payee",
        type: "address",
      },
      {
        internalType: "uint32",
        name: "slab",
        type: "uint32",
      },
    ],
    name: "stateOf",
    outputs: [
      {
        internalType: "bytes32",
        name: "state",
        type: "bytes32",
      },
    ],
    stateMutability: "view",
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
    name: "sweep",
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
        internalType: "uint32",
        name: "slot",
        type: "uint32",
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
] as const;
