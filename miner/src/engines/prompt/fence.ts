/**
 * Keeps control tokens out of messages. A message may contain the text of a control token, and a chat template would
 * paste it where the tokenizer takes it for the real thing. A fence is a character put inside such a text, so that it
 * no longer matches; it is taken out again when the surrounding text is tokenized as plain text.
 */
export interface Fence {
  /** Fences every control token's text inside a message. */
  guard(content: string): string;
  /** Whether any message needed it. */
  readonly used: boolean;
  /** Splits a rendered prompt at the template's own control tokens and takes the fences out of the rest. */
  split(rendered: string): { text: string; control: boolean }[];
}

/** First and last private-use character that can serve as a fence. */
const [first, last] = [0xe000, 0xf8ff];

/** `everything` is all text that meets in the prompt: the fence is a character that does not occur in it. */
export function createFence(controls: readonly string[], everything: readonly string[]): Fence {
  const mark = freeCharacter(everything);
  const longestFirst = controls.filter((text) => text.length > 1).sort((a, b) => b.length - a.length);
  // A pattern that matches nothing stands for a vocabulary without control tokens.
  const pattern = longestFirst.length === 0 ? "(?!)" : longestFirst.map(literal).join("|");
  let used = false;
  return {
    guard(content) {
      return content.replace(new RegExp(pattern, "gu"), (text) => {
        used = true;
        // After every character, because a control token's text may hold a shorter one's.
        return Array.from(text).join(mark);
      });
    },
    get used() {
      return used;
    },
    split(rendered) {
      return rendered
        .split(new RegExp(`(${pattern})`, "u"))
        .map((text, index) => ({ text: text.replaceAll(mark, ""), control: index % 2 === 1 }))
        .filter(({ text }) => text !== "");
    },
  };
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

function freeCharacter(texts: readonly string[]): string {
  for (let code = first; code <= last; code += 1) {
    const character = String.fromCharCode(code);
    if (!texts.some((text) => text.includes(character))) return character;
  }
  throw new RangeError("The messages use every private character there is.");
}
