pragma circom 2.2.2;

include "./channel.circom";
include "./evaluation.circom";
include "./sponge.circom";

// A slab of N channels of one payee, rebuilt whole (N even).
//
// Everything that the contract knows is one list of field elements, `known`, in this order:
//   leaves before [N], leaves after [N], keyX [N], keyY [N], channelId [N], deposits two to an element [N / 2],
//   totalWei + 2^128 * (one bit for each fresh channel).
// Public: `commitment`, a hash of the list; `point`, which the contract derives from the commitment and its own list;
// `evaluation`, the contract's list as a polynomial at that point. The commitment fixes this circuit's list before the
// point is known, so both lists are the same but for a chance of 5.5 N / r.
// Left out of the commitment: channelId and keyX, which the leaf after fixes, as it is a hash of them where the channel has changed
// and they are zero where it has not.
template Slab(N) {
    signal input point;
    signal output commitment;
    signal output evaluation;

    signal input changed[N];
    signal input fresh[N];
    signal input channelId[N];
    signal input keyX[N];
    signal input keyY[N];
    signal input depositWei[N];
    signal input leafBefore[N];
    signal input cumulativeBeforeWei[N];
    signal input nonceBefore[N];
    signal input blindingBefore[N];
    signal input cumulativeWei[N];
    signal input nonce[N];
    signal input blinding[N];
    signal input r8x[N];
    signal input r8y[N];
    signal input s[N];

    component channels[N];
    var totalWei = 0;
    var freshBits = 0;
    for (var i = 0; i < N; i++) {
        channels[i] = Channel();
        channels[i].changed <== changed[i];
        channels[i].fresh <== fresh[i];
        channels[i].channelId <== channelId[i];
        channels[i].keyX <== keyX[i];
        channels[i].keyY <== keyY[i];
        channels[i].depositWei <== depositWei[i];
        channels[i].leafBefore <== leafBefore[i];
        channels[i].cumulativeBeforeWei <== cumulativeBeforeWei[i];
        channels[i].nonceBefore <== nonceBefore[i];
        channels[i].blindingBefore <== blindingBefore[i];
        channels[i].cumulativeWei <== cumulativeWei[i];
        channels[i].nonce <== nonce[i];
        channels[i].blinding <== blinding[i];
        channels[i].r8x <== r8x[i];
        channels[i].r8y <== r8y[i];
        channels[i].s <== s[i];
        totalWei += channels[i].paidWei;
        freshBits += fresh[i] * (1 << i);
    }

    // A total is below 2^80 N <= 2^86, a deposit below 2^81: neither reaches its neighbour at 2^128.
    var pairs = N \ 2;
    var committed[3 * N + pairs + 1];
    var known[5 * N + pairs + 1];
    for (var i = 0; i < N; i++) {
        known[i] = leafBefore[i];
        known[N + i] = channels[i].leaf;
        known[2 * N + i] = keyY[i];
        known[3 * N + i] = keyX[i];
        known[4 * N + i] = channelId[i];
        committed[i] = leafBefore[i];
        committed[N + i] = channels[i].leaf;
        committed[2 * N + i] = keyY[i];
    }
    for (var j = 0; j < pairs; j++) {
        var pair = depositWei[2 * j] + depositWei[2 * j + 1] * (1 << 128);
        known[5 * N + j] = pair;
        committed[3 * N + j] = pair;
    }
    known[5 * N + pairs] = totalWei + freshBits * (1 << 128);
    committed[3 * N + pairs] = totalWei + freshBits * (1 << 128);

    if (3 * N + pairs + 1 <= 31) {
        commitment <== PoseidonChain(3 * N + pairs + 1)(committed);
    } else {
        commitment <== LongPoseidonChain(3 * N + pairs + 1)(committed);
    }
    evaluation <== Evaluation(5 * N + pairs + 1)(known, point);
}
