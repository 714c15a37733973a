/*
 * A client of another generation and with another HTTP stack than those of the product: it knows nothing of the
 * simulated tenant but a proxy and an authority to trust (NODE_EXTRA_CA_CERTS), and calls Azure's own addresses.
 * Standard input: the bearer token. Arguments: port of the proxy, subscription. Prints the vaults' names as JSON.
 */
import { readFileSync } from "node:fs";
import { ResourceGraphClient } from "resourcegraph-4";

const [port, subscription] = process.argv.slice(2);
const token = readFileSync(0, "utf8").trim();
const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
const client = new ResourceGraphClient(credential, {
  proxySettings: { host: "http://127.0.0.1", port: Number(port) },
  noRetryPolicy: true,
});
const { data } = await client.resources({
  subscriptions: [subscription],
  query: "resources | where type == 'microsoft.keyvault/vaults' | project name | order by name asc",
  options: { resultFormat: "objectArray" },
});
process.stdout.write(JSON.stringify(data.map(({ name }) => name)));
