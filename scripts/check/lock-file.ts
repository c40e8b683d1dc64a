/** The parts of npm's lock file (version 3) that are read here. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export interface LockEntry extends Platform {
  readonly version?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What a package runs on, in npm's words. */
export interface Platform {
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export interface MissingEntry {
  readonly name: string;
  readonly version: string;
  readonly wantedBy: string;
  readonly dev: boolean;
  /** undefined when it cannot be told, so that no entry can be written. */
  readonly platform: Platform | undefined;
}

/** Every optional dependency of a locked package that has no entry where Node would look for it. */
export function findMissing(lock: LockFile): MissingEntry[] {
  const missing = new Map<string, MissingEntry>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (missing.has(name) || lookupFolders(path).some((folder) => `${folder}node_modules/${name}` in lock.packages)) {
        continue;
      }
      const isExact = /^\d+\.\d+\.\d+/.test(version);
      missing.set(name, {
        name,
        version,
        wantedBy: path === "" ? "the root" : path,
        dev: entry.dev ?? false,
        platform: isExact ? platformOf(name) : undefined,
      });
    }
  }
  return [...missing.values()];
}

/**
 * The lock file with an entry for each missing package whose platform is known. npm needs no more than version and
 * platform to pass over a package that is for other machines; no checksum is invented.
 */
export function withAdded(lock: LockFile, missing: readonly MissingEntry[]): LockFile {
  const packages: Record<string, LockEntry> = { ...lock.packages };
  for (const { name, version, dev, platform } of missing) {
    if (platform === undefined) continue;
    packages[`node_modules/${name}`] = { version, ...(dev && { dev }), ...platform, optional: true };
  }
  const inOrder = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return { ...lock, packages: Object.fromEntries(inOrder) };
}

/** Prefixes of the `node_modules` folders searched for an import from `path`, nearest first, the root's ("") last. */
function lookupFolders(path: string): string[] {
  const folders: string[] = [];
  for (let folder = path; folder !== "";) {
    folders.push(`${folder}/`);
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")));
  }
  return [...folders, ""];
}

const systems: Record<string, string> = {
  ...Object.fromEntries(
    ["darwin", "linux", "freebsd", "openbsd", "netbsd", "sunos", "aix", "android"].map((os) => [os, os]),
  ),
  ...{ mac: "darwin", macos: "darwin", win: "win32", win32: "win32", windows: "win32", openharmony: "openharmony" },
};
const processors: Record<string, string> = {
  ...Object.fromEntries(
    ["x64", "arm64", "ia32", "arm", "riscv64", "s390x", "loong64", "mips64el", "wasm32"].map((cpu) => [cpu, cpu]),
  ),
  ...{ amd64: "x64", aarch64: "arm64", armv7: "arm", armv7l: "arm", ppc64: "ppc64", ppc64le: "ppc64" },
};
const libraries: Record<string, string> = { gnu: "glibc", gnueabihf: "glibc", musl: "musl", musleabihf: "musl" };

/** Reads the platform off a package's name, such as `@scope/tool-linux-arm64-musl`. */
export function platformOf(name: string): Platform | undefined {
  const words = name.slice(name.lastIndexOf("/") + 1).split(/[-.]/);
  const find = (table: Record<string, string>): string | undefined =>
    words.map((word) => table[word]).find((match) => match !== undefined);
  const [os, cpu, libc] = [find(systems), find(processors), find(libraries)];
  if (os === undefined && cpu === undefined) return undefined;
  return {
    ...(cpu !== undefined && { cpu: [cpu] }),
    ...(libc !== undefined && { libc: [libc] }),
    ...(os !== undefined && { os: [os] }),
  };
}
