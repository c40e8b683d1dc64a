pragma circom 2.2.2;

include "../lib/slab.circom";

// Public signals in order: commitment, evaluation, point.
component main {public [point]} = Slab(16);
