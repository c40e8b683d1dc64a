import { fileURLToPath } from "node:url";

/** The model that comes with the package. */
export const embeddedModel = fileURLToPath(new URL("lode-demo.Q8_0.gguf", import.meta.url));
