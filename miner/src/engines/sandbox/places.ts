import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/** Where the sandbox has the two programs that run in it. */
export const inside = { node: "/lode/node", shell: "/lode/sh" } as const;

/**
 * Arguments of bubblewrap that show the sandbox, for reading, what any program of this system needs: shared libraries, Node, and
 * a shell that sets limits. No other program, no home, nothing of /etc but the linker's index; no device but those three.
 */
export function systemPlaces(): string[] {
  const libraries = [
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/nix/store",
  ];
  return [
    ...libraries.filter((path) => existsSync(path)).flatMap(asItIs),
    ...["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"],
    // How many processors there are, and what they can.
    ...["--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"],
    ...["null", "random", "urandom"].flatMap((name) => ["--dev-bind", `/dev/${name}`, `/dev/${name}`]),
    ...["--ro-bind", realpathSync(process.execPath), inside.node],
    ...["--ro-bind", realpathSync("/bin/sh"), inside.shell],
  ];
}

/**
 * Arguments of bubblewrap that show what a card is computed with: its devices, what the kernel tells of them, and where its
 * drivers are named. Nothing of it is there without a card.
 * @param devices names in /dev
 */
export function cardPlaces(devices: readonly string[] = readdirSync("/dev")): string[] {
  const isOfCard = (name: string): boolean => /^(nvidia(\d+|ctl|-uvm|-uvm-tools|-modeset|-caps)|dri|kfd)$/.test(name);
  const told = ["/sys/bus/pci", "/sys/class/drm", "/sys/class/kfd", "/sys/dev/char", "/sys/devices", "/sys/module"];
  const named = [
    "/etc/vulkan",
    "/usr/share/vulkan",
    "/etc/OpenCL",
    "/opt/rocm",
    "/usr/local/cuda",
    "/usr/local/nvidia",
  ];
  return [
    ...devices.filter(isOfCard).flatMap((name) => ["--dev-bind", `/dev/${name}`, `/dev/${name}`]),
    ...[...told, ...named].flatMap((path) => ["--ro-bind-try", path, path]),
  ];
}

/** A link stays a link: where /lib is one into /usr, the linker expects it. */
function asItIs(path: string): string[] {
  if (lstatSync(path).isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
  return ["--ro-bind", path, path];
}

/**
 * Arguments of bubblewrap that show the program itself: its code and the packages that it uses, never the folder around
 * them, in which a person may keep anything.
 */
export function programPlaces(program: string): string[] {
  const packages = packagesFor(dirname(program));
  const code = program.endsWith(".ts") ? [...linkedPackages(packages), sourceFolder(program)] : bundleFiles(program);
  return [packages, ...code].flatMap((path) => ["--ro-bind", path, path]);
}

/** The folder of packages in which the program finds the engine's library. */
function packagesFor(folder: string): string {
  const packages = join(folder, "node_modules");
  if (existsSync(join(packages, "node-llama-cpp"))) return packages;
  if (dirname(folder) === folder) throw new Error("The engine's library is not installed.");
  return packagesFor(dirname(folder));
}

/** In a checkout our own packages are links out of node_modules; the engine needs two of them. */
function linkedPackages(packages: string): string[] {
  return ["sdk", "protocol"].map((name) => realpathSync(join(packages, "@lode", name)));
}

/** `miner/src`: no file of it reads another of its package. */
function sourceFolder(program: string): string {
  const parts = program.split(sep);
  return parts.slice(0, parts.lastIndexOf("engines")).join(sep);
}

/** Of a package that was put together, its scripts alone: by now its folder may hold more. */
function bundleFiles(program: string): string[] {
  const root = dirname(dirname(program));
  const scripts = readdirSync(root).filter((name) => name === "package.json" || name.endsWith(".js"));
  return [...scripts, "child"].map((name) => join(root, name));
}
