/** The part of WebAssembly's interface that is used here: TypeScript has it only among a browser's. */
interface Api {
  readonly Module: {
    new (bytes: Uint8Array): CompiledModule;
    imports(module: CompiledModule): readonly { readonly module: string; readonly name: string }[];
  };
  readonly Instance: new (module: CompiledModule, imports: object) => { readonly exports: unknown };
  readonly RuntimeError: new () => Error;
}

/** A compiled module; opaque. */
export type CompiledModule = object;

/** Memory of a module; its buffer is a new one after it has grown. */
export interface ModuleMemory {
  readonly buffer: ArrayBuffer;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
