import { paint, type Paint } from "./paint.ts";

export interface StepRecord {
  readonly step: string;
  readonly fact: string;
  readonly seconds: number;
}

/** What a step uses to talk while it works. */
export interface Voice {
  /** Replaces the words beside the spinner; on a plain output nothing happens. */
  note(text: string): void;
  /** Shows text as it arrives, below the step's name. */
  stream(text: string): void;
}

const NAME_WIDTH = 12;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const INDENT = "    ";

/**
 * Shows steps one after the other: on a terminal a spinner while a step works, then a tick, its fact and its time; on
 * anything else one plain line for each finished step.
 */
export class Display {
  readonly records: StepRecord[] = [];
  readonly #out: NodeJS.WriteStream;
  readonly #live: boolean;
  readonly #paint: Paint;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#live = out.isTTY && process.env["TERM"] !== "dumb";
    this.#paint = paint(this.#live && (process.env["NO_COLOR"] ?? "") === "");
  }

  title(text: string, below: string): void {
    this.#out.write(`\n  ${this.#paint.bold(text)}  ${this.#paint.dim(below)}\n\n`);
  }

  lines(text: string): void {
    this.#out.write(`${text}\n`);
  }

  heading(text: string): string {
    return this.#paint.bold(text);
  }

  /**
   * Runs one step.
   * @param work does it and gives back what the step is worth knowing for, and its result
   */
  async step<T>(name: string, work: (voice: Voice) => Promise<{ fact: string; result: T }>): Promise<T> {
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    const spinner = this.#spin(name, seconds);
    try {
      const { fact, result } = await work(spinner.voice);
      spinner.stop();
      this.records.push({ step: name, fact, seconds: round(seconds()) });
      this.#finish(this.#paint.green("✔"), name, fact, seconds());
      return result;
    } catch (error) {
      spinner.stop();
      this.#finish(this.#paint.red("✘"), name, "failed", seconds());
      throw error;
    }
  }

  #finish(mark: string, name: string, fact: string, seconds: number): void {
    const time = `${seconds.toFixed(1)} s`.padStart(7);
    const start = this.#live ? `  ${mark} ` : "  ";
    this.#out.write(`${start}${this.#paint.bold(name.padEnd(NAME_WIDTH))} ${this.#paint.dim(time)}  ${fact}\n`);
  }

  #spin(name: string, seconds: () => number): { voice: Voice; stop: () => void } {
    let frame = 0;
    let note = "";
    let column = 0;
    const width = this.#live ? Math.max(40, this.#out.columns - 1) : 100;
    const draw = (): void => {
      const spinner = this.#paint.cyan(FRAMES[frame++ % FRAMES.length] ?? "");
      const time = `${seconds().toFixed(1)} s`.padStart(7);
      const words = note.slice(0, Math.max(0, width - NAME_WIDTH - 14));
      this.#out.write(`\r\x1b[2K  ${spinner} ${name.padEnd(NAME_WIDTH)} ${this.#paint.dim(`${time}  ${words}`)}`);
    };
    const timer = this.#live ? setInterval(draw, 80) : undefined;
    const wipe = (): void => {
      clearInterval(timer);
      if (this.#live && column === 0) this.#out.write("\r\x1b[2K");
    };
    return {
      voice: {
        note: (text) => (note = text),
        stream: (text) => {
          if (column === 0) {
            wipe();
            this.#out.write(`\n${INDENT}`);
            column = INDENT.length;
          }
          for (const piece of text.split(/(?<=\s)/)) {
            if (column + piece.trimEnd().length > Math.min(width, 100)) {
              this.#out.write(`\n${INDENT}`);
              column = INDENT.length;
            }
            this.#out.write(this.#paint.cyan(piece.replaceAll("\n", `\n${INDENT}`)));
            const newline = piece.lastIndexOf("\n");
            column = newline >= 0 ? INDENT.length + piece.length - newline - 1 : column + piece.length;
          }
        },
      },
      stop: () => {
        wipe();
        if (column > 0) this.#out.write("\n\n");
      },
    };
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
