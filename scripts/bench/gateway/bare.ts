/** The least that a gateway can do: Fastify takes a request, undici sends it on, the answer is piped back. Prints its port. */
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { Pool } from "undici";

const [upstream = ""] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 256, pipelining: 1 });
const app = fastify({ logger: false });
app.post("/v1/chat/completions", async (request, reply) => {
  const { statusCode, headers, body } = await pool.request({
    path: "/v1/chat/completions",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request.body),
  });
  return reply.code(statusCode).type(String(headers["content-type"])).send(body);
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ port: (app.server.address() as AddressInfo).port }));
