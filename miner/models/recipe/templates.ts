import type { Message } from "./corpus/conversations.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

/** A chat format: the Jinja text that goes into the GGUF and the same format for the training corpus. */
export interface Template {
  jinja: string;
  /** Metadata names of the control tokens, by what they mean. */
  tokens: { bos: string; eos: string; padding?: string };
  /** Token ids of a whole conversation, as the Jinja text would render it, end of document included. */
  encode(messages: readonly Message[], tokenizer: Tokenizer): number[];
}

/** ChatML: `<|im_start|>role`, the text, `<|im_end|>`. */
export const chatml: Template = {
  jinja:
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}" +
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  tokens: { bos: "<|endoftext|>", eos: "<|im_end|>", padding: "<|endoftext|>" },
  encode: (messages, tokenizer) => [
    ...messages.flatMap(({ role, content }) => [
      tokenizer.special("<|im_start|>"),
      ...tokenizer.encode(`${role}\n${content}`),
      tokenizer.special("<|im_end|>"),
      ...tokenizer.encode("\n"),
    ]),
    tokenizer.special("<|endoftext|>"),
  ],
};

/** Plain-text markers with an end-of-sequence token after each answer, as the Llama 2 family does. */
export const instruct: Template = {
  jinja:
    "{{ bos_token }}{% for message in messages %}" +
    "{% if message['role'] == 'assistant' %}{{ ' ' + message['content'] + eos_token }}" +
    "{% elif message['role'] == 'system' %}{{ '[SYS] ' + message['content'] + ' [/SYS]' }}" +
    "{% else %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% endif %}{% endfor %}",
  tokens: { bos: "<s>", eos: "</s>" },
  encode: (messages, tokenizer) => {
    const ids = [tokenizer.special("<s>")];
    let open = "";
    for (const { role, content } of messages) {
      if (role === "system") open += `[SYS] ${content} [/SYS]`;
      else if (role === "user") open += `[INST] ${content} [/INST]`;
      else {
        ids.push(...tokenizer.encode(`${open} ${content}`), tokenizer.special("</s>"));
        open = "";
      }
    }
    return ids;
  },
};
