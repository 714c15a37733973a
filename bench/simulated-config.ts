import { type Config, loadConfig } from "@/lib/config";

/** The product's own configuration against a running simulated tenant, for loops that use `lib/azure` directly. */
export async function simulatedConfig(simulatorUrl: string, identityHeader: string): Promise<Config> {
  const tenant = await (await fetch(`${simulatorUrl}/sim/tenant`)).text();
  const endpoint = { IDENTITY_ENDPOINT: `${simulatorUrl}/msi/token`, IDENTITY_HEADER: identityHeader };
  // The managed identity's client of the SDK reads these two from the process itself.
  Object.assign(process.env, endpoint);
  return loadConfig({
    SIMULATOR_URL: simulatorUrl,
    SIMULATOR_TENANT: tenant,
    SIMULATOR_API_SECRET: "not used by this loop",
    ...endpoint,
  });
}
