/** What probes see of the machine, so that recorded outputs can stand in for it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** A tool's standard output; undefined when it is missing, fails or takes too long. */
  run(command: string, args: readonly string[]): Promise<string | undefined>;
  /** A small file's text; undefined when it cannot be read. */
  read(path: string): Promise<string | undefined>;
  /** Names in a folder; none when it cannot be read. */
  list(path: string): Promise<readonly string[]>;
}
