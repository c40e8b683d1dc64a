pragma circom 2.2.2;

include "circomlib/circuits/poseidon.circom";

// Poseidon of up to 31 field elements: the first up to 16 hashed at once, up to 15 more together with what came before.
//
// Inputs: `in[length]`, any field elements. The length is a constant of the circuit, so no padding is needed: two lists of
// one length never share a chain.
// Output: `out`, binding every element in its place.
template PoseidonChain(length) {
    signal input in[length];
    signal output out;

    var links = length <= 16 ? 1 : 1 + (length - 16 + 14) \ 15;
    signal chain[links];
    var used = 0;
    for (var link = 0; link < links; link++) {
        var room = link == 0 ? 16 : 15;
        var take = length - used < room ? length - used : room;
        if (link == 0) {
            var part[take];
            for (var i = 0; i < take; i++) part[i] = in[i];
            chain[0] <== Poseidon(take)(part);
        } else {
            var part[take + 1];
            part[0] = chain[link - 1];
            for (var i = 0; i < take; i++) part[i + 1] = in[used + i];
            chain[link] <== Poseidon(take + 1)(part);
        }
        used += take;
    }
    out <== chain[links - 1];
}

// The same for any length: the last up to 15 elements are hashed together with the chain of those before them, which gives
// the very links that PoseidonChain makes of up to 31.
template LongPoseidonChain(length) {
    signal input in[length];
    signal output out;

    var over = length <= 16 ? 0 : length - 16;
    var last = over == 0 ? 0 : (over - 1) % 15 + 1;
    var part[length - last];
    for (var i = 0; i < length - last; i++) part[i] = in[i];
    if (over == 0) {
        out <== Poseidon(length)(part);
    } else {
        var end[last + 1];
        end[0] = LongPoseidonChain(length - last)(part);
        for (var i = 0; i < last; i++) end[i + 1] = in[length - last + i];
        out <== Poseidon(last + 1)(end);
    }
}
