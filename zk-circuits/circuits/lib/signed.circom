pragma circom 2.1.9;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/comparators.circom";

/*
 * ReLU, requantisation to 7 bits and saturation, all from one decomposition: value = min(127, max(0, sum) >> shift).
 *
 * Inputs:  sum, a whole number of -2^(bits-1) .. 2^(bits-1)-1 in the field's representation
 * Outputs: value, 0..127
 * The caller sees to it that no sum can be outside, from the weights; a sum outside has no witness, so that a wrong bound
 * can stop a proof and never make a false one. bits <= 250, so that the decomposition is unique, and shift + 7 < bits.
 */
template Requantise(bits, shift) {
    signal input sum;
    signal output value;

    // Moved up, the highest bit says that the sum is not negative, and the others are the sum's own where it is not.
    component moved = Num2Bits(bits);
    moved.in <== sum + 2 ** (bits - 1);

    var low = 0;
    for (var i = 0; i < 7; i++) low += moved.out[shift + i] * 2 ** i;
    var high = 0;
    for (var i = shift + 7; i < bits - 1; i++) high += moved.out[i];

    // No sum of at most 250 bits is the field's zero unless each of them is.
    component isSmall = IsZero();
    isSmall.in <== high;
    signal limited <== 127 + isSmall.out * (low - 127);
    value <== moved.out[bits - 1] * limited;
}
