export { classes, type PromptClass } from "./classes.ts";
export { featureCount, featuresOf, packFeatures, unpackFeatures } from "./features.ts";
export { classifierNetwork, classifierReport, classifyFeatures, classifyText } from "./model.ts";
export { className, runNetwork, type Network } from "./network.ts";
export { bindingOf, classifierInput, commitmentOf, fieldOrder } from "./statement.ts";
