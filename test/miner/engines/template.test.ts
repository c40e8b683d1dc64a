import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { afterAll, describe, expect, it } from "vitest";
import { buildModel } from "../../../miner/models/build.ts";
import { pieces } from "../../../miner/models/recipe/models.ts";
import { chatml, instruct } from "../../../miner/models/recipe/templates.ts";
import { openEngine } from "../../../miner/src/engines/index.ts";
import { readTemplate, renderTemplate } from "../../../miner/src/engines/prompt/template/interpret.ts";
import { templateLimits } from "../../../miner/src/engines/prompt/template/limits.ts";
import { openRenderer } from "../../../miner/src/engines/prompt/template/renderer.ts";
import { ask, run } from "./engine-helper.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-templates-"));
afterAll(() => rmSync(folder, { recursive: true }));

const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Grüße 漢字" },
];
const values = { messages, add_generation_prompt: true, bos_token: "<s>", eos_token: "</s>" };

describe("a chat template", () => {
  const withBlocks = `
  {%- set ns = namespace(found=false) %}
  {% for m in messages if m.role != 'tool' %}
    {% if loop.first and m.role == 'system' %}
    [{{ m['content'] | trim | upper }}]
    {% else %}{% set ns.found = true %}{{ loop.index0 }}:{{ m.content[:3] ~ '…' }}{% endif %}
  {% endfor %}
  {% macro show(x, y=2) %}{{ x }}-{{ y }}{% endmacro %}{{ show(1) }}{{ ns.found }}
  {% for i in range(3) %}{{ i }}{% endfor %}{{ messages | map(attribute='role') | join(',') }}{{ messages | tojson }}`;

  it.each([
    ["ChatML", chatml.jinja],
    ["[INST]", instruct.jinja],
    ["blocks, loops, macros and filters", withBlocks],
  ])("of %s comes out as the library alone renders it", (_name, source) => {
    expect(renderTemplate(readTemplate(source), values)).toBe(new Template(source).render(values));
  });

  it("always gets the same date", () => {
    expect(renderTemplate(readTemplate("{{ strftime_now('%d %b %Y') }}"), values)).toBe("1 January 2026");
  });

  it("may be long, and so may its conversation", () => {
    const long = {
      ...values,
      messages: Array.from({ length: 400 }, () => ({ role: "user", content: "x".repeat(4000) })),
    };
    expect(renderTemplate(readTemplate(chatml.jinja), long).length).toBeGreaterThan(400 * 4000);
  });
});

/** Takes gigabytes before its steps are counted out; V8 then ends its process. */
const hoards = "{% set n = namespace(s=[]) %}{% for i in range(140) %}{% set n.s = n.s + [range(99999)] %}{% endfor %}";

/** Each is harmless until the message says `boom`. */
const hostile: [name: string, body: string, says: RegExp][] = [
  [
    "loops for ever",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    /takes more than 1000000 steps/,
  ],
  ["counts to a billion", "{{ range(1000000000) | length }}", /counts further than 100000/],
  ["counts backwards without end", "{{ range(0, -1000000000, -1) | length }}", /counts further than 100000/],
  ["calls itself", "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}", /not a function|call stack/],
  [
    "catches its own fall",
    "{% macro f() %}{{ f() if f }}{{ f() if f }}{% endmacro %}{{ f() }}",
    /more than 1000000 steps|call stack|not a function/,
  ],
  [
    "doubles a text",
    "{% set n = namespace(s='0123456789abcdef') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}{{ n.s }}",
    /a text of more than \d+ characters|steps/,
  ],
  [
    "doubles a list",
    "{% set n = namespace(s=[1,2,3,4]) %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}{{ n.s | length }}",
    /steps|memory|array length/,
  ],
  ["hoards lists", hoards, /takes more than 256 MB of memory/],
  ["indents by a billion", "{{ messages | tojson(indent=1000000000) }}", /string length|text of more|memory/],
  ["indents by what fits a string", "{{ 'a\\nb' | indent(500000000) }}", /text of more|memory|string length/],
  [
    "replaces letters by books",
    "{% set n = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(9) %}{% set n.s = n.s | replace('a', n.s) %}{% endfor %}{{ n.s }}",
    /text of more|memory|string length/,
  ],
  [
    "joins books",
    "{% set n = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(18) %}{% set n.s = n.s + n.s %}{% endfor %}{{ range(1000) | join(n.s) }}",
    /text of more|memory|string length|steps/,
  ],
];

describe("a hostile template", { timeout: 120_000 }, () => {
  it.each(hostile)("that %s is stopped, and the next prompt is rendered", async (_name, body, says) => {
    const source = `{% if messages[0].content == 'boom' %}${body}{% else %}fine{% endif %}`;
    // So late that no clock stops it first.
    const render = await openRenderer(source, { readMs: 60_000, renderMs: 60_000 });
    const boom = render({ messages: [{ role: "user", content: "boom" }] });
    const next = render(values);
    await expect(boom).rejects.toMatchObject({
      name: "EngineError",
      code: "bad-request",
      message: expect.stringMatching(says) as string,
    });
    expect(await next).toBe("fine");
  });

  it("that escapes the count is ended by the clock", async () => {
    const slow = "{% for i in range(70) %}{% set x = range(99999) | sort %}{% endfor %}";
    const source = `{% if messages[0].content == 'boom' %}${slow}{% endif %}fine`;
    const render = await openRenderer(source, { readMs: templateLimits.readMs, renderMs: 300 });
    const boom = render({ messages: [{ role: "user", content: "boom" }] });
    await expect(boom).rejects.toThrow("is stopped: for these messages it takes longer than 0.3 s.");
    // In a new process.
    expect(await render(values)).toBe("fine");
  });

  it.each([
    [
      "reaches for JavaScript",
      "{{ messages.constructor }}{{ ''.constructor }}{{ range.constructor }}{{ messages.__proto__ }}",
    ],
    ["reaches for the process", "{{ process }}{{ globalThis }}{{ require }}{{ self }}{{ this }}"],
    ["reaches for a class", "{{ ''.__class__ }}{{ messages[0].__init__ }}{{ cycler }}{{ lipsum }}"],
  ])("that %s finds nothing", async (_name, source) => {
    expect(await (await openRenderer(source))(values)).toBe("");
  });

  it.each([
    ["calls what it must not", "{{ ''.constructor.constructor('return process')() }}"],
    ["includes a file", "{% include '/etc/passwd' %}"],
    ["imports one", "{% import '/etc/passwd' as x %}{{ x }}"],
  ])("that %s is refused", async (_name, source) => {
    const rendered = openRenderer(source).then(async (render) => render(values));
    await expect(rendered).rejects.toMatchObject({
      code: expect.stringMatching(/^(bad-request|model-unsupported)$/) as string,
    });
  });

  it.each([
    ["too long", `{# ${"x".repeat(templateLimits.sourceLength)} #}`, /longer than 262144 characters/],
    ["nested beyond reading", `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`, /is not used|cannot be read/],
    ["unreadable", "{% for", /cannot be read\.$/],
  ])("that is %s is refused before the first job", async (_name, source, says) => {
    await expect(openRenderer(source)).rejects.toMatchObject({
      code: "model-unsupported",
      message: expect.stringMatching(says) as string,
    });
  });

  it("speaks in few and printable words", async () => {
    const render = await openRenderer("{{ raise_exception('\\u001b[2J' + 'x' + messages[0].content) }}");
    const content = `${"y".repeat(5000)}\u001b]0;title\u0007`;
    const error = await render({ messages: [{ role: "user", content }] }).catch((cause: unknown) => cause as Error);
    expect(error).toMatchObject({ message: expect.stringMatching(/^[^\p{C}]{50,300}$/u) as string });
  });
});

it("a hostile template in a model ends its own job, and no other", async () => {
  const jinja = `{% if messages[0].content == 'boom' %}${hoards}{% endif %}${instruct.jinja}`;
  const recipe = { ...pieces, template: { ...instruct, jinja } };
  const built = await buildModel(recipe, { train: false, formats: ["Q8_0"], report: () => undefined });
  const modelPath = join(folder, "hostile.gguf");
  writeFileSync(modelPath, built.get("Q8_0")!);
  const engine = await openEngine({ modelPath, sequences: 2 });
  try {
    const alone = await run(engine, ask("Count from 1 to 5."));
    const [boom, beside] = await Promise.allSettled([run(engine, ask("boom")), run(engine, ask("Count from 1 to 5."))]);
    expect(boom).toMatchObject({
      reason: { code: "bad-request", message: expect.stringMatching(/is stopped/) as string },
    });
    expect(beside).toMatchObject({ status: "fulfilled", value: { text: alone.text } });
    expect((await run(engine, ask("Count from 1 to 5."))).ids).toEqual(alone.ids);
  } finally {
    await engine.close();
  }
});
