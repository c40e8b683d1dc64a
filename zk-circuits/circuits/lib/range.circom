pragma circom 2.2.2;

include "circomlib/circuits/bitify.circom";

// in is in [0, 2^bits).
//
// Input: `in`, any field element. Output: none; there is no witness for another value.
// The caller chooses bits <= 253, so that no two decompositions of one field element exist.
template InRange(bits) {
    signal input in;

    component decomposition = Num2Bits(bits);
    decomposition.in <== in;
}

// bit is 0 or 1.
template IsBit() {
    signal input bit;

    bit * (bit - 1) === 0;
}
