import type { Command } from "commander";
import { installVariant, variantPackages, type Variant } from "../../engines/index.ts";
import { usage } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";

/** `lode engine install` */
export function addEngine(program: Command, io: Io): void {
  const engine = program.command("engine").description("variants of the engine that compute on cards");
  engine
    .command("install")
    .description("fetch a card's variant of the engine beside the processor's, of the same version")
    .option("--cuda", "for NVIDIA's cards (hundreds of MB)")
    .option("--vulkan", "for cards of all makers, by their Vulkan driver (about 70 MB)")
    .addHelpText(
      "after",
      `
npm fetches the packages and checks them. A Mac's engine has Metal already. Whether it computes then: lode doctor.
Exit codes: 0 installed, 2 wrong usage, 4 not fetched, 1 anything else.

Examples:
  lode engine install --vulkan
  lode engine install --cuda`,
    )
    .action(async ({ cuda, vulkan }: { cuda?: true; vulkan?: true }, command: Command) => {
      const context = new Context(io, command);
      if ((cuda === undefined) === (vulkan === undefined)) throw usage("Name one variant: --cuda or --vulkan.");
      const variant: Variant = cuda === true ? "cuda" : "vulkan";
      const packages = variantPackages(variant, process.platform, process.arch);
      if (packages.length === 0) {
        throw usage(`There is no ${variant} variant for ${process.platform} on ${process.arch}.`);
      }
      await installVariant({ packages, signal: io.signal });
      context.result({ variant, packages }, `Installed ${packages.join(", ")}; lode doctor says what it makes of it.`);
    });
}
