pragma circom 2.1.9;

include "circomlib/circuits/poseidon.circom";
include "circomlib/circuits/bitify.circom";
include "lib/signed.circom";
include "classifier-weights.circom";

/*
 * "The network's class of the features that `commitment` hides is `answer`."
 *
 * Public:  commitment  Poseidon(salt, five words of features)
 *          answer      index of the class, 0 .. classes-1, made sure of here
 *          binding     what the proof is for: any number, which the verifier compares
 * Private: features    0 or 1 each, made sure of here
 *          salt        any number; a client draws it at random, so that nobody finds a short text by trying
 *
 * The weights are constants, so that each product is free; the verifying key is the network's identity.
 */
template Classifier() {
    var features_ = featureCount();
    var hidden_ = hiddenCount();
    var classes_ = classCount();
    var weights1[hidden_][features_] = hiddenWeights();
    var biases1[hidden_] = hiddenBiases();
    var weights2[classes_][hidden_] = outputWeights();
    var biases2[classes_] = outputBiases();

    signal input commitment;
    signal input answer;
    signal input binding;
    signal input features[features_];
    signal input salt;

    for (var i = 0; i < features_; i++) features[i] * (features[i] - 1) === 0;

    // 208 bits a word: five words hold 1,024 features, and no word can reach the field's modulus, so each has one reading.
    component commit = Poseidon(6);
    commit.inputs[0] <== salt;
    for (var word = 0; word < 5; word++) {
        var packed = 0;
        for (var i = word * 208; i < (word + 1) * 208 && i < features_; i++) packed += features[i] * 2 ** (i - word * 208);
        commit.inputs[1 + word] <== packed;
    }
    commitment === commit.out;

    component hidden[hidden_];
    for (var unit = 0; unit < hidden_; unit++) {
        var sum = biases1[unit];
        for (var i = 0; i < features_; i++) sum += weights1[unit][i] * features[i];
        hidden[unit] = Requantise(hiddenBits(), hiddenShift());
        hidden[unit].sum <== sum;
    }

    signal outputs[classes_];
    for (var unit = 0; unit < classes_; unit++) {
        var sum = biases2[unit];
        for (var i = 0; i < hidden_; i++) sum += weights2[unit][i] * hidden[i].value;
        outputs[unit] <== sum;
    }

    // One of these is 1 and it is the answer's: three constraints leave no other assignment.
    signal isAnswer[classes_];
    var total = 0;
    var index = 0;
    for (var unit = 0; unit < classes_; unit++) {
        isAnswer[unit] <-- answer == unit;
        isAnswer[unit] * (isAnswer[unit] - 1) === 0;
        total += isAnswer[unit];
        index += unit * isAnswer[unit];
    }
    total === 1;
    index === answer;

    signal chosen[classes_];
    var largest = 0;
    for (var unit = 0; unit < classes_; unit++) {
        chosen[unit] <== isAnswer[unit] * outputs[unit];
        largest += chosen[unit];
    }
    // No output is larger, and none before the answer is as large: the first of equals is the answer. The margin is never
    // negative then, and outputs stay below 2^(outputBits-1), so that outputBits hold it.
    component margins[classes_];
    for (var unit = 0; unit < classes_; unit++) {
        var isBefore = 0;
        for (var later = unit + 1; later < classes_; later++) isBefore += isAnswer[later];
        margins[unit] = Num2Bits(outputBits());
        margins[unit].in <== largest - outputs[unit] - isBefore;
    }

    // A public input is bound by the proof in any case; a constraint keeps it from being left out of the circuit.
    signal boundSquare <== binding * binding;
}

component main {public [commitment, answer, binding]} = Classifier();
