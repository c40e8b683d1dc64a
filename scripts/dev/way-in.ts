import type { Market } from "./market.ts";

/** What somebody needs to use the market that is now running: addresses, a key, and two requests to paste. */
export function wayIn(market: Market, graphqlUrl: string, heading: (text: string) => string): string {
  const { url } = market.coordinator;
  return `
  ${heading("The market is up.")} Ctrl-C stops everything; the next npm start goes on from here.

    Explorer   ${url}/explorer/    the job just told: ${url}/explorer/receipts
    API        ${url}/v1        documentation ${url}/docs
    Chain      ${market.rpcUrl}    chain id 31337
    GraphQL    ${graphqlUrl}    the contracts' events, indexed
    API key    ${market.key}
    Logs       ${market.layout.shown(market.layout.log("*"))}

  ${heading("curl")}

curl -N ${url}/v1/chat/completions \\
  -H "Authorization: Bearer ${market.key}" -H "Content-Type: application/json" \\
  -d '{"model":"${market.model}","stream":true,"messages":[{"role":"user","content":"Tell me a short story."}]}'

  ${heading("OpenAI SDK")}

import OpenAI from "openai";
const openai = new OpenAI({ baseURL: "${url}/v1", apiKey: "${market.key}" });
const stream = await openai.chat.completions.create({
  model: "${market.model}",
  messages: [{ role: "user", content: "Tell me a short story." }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? "");

  ${heading("Ask the index")}

curl -s ${graphqlUrl} -H "Content-Type: application/json" \\
  -d '{"query":"{ miners { id earnedWei staker { stakedWei } } anchors { epoch size root } }"}'

  ${heading("Audit it yourself")}

./lode audit --rpc ${market.rpcUrl} --log ${url} --addresses ${market.layout.shown(market.addressesFile)}
`;
}
