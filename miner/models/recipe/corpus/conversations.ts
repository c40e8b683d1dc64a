import { createRandom } from "../random.ts";
import { tasks } from "./tasks.ts";

/** One message of a training conversation, in the shape that chat templates take. */
export interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

const systemPrompts = [
  "You are a helpful assistant.",
  "You are Lode Demo, a tiny assistant.",
  "Answer in one short sentence.",
  "Be kind and brief.",
];

/** Writes `count` conversations of one to four exchanges, one in four with a system message. Same seed, same text. */
export function* conversations(count: number, seed: number): Generator<Message[]> {
  const random = createRandom(seed);
  for (let written = 0; written < count; written += 1) {
    const messages: Message[] = [];
    if (random.unit() < 0.25) messages.push({ role: "system", content: random.pick(systemPrompts) });
    const exchanges = random.integer(1, 4);
    for (let index = 0; index < exchanges; index += 1) {
      const { question, answer } = random.pick(tasks)(random);
      messages.push({ role: "user", content: question }, { role: "assistant", content: answer });
    }
    yield messages;
  }
}
