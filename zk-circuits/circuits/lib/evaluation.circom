pragma circom 2.2.2;

// The polynomial whose coefficients are `in`, evaluated at `point`: in[0] + in[1] point + in[2] point^2 + ...
//
// Inputs: any field elements. Two different lists agree at fewer than `length` points.
// Output: `out`. One multiplication for each coefficient after the first (Horner's rule, from the last).
// Caller's duty: the coefficients are fixed before the point is known. The point has to be a hash of a commitment to them.
template Evaluation(length) {
    signal input in[length];
    signal input point;
    signal output out;

    signal partial[length];
    partial[length - 1] <== in[length - 1];
    for (var i = length - 2; i >= 0; i--) {
        partial[i] <== partial[i + 1] * point + in[i];
    }
    out <== partial[0];
}
