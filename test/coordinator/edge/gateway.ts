import { ClientAccount } from "../../../miner/src/client/account.ts";
import { startGateway, type Gateway } from "../../../miner/src/client/gateway.ts";
import { requestJson } from "../../../miner/src/cli/http.ts";
import { addresses, operator, person, prices } from "../fixture.ts";
import type { Edge } from "./edge.ts";

/** A client's own gateway to an edge, with all that it keeps in `home`. */
export async function openGateway(edge: Edge, home: string, warn: (message: string) => void): Promise<Gateway> {
  const wallet = person("a client with a gateway");
  const key = await edge.login("client", wallet);
  const account = new ClientAccount({
    ...{ addresses, client: wallet.address, coordinator: operator.address, coordinatorOperator: operator.address },
    ...{ signer: person("a gateway's hot key"), home, maxSpendWei: undefined, warn },
    ...{ maxInputPriceWei: prices.inputPriceWei, maxOutputPriceWei: prices.outputPriceWei },
    operatorOf: async (address) => address,
    ask: (path, init = {}) => requestJson(new URL(path, edge.url), { ...init, key }),
  });
  await account.open();
  const listen = { host: "127.0.0.1", port: 0, localKey: undefined };
  const gateway = await startGateway({ coordinatorUrl: edge.url, key, account, prices, warn, ...listen });
  return {
    url: gateway.url,
    async close() {
      await gateway.close();
      await account.close();
    },
  };
}
