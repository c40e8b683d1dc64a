// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {TypeHashes} from "../../../contracts/generated/TypeHashes.sol";
import {Vectors} from "../generated/Vectors.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {CachesDomain, DriftedTypeHash, ForgetsChain, ForgetsContract, LeavesFieldUnsigned} from "./twins/Domains.sol";
import {PlainEscrow} from "./twins/PlainEscrow.sol";

/// @title Attacks on what a voucher's signature covers: chain, contract, type and fields
contract DomainAttacks is PaymentAttack {
    uint256 private constant OTHER_CHAIN = 8453;
    uint256 private constant FORKED_CHAIN = 10001;

    /// @dev Source: Optimism's 20 million OP lost through a replay on another chain, Wintermute, June 2022; EIP-155.
    function test_ReplayAcrossChains_Fails() public {
        _fails(_replayAcrossChains(escrow));
        _refusedAsUnsigned();
    }

    function test_ReplayAcrossChains_SucceedsAgainstTwin() public {
        _succeeds(_replayAcrossChains(_twin(address(new ForgetsChain(token)))));
    }

    /// @dev Source: SWC-121, missing protection against signature replay; EIP-712's verifyingContract.
    function test_ReplayAcrossContracts_Fails() public {
        IPaymentEscrow first = escrow;
        _deploy();
        _fails(_replayAcrossContracts(first, escrow));
        _refusedAsUnsigned();
    }

    function test_ReplayAcrossContracts_SucceedsAgainstTwin() public {
        IPaymentEscrow first = _twin(address(new ForgetsContract(token)));
        _succeeds(_replayAcrossContracts(first, _twin(address(new ForgetsContract(token)))));
    }

    /// @dev Source: Omni Bridge on EthereumPoW, September 2022 (BlockSec); Aave v3, Trail of Bits, cached domain separators
    /// (aave/aave-v3-core issue 163).
    function test_ReplayAfterAFork_Fails() public {
        _fails(_replayAfterAFork(escrow));
        _refusedAsUnsigned();
        // The fork is no dead end: what is signed for it pays there.
        _equal(_collectSigned(escrow, CLIENT_KEY, _voucher(40 ether)), 40 ether, "signed for the fork");
    }

    function test_ReplayAfterAFork_SucceedsAgainstTwin() public {
        _succeeds(_replayAfterAFork(_twin(address(new CachesDomain(token)))));
    }

    /// @dev Source: The Graph, Trust Security audit TRST-M-1 "correct TYPEHASH string for RCAU" (graphprotocol/contracts
    /// pull request 1301); TITLES, Sherlock 2024-04 issue 171. The vectors are what viem and ethers compute.
    function test_TypeHashDrift_Fails() public {
        _fails(_signLikeAWallet(escrow));
        (uint128 leftWei, , , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(leftWei, 60 ether, "paid in full");
    }

    function test_TypeHashDrift_SucceedsAgainstTwin() public {
        _succeeds(_signLikeAWallet(_twin(address(new DriftedTypeHash(token)))));
    }

    /// @dev Source: TITLES, Sherlock 2024-04 issue 273, a signed digest without one of the action's parameters.
    function test_UnsignedField_Fails() public {
        for (uint256 field = 0; field < FIELDS; ++field) {
            _fails(_alterField(escrow, field, FIELDS));
            _deploy();
        }
    }

    function test_UnsignedField_SucceedsAgainstTwin() public {
        for (uint256 field = 0; field < FIELDS; ++field) {
            IPaymentEscrow target = _twin(address(new LeavesFieldUnsigned(token, field)));
            _succeeds(_alterField(target, field, field));
            // Each twin forgets one field only: the others are safe in it.
            target = _twin(address(new LeavesFieldUnsigned(token, field)));
            _fails(_alterField(target, (field + 1) % FIELDS, field));
        }
    }

    function _replayAcrossChains(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        uint256 home = block.chainid;
        VM.chainId(OTHER_CHAIN);
        bytes memory signature = _signUnder(_domainOf(target), v);
        VM.chainId(home);
        return _paid(target, v, signature) != 0;
    }

    function _replayAcrossContracts(IPaymentEscrow first, IPaymentEscrow second) private returns (bool won) {
        _depositFor(second, CLIENT, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        return _paid(second, v, _signUnder(_domainOf(first), v)) != 0;
    }

    function _replayAfterAFork(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        bytes memory signature = _signUnder(_domainOf(target), v);
        VM.chainId(FORKED_CHAIN);
        return _paid(target, v, signature) != 0;
    }

    /// @dev The attacker is a payer whose wallet is honest and whose voucher the escrow does not understand: it is served
    /// and never pays.
    function _signLikeAWallet(IPaymentEscrow target) private returns (bool won) {
        bytes32 vector = keccak256(abi.encodePacked(TypeHashes.VOUCHER, Vectors.VOUCHER));
        _equal(uint256(vector), uint256(Vectors.VOUCHER_HASH), "the type hash is the wallets'");
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        return _collectSigned(target, CLIENT_KEY, _voucher(40 ether)) == 0;
    }

    /// @dev Whoever submits changes one field of what the session key signed for both payers. Everything that the changed
    /// voucher could draw on is funded, so that nothing but the signature protects it. An epoch of another number is
    /// refused by the real escrow before it looks at the signature, which is as good.
    function _alterField(IPaymentEscrow target, uint256 field, uint256 unsigned) private returns (bool won) {
        address[2] memory payers = [CLIENT, MINER];
        address[2] memory payees = [COORDINATOR, STRANGER];
        for (uint256 i = 0; i < 2; ++i) {
            _depositPoolFor(target, payers[i], BALANCE);
            _authorizePoolFor(target, payers[i], BALANCE);
            for (uint256 j = 0; j < 2; ++j) {
                _depositFor(target, payers[i], payees[j], BALANCE);
                _authorizeFor(target, payers[i], payees[j], BALANCE);
            }
        }
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        bytes memory signature = _sign(
            SESSION_KEY,
            _digestOf(address(target), block.chainid, _hashWithout(v, unsigned))
        );
        if (field == 0) v.payer = MINER;
        if (field == 1) v.payee = STRANGER;
        if (field == 2) v.kind = 1;
        if (field == 3) v.epoch = 1;
        if (field == 4) v.cumulativeWei = BALANCE;
        if (field == 5) v.count = 1_000;
        if (field == 6) v.receiptsRoot = keccak256("other receipts");
        return _paid(target, v, signature) != 0;
    }

    function _signUnder(
        bytes32 separator,
        IPaymentEscrow.Voucher memory v
    ) private pure returns (bytes memory signature) {
        bytes32 structHash = keccak256(abi.encode(TypeHashes.VOUCHER, v));
        return _sign(CLIENT_KEY, keccak256(abi.encodePacked(hex"1901", separator, structHash)));
    }

    /// @dev What a wallet on the present chain signs under: it asks as EIP-5267 says, and a twin as it can.
    function _domainOf(IPaymentEscrow target) private view returns (bytes32 separator) {
        try IERC5267(address(target)).eip712Domain() returns (
            bytes1,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifier,
            bytes32,
            uint256[] memory
        ) {
            bytes32 typeHash = keccak256(
                "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
            );
            return
                keccak256(abi.encode(typeHash, keccak256(bytes(name)), keccak256(bytes(version)), chainId, verifier));
        } catch {
            return PlainEscrow(address(target)).domainSeparator();
        }
    }
}
