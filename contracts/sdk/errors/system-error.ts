import { LodeError } from "./lode-error.ts";

/** A refusal of the system: no right, no room, no such file, a port that is taken. */
export class SystemError extends LodeError {
  override readonly name = "SystemError";
}

/** Exit code of a program that cannot listen where it was told to. */
const portExitCode = 8;

interface Refusal {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/**
 * What a refusal of the system means and what to do, as the error that a command ends with; undefined where the system refused nothing.
 * Without it a person reads a call's name and a stack.
 */
export function explainSystemError(error: unknown): SystemError | undefined {
  if (!isRefusal(error)) return undefined;
  const isListening = error.syscall === "listen" || error.syscall === "bind";
  const message = isListening ? listenSentence(error) : fileSentence(error);
  const code = isListening ? "cannot_listen" : "system";
  return new SystemError(code, message, { cause: error, ...(isListening && { exitCode: portExitCode }) });
}

function isRefusal(error: unknown): error is Error & Refusal {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as Partial<Refusal>;
  return typeof code === "string" && typeof syscall === "string" && /^E[A-Z0-9_]+$/.test(code);
}

function listenSentence({ code, address = "this machine", port = 0 }: Refusal): string {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} on ${address} is in use; stop what listens there or choose another port.`;
    case "EADDRNOTAVAIL":
      return `${address} is no address of this machine; listen on 127.0.0.1, 0.0.0.0 or one that it has.`;
    case "EACCES":
      return `Port ${port} is kept for the system's own programs; choose one above 1023.`;
    default:
      return `Port ${port} on ${address} cannot be listened on (${code}); choose another address or port.`;
  }
}

function fileSentence({ code, syscall, path, hostname }: Refusal): string {
  const what = path ?? "A file";
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `${what} is closed to this user (${syscall}); change its owner or permissions, or name another one.`;
    case "EROFS":
      return `${what} is on a disk that cannot be written to; name another folder.`;
    case "ENOSPC":
    case "EDQUOT":
      return `There is no room left on the disk${path === undefined ? "" : ` of ${path}`}; make some and try again.`;
    case "ENOENT":
      return syscall === "mkdir"
        ? `The folder ${what} cannot be made there; name another one.`
        : `${what} does not exist; check the path.`;
    case "ENOTDIR":
      return `${what} lies behind a file where a folder is needed; check the path.`;
    case "EEXIST":
      return syscall === "mkdir"
        ? `${what} is a file where a folder is needed; name another one.`
        : `${what} is there already; move it away or name another one.`;
    case "EISDIR":
      return `${what} is a folder where a file is needed; check the path.`;
    case "EMFILE":
    case "ENFILE":
      return "Too many files are open; raise the limit (ulimit -n) and start again.";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The name ${hostname ?? "of a host"} is not known here; check its spelling and the network.`;
    default:
      return `The system refused ${syscall}${path === undefined ? "" : ` of ${path}`} (${code}).`;
  }
}
