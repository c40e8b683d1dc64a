import { featuresOf } from "../src/classifier/features.ts";
import { runNetwork, type Network } from "../src/classifier/network.ts";
import { examples, type Example } from "./data.ts";
import { quantise } from "./quantise.ts";
import { activeOf, runFloat, train, type FloatNetwork } from "./train.ts";

/** Parts of 1 that were classified as their template's class, on templates and words that training never saw. */
export interface Report {
  readonly accuracy: number;
  /** The same texts by the network before quantisation. */
  readonly accuracyFloat: number;
  readonly testExamples: number;
  readonly trainingExamples: number;
}

/** Trains the network from nothing: a few seconds. */
export function trainedModel(): { network: Network; float: FloatNetwork; report: Report } {
  const training = examples("training", 600, 1);
  const test = examples("test", 500, 2);
  const float = train(training, { epochs: 5, rate: 0.03, decay: 1e-3, dropout: 0.4, seed: 3 });
  const network = quantise(
    float,
    training.slice(0, 500).map(({ text }) => activeOf(featuresOf(text))),
  );
  const right = (classify: (features: Uint8Array) => number): number =>
    test.filter(({ text, label }: Example) => classify(featuresOf(text)) === label).length / test.length;
  const report = {
    accuracy: right((features) => runNetwork(network, features).index),
    accuracyFloat: right((features) => {
      const { chances } = runFloat(float, activeOf(features));
      return chances.indexOf(Math.max(...chances));
    }),
    testExamples: test.length,
    trainingExamples: training.length,
  };
  return { network, float, report };
}
