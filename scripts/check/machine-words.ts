export interface MachineWord {
  /** Counted from 1. */
  readonly line: number;
  readonly word: string;
}

/** A home folder on Linux, macOS or Windows with something in it, at the start of a word; `/v1/log/root` is none. */
const homeFolder = /(?<![\w./@-])(?:\/(?:home|Users)\/[\w.-]+|\/root\/[\w.-]+|[A-Z]:\\+Users\\+[\w.-]+)/;
const registry = /\bhttps?:\/\/(?:[\w.-]*\.)?(?:registry|npm|artifactory|nexus|verdaccio)[\w.-]*\.[a-z]+(?::\d+)?\//;

/** Finds what ties a text to one machine: the checkout's own folder, a home folder, a package registry's address. */
export function findMachineWords(text: string, checkout: string): MachineWord[] {
  return text.split("\n").flatMap((content, index) => {
    const word = [homeFolder, registry]
      .map((pattern) => pattern.exec(content)?.[0])
      .find((match) => match !== undefined);
    const own = content.includes(`${checkout}/`) ? checkout : undefined;
    return own === undefined && word === undefined ? [] : [{ line: index + 1, word: own ?? word ?? "" }];
  });
}
