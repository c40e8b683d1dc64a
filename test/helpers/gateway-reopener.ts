/** Opens a gateway's records again and again, and writes them anew each time, until it is killed. */
import { GatewayRecords } from "../../miner/src/client/gateway-records.ts";

const [home = ""] = process.argv.slice(2);
for (;;) {
  const records = new GatewayRecords({ home, onSlab: () => undefined, warn: () => undefined, spare: -Infinity });
  await records.open();
  await records.close();
  process.send?.("opened");
}
