/** Opens a miner's store again and again, and writes its records anew each time, until it is killed. */
import { MinerStore } from "../../miner/src/daemon/miner-store.ts";

const [home = "", nowMs = ""] = process.argv.slice(2);
for (;;) {
  const store = await MinerStore.open(home, () => undefined, { nowMs: () => Number(nowMs), spare: -Infinity });
  await store.close();
  process.send?.("opened");
}
