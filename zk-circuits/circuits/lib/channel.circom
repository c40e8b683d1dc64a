pragma circom 2.2.2;

include "circomlib/circuits/eddsaposeidon.circom";
include "circomlib/circuits/poseidon.circom";
include "./range.circom";

// One channel of a slab from one settlement to the next.
//
// Inputs, all private; the caller binds those marked * to what the contract holds:
//   changed*              1: the channel pays; 0: its leaf stays
//   fresh*                1: no settlement has touched the channel since it was opened; the leaf before is not its own
//   channelId*            of the contract, 253 bits; 0 for an unchanged channel
//   keyX*, keyY*          the client's key, on the curve and of prime order by its registration; 0 for an unchanged channel
//   depositWei*           what the client has deposited for this channel; 0 for an unchanged channel
//   leafBefore*           the leaf of the last settlement
//   cumulativeBeforeWei, nonceBefore, blindingBefore  its opening; 0, 0 and anything for a fresh channel
//   cumulativeWei, nonce, blinding, r8x, r8y, s  the voucher and its signature
// Outputs:
//   leaf       the leaf after, which is what the client signed
//   paidWei    what the settlement pays for this channel, in [0, 2^80)
// An unchanged channel's voucher is all zeros but for a nonce of 1, so that the ranges hold without exceptions.
template Channel() {
    signal input changed;
    signal input fresh;
    signal input channelId;
    signal input keyX;
    signal input keyY;
    signal input depositWei;
    signal input leafBefore;
    signal input cumulativeBeforeWei;
    signal input nonceBefore;
    signal input blindingBefore;
    signal input cumulativeWei;
    signal input nonce;
    signal input blinding;
    signal input r8x;
    signal input r8y;
    signal input s;
    signal output leaf;
    signal output paidWei;

    IsBit()(changed);
    IsBit()(fresh);

    // What names the channel is bound through the leaf that the client signed. Without a change no leaf is computed.
    (1 - changed) * channelId === 0;
    (1 - changed) * keyX === 0;

    // Before: nothing was paid, or the leaf opens to what was.
    signal known <== changed * (1 - fresh);
    signal opened <== Poseidon(5)([channelId, keyX, cumulativeBeforeWei, nonceBefore, blindingBefore]);
    known * (opened - leafBefore) === 0;
    fresh * cumulativeBeforeWei === 0;
    fresh * nonceBefore === 0;

    // 80 bits each: sums and differences of such amounts are far from the field's size and cannot wrap around.
    InRange(80)(cumulativeWei);
    signal stepWei <== cumulativeWei - cumulativeBeforeWei;
    InRange(80)(stepWei);
    InRange(80)(depositWei - cumulativeWei);
    // It rises from 0, by 2^32 at most: to come round the field would take it 2^221 settlements.
    InRange(32)(nonce - nonceBefore - 1);

    // After: the leaf is the voucher that the client signed.
    signal voucher <== Poseidon(5)([channelId, keyX, cumulativeWei, nonce, blinding]);
    EdDSAPoseidonVerifier()(changed, keyX, keyY, s, r8x, r8y, voucher);

    leaf <== leafBefore + changed * (voucher - leafBefore);
    paidWei <== changed * stepWei;
}
