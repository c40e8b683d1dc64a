/** `npm run -s bench -- <name>`: runs one benchmark; its last line is one JSON object of figures. */
import { audit } from "./audit.ts";
import { detect } from "./detect.ts";
import { engine } from "./engine.ts";
import { failover } from "./failover.ts";
import { gas } from "./gas.ts";
import { gateway } from "./gateway.ts";
import { indexer } from "./indexer.ts";
import { market } from "./market.ts";
import { masks } from "./masks.ts";
import { match } from "./match.ts";
import { overhead } from "./overhead.ts";
import { verify } from "./verify.ts";
import { zk } from "./zk.ts";
import { web } from "./web.ts";

const benches: Readonly<Record<string, () => Promise<Record<string, unknown>>>> = {
  audit,
  detect,
  engine,
  failover,
  gas,
  gateway,
  indexer,
  market,
  masks,
  match,
  overhead,
  verify,
  zk,
  web,
};

const [name = ""] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run -s bench -- <name>; the benchmarks are: ${Object.keys(benches).join(", ")}`);
  process.exitCode = 2;
} else {
  console.log(JSON.stringify(await bench()));
}
