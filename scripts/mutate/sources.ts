import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Compiler } from "../forge/compiler.ts";
import { root } from "../root.ts";
import { childrenOf, list, word, type Node } from "./ast.ts";

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources: Readonly<Record<string, { readonly ast: Node }>>;
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<Record<string, { evm: { bytecode: { object: string }; deployedBytecode?: { object: string } } }>>
    >
  >;
}

/** A contract's code in hexadecimal digits, without 0x. */
export interface Code {
  readonly file: string;
  readonly contract: string;
  readonly creation: string;
  readonly deployed: string;
}

/** Our contracts and what they import, and the compiler's trees of them. */
export class Sources {
  /** Paths of our own files, in order. */
  readonly files: readonly string[];
  readonly texts: ReadonlyMap<string, Buffer>;
  readonly #compiler: Compiler;
  readonly #trees: ReadonlyMap<string, Node>;
  readonly #bytecodes = new Map<string, string>();

  private constructor(compiler: Compiler, texts: ReadonlyMap<string, Buffer>, trees: ReadonlyMap<string, Node>) {
    [this.#compiler, this.texts, this.#trees] = [compiler, texts, trees];
    this.files = [...texts.keys()].filter((file) => file.startsWith("contracts/")).sort();
  }

  static async read(compiler: Compiler): Promise<Sources> {
    const texts = new Map<string, Buffer>();
    for (const file of globSync("contracts/**/*.sol", { cwd: root }).sort()) readInto(texts, file);
    const output = (await compiler.compile({
      language: "Solidity",
      sources: contentsOf(texts),
      settings: { outputSelection: { "*": { "": ["ast"] } } },
    })) as Output;
    const failed = output.errors?.find(({ severity }) => severity === "error");
    if (failed !== undefined) throw new Error(failed.formattedMessage);
    const trees = Object.entries(output.sources).map(([file, { ast }]) => [file, ast] as const);
    return new Sources(compiler, texts, new Map(trees));
  }

  treeOf(file: string): Node {
    const tree = this.#trees.get(file);
    if (tree === undefined) throw new Error(`the compiler knows no ${file}`);
    return tree;
  }

  /** Whether the optimizer makes the same of every contract when `file` has another text. */
  async isSameCode(file: string, text: Buffer): Promise<boolean> {
    const before = this.#bytecodes.get(file) ?? (await this.#bytecodeOf(file, this.texts));
    this.#bytecodes.set(file, before);
    return before === (await this.#bytecodeOf(file, new Map([...this.texts, [file, text]])));
  }

  /**
   * Unoptimized code of every contract that can be deployed, in `file` and in all files that import it, when `file` has
   * that text; undefined when it does not compile.
   */
  async codeWith(file: string, text: Buffer): Promise<Code[] | undefined> {
    const output = await this.#compile(file, new Map([...this.texts, [file, text]]), false);
    if (output.errors?.some(({ severity }) => severity === "error") === true) return undefined;
    return Object.entries(output.contracts ?? {}).flatMap(([path, contracts]) =>
      Object.entries(contracts)
        .map(([contract, { evm }]) => ({
          ...{ file: path, contract },
          creation: evm.bytecode.object,
          deployed: evm.deployedBytecode?.object ?? "",
        }))
        .filter(({ creation }) => creation !== ""),
    );
  }

  /** Of the contracts in `file` and in all files that import it. */
  async #compile(file: string, texts: ReadonlyMap<string, Buffer>, isOptimized: boolean): Promise<Output> {
    const wanted = ["evm.bytecode.object", "evm.deployedBytecode.object"];
    const output = await this.#compiler.compile({
      language: "Solidity",
      sources: contentsOf(texts),
      settings: {
        optimizer: { enabled: isOptimized, runs: 10_000 },
        evmVersion: "cancun",
        metadata: { bytecodeHash: "none", appendCBOR: false },
        outputSelection: Object.fromEntries(this.#dependentsOf(file).map((each) => [each, { "*": wanted }])),
      },
    });
    return output as Output;
  }

  async #bytecodeOf(file: string, texts: ReadonlyMap<string, Buffer>): Promise<string> {
    const output = await this.#compile(file, texts, true);
    const code = Object.entries(output.contracts ?? {}).flatMap(([path, contracts]) =>
      Object.entries(contracts).map(([name, { evm }]) => `${path} ${name} ${evm.bytecode.object}`),
    );
    return createHash("sha256").update(code.sort().join("\n")).digest("hex");
  }

  #dependentsOf(file: string): string[] {
    const found = new Set([file]);
    for (let size = 0; size !== found.size;) {
      size = found.size;
      for (const each of this.files) {
        const imports = list(this.treeOf(each), "nodes").map((node) => word(node, "absolutePath"));
        if (imports.some((path) => found.has(path))) found.add(each);
      }
    }
    return [...found];
  }
}

function readInto(texts: Map<string, Buffer>, file: string): void {
  if (texts.has(file)) return;
  const text = readFileSync(join(root, file.startsWith("@") ? join("node_modules", file) : file));
  texts.set(file, text);
  for (const [, path = ""] of text.toString("utf8").matchAll(/^import\s[^"']*["']([^"']+)["'];/gm)) {
    readInto(texts, path.startsWith(".") ? posix.join(posix.dirname(file), path) : path);
  }
}

function contentsOf(texts: ReadonlyMap<string, Buffer>): Record<string, { content: string }> {
  return Object.fromEntries([...texts].map(([file, text]) => [file, { content: text.toString("utf8") }]));
}

/** The names of the contracts in a tree. */
export function contractsIn(tree: Node): string[] {
  return childrenOf(tree).flatMap((node) => (node.nodeType === "ContractDefinition" ? [word(node, "name")] : []));
}
