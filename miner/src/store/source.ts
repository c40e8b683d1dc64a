import { EngineError } from "../engines/errors.ts";
import { exitCode } from "../errors.ts";

/** Where a model comes from. */
export type Source =
  | { kind: "url"; url: string; name: string }
  /** A file of this machine. */
  | { kind: "file"; path: string; name: string };

const hubUrl = "https://huggingface.co";

/** What a model may be called: it becomes part of commands and messages, never of a path. */
const goodName = /^[\p{L}\p{N}][\p{L}\p{N}._:/@+ -]{0,199}$/u;

export function checkName(name: string): string {
  if (goodName.test(name) && !name.includes("..")) return name;
  throw new EngineError("bad-request", `${JSON.stringify(name)} cannot be a model's name.`, {
    exitCode: exitCode.usage,
  });
}

/**
 * Reads `hf:owner/repo/file.gguf` (at a revision: `hf:owner/repo@revision/file.gguf`), `http(s)://...` or a path.
 * Throws EngineError `model-not-found` for a form that names nothing.
 */
export function parseSource(text: string): Source {
  if (text.startsWith("hf:")) return fromHub(text);
  if (/^https?:/i.test(text)) {
    if (!URL.canParse(text)) throw new EngineError("model-not-found", `${text} is not a URL.`);
    const { href, pathname } = new URL(text);
    return { kind: "url", url: href, name: shortName(decode(pathname)) };
  }
  return { kind: "file", path: text, name: shortName(text) };
}

function fromHub(text: string): Source {
  const [owner = "", repoAt = "", ...file] = text.slice("hf:".length).split("/");
  const [repo = "", revision = "main", ...rest] = repoAt.split("@");
  const parts = [owner, repo, revision, ...file];
  const plain = parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
  if (!plain || rest.length > 0 || file.length === 0 || !text.endsWith(".gguf")) {
    throw new EngineError("model-not-found", `${text} is not of the form hf:owner/repo/file.gguf.`);
  }
  return { kind: "url", url: `${hubUrl}/${owner}/${repo}/resolve/${revision}/${file.join("/")}`, name: text };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The last part of a path, without the ending. */
function shortName(path: string): string {
  const last = path.split(/[/\\]/).findLast((part) => part !== "") ?? "model";
  return last.replace(/\.gguf$/i, "").replace(/[^\p{L}\p{N}._+-]+/gu, "-");
}
