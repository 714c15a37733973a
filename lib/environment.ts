import "server-only";
import { z } from "zod";
import { normaliseId } from "./azure/resource-id.pure";
import { SimulatedDelays } from "./timing";

/** A configuration that the product must not start with; the message names what is missing or wrong. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export type Variables = Readonly<Record<string, string | undefined>>;

const REQUIRED = [
  "AZURE_TENANT_ID",
  "AUTH_SPA_CLIENT_ID",
  "AUTH_API_CLIENT_ID",
  "APP_ORIGIN",
  "SENTINEL_WORKSPACE_RESOURCE_ID",
  "SENTINEL_WORKSPACE_ID",
  "PLANTER_CLIENT_ID",
  "PLANTER_OBJECT_ID",
  "PLANT_ROLE_ID",
] as const;
const CREDENTIALS = ["AUTH_API_CLIENT_SECRET", "AUTH_API_FEDERATED_CLIENT_ID"] as const;
const OPTIONAL_IDENTITIES = ["COLLECTOR", "REGISTRAR", "GRANTER", "DRILL"] as const;
/** Any of these set means that a real tenant is meant. */
const AZURE_VARIABLES = [
  ...REQUIRED,
  ...CREDENTIALS,
  "AZURE_CLOUD",
  ...OPTIONAL_IDENTITIES.flatMap((name) => [`${name}_CLIENT_ID`, `${name}_OBJECT_ID`]),
];

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];

const guid = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "is not a GUID")
  .toLowerCase();
const WORKSPACE_ID =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/]+\/providers\/microsoft\.operationalinsights\/workspaces\/[^/]+$/;
const workspaceResourceId = z
  .string()
  .refine((id) => WORKSPACE_ID.test(normaliseId(id)), "is not the resource id of a Log Analytics workspace");
const watchlistAlias = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,62}[A-Za-z0-9]$/, "has 3 to 64 letters, digits, - or _");

const SUBNET_ID =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/]+\/providers\/microsoft\.network\/virtualnetworks\/[^/]+\/subnets\/[^/]+$/;
const SCOPE_ID =
  /^\/subscriptions\/[0-9a-f-]{36}(\/resourcegroups\/[^/]+(\/providers\/microsoft\.network\/privateendpoints\/[^/]+)?)?$/;
const armId = (form: RegExp, problem: string) =>
  z
    .string()
    .transform(normaliseId)
    .refine((id) => form.test(id), problem);
/** Values with commas between them; left out or empty = none. */
const listed = <T extends z.ZodType<string, string>>(one: T) =>
  z
    .string()
    .default("")
    .transform((text) => text.split(",").flatMap((part) => part.trim() || []))
    .pipe(z.array(one));

const Cloud = z.object({
  AZURE_CLOUD: z
    .enum(["AzureCloud", "AzureUSGovernment"], "is not supported: use AzureCloud or AzureUSGovernment")
    .default("AzureCloud"),
});

/** What both modes share, and which mode the variables mean. Half a real configuration throws, naming the rest. */
export function readCommon(env: Variables) {
  const set = (name: string) => (env[name] ?? "").trim() !== "";
  const mode = AZURE_VARIABLES.some(set) ? "real" : "simulated";
  if (mode === "real") {
    parse(env, Cloud);
    const missing: string[] = REQUIRED.filter((name) => !set(name));
    if (!CREDENTIALS.some(set)) missing.push(CREDENTIALS.join(" or "));
    if (missing.length > 0) {
      throw new ConfigError(
        `The Azure settings are incomplete. Missing: ${missing.join(", ")}. ` +
          "Set them (see .env.example), or remove every Azure setting to run on the simulated tenant.",
      );
    }
    if (set("SIMULATOR_URL")) {
      throw new ConfigError(
        "Azure settings and SIMULATOR_URL are both set. Remove one: a tenant is real or simulated.",
      );
    }
  }
  const common = parse(
    env,
    z.object({
      PORT: z.coerce.number().int().min(1).max(65_535, "is not a port number").default(3000),
      HOST: z.string().default("127.0.0.1"),
      DATA_DIR: z.string().default(".data"),
      DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "is not a postgres:// address" }).optional(),
      DATABASE_IDENTITY_CLIENT_ID: guid.optional(),
      OTEL_EXPORTER_OTLP_ENDPOINT: z
        .url({ protocol: /^https?$/, error: "is not an http:// or https:// address" })
        .optional(),
      WATCHLIST_ALIAS: watchlistAlias.optional(),
      RUN_JOBS: z.enum(["yes", "no"], "is yes or no").default("yes"),
      WEBHOOK_SECRET: z.string().min(16, "has fewer than 16 characters").optional(),
      OUTBOUND_ADDRESSES: listed(z.ipv4("has something that is not an IPv4 address")),
      OUTBOUND_SUBNET_IDS: listed(armId(SUBNET_ID, "has something that is not the resource id of a subnet")),
      PRIVATE_ENDPOINT_SCOPES: listed(
        armId(
          SCOPE_ID,
          "has something that is not the resource id of a subscription, resource group or private endpoint",
        ),
      ),
    }),
  );
  if (common.RUN_JOBS === "no" && common.DATABASE_URL === undefined) {
    throw new ConfigError(
      "RUN_JOBS is no, but the embedded store has no other process that could run the jobs. Set DATABASE_URL, or remove RUN_JOBS.",
    );
  }
  if (common.DATABASE_IDENTITY_CLIENT_ID !== undefined) requireTokenAddress(common.DATABASE_URL);
  if (mode === "simulated" && !LOOPBACK.includes(common.HOST)) {
    throw new ConfigError(
      `HOST is ${common.HOST}, but the simulated tenant has no passwords and listens on 127.0.0.1 only. Remove HOST.`,
    );
  }
  return {
    mode,
    port: common.PORT,
    host: common.HOST,
    dataDir: common.DATA_DIR,
    otlpEndpoint: common.OTEL_EXPORTER_OTLP_ENDPOINT,
    databaseUrl: common.DATABASE_URL,
    databaseIdentityClientId: common.DATABASE_IDENTITY_CLIENT_ID,
    watchlistAlias: common.WATCHLIST_ALIAS,
    runJobs: common.RUN_JOBS === "yes",
    webhookSecret: common.WEBHOOK_SECRET,
    outbound: {
      addresses: common.OUTBOUND_ADDRESSES,
      subnets: common.OUTBOUND_SUBNET_IDS,
      endpointScopes: common.PRIVATE_ENDPOINT_SCOPES,
    },
  } as const;
}

/** A token in place of a password goes to a server that has proved who it is, and to no other. */
function requireTokenAddress(databaseUrl: string | undefined): void {
  const refuse = (what: string) => new ConfigError(`DATABASE_IDENTITY_CLIENT_ID ${what}`);
  if (databaseUrl === undefined) throw refuse("needs DATABASE_URL. Set it, or remove both.");
  const url = new URL(databaseUrl);
  if (url.password !== "" || url.searchParams.has("password")) {
    throw refuse("and a password in DATABASE_URL are both set. Remove one of them.");
  }
  if (url.username === "" || url.pathname.length < 2) {
    throw refuse("needs the user (the role of that identity) and the database in DATABASE_URL.");
  }
  const encrypted = url.search === "?sslmode=verify-full";
  if (!encrypted && !(url.search === "" && LOOPBACK.includes(url.hostname))) {
    throw refuse("needs DATABASE_URL to end with ?sslmode=verify-full, and with nothing else.");
  }
}

/** The variables of a real tenant. */
export function readReal(env: Variables) {
  const value = parse(
    env,
    z.object({
      ...Cloud.shape,
      AZURE_TENANT_ID: guid,
      AUTH_SPA_CLIENT_ID: guid,
      AUTH_API_CLIENT_ID: guid,
      AUTH_API_CLIENT_SECRET: z.string().optional(),
      AUTH_API_FEDERATED_CLIENT_ID: guid.optional(),
      APP_ORIGIN: z.string().refine(isOrigin, "is not an origin such as https://honeytokens.example.com"),
      SENTINEL_WORKSPACE_RESOURCE_ID: workspaceResourceId,
      SENTINEL_WORKSPACE_ID: guid,
      PLANT_ROLE_ID: guid,
      RETIRE_ROLE_ID: guid.optional(),
      PLANTER_CLIENT_ID: guid,
      PLANTER_OBJECT_ID: guid,
      ...Object.fromEntries(
        OPTIONAL_IDENTITIES.flatMap((name) => [
          [`${name}_CLIENT_ID`, guid.optional()],
          [`${name}_OBJECT_ID`, guid.optional()],
        ]),
      ),
    }),
  );
  const planter = { clientId: value.PLANTER_CLIENT_ID, objectId: value.PLANTER_OBJECT_ID };
  return {
    cloud: value.AZURE_CLOUD,
    tenantId: value.AZURE_TENANT_ID,
    spaClientId: value.AUTH_SPA_CLIENT_ID,
    apiClientId: value.AUTH_API_CLIENT_ID,
    apiSecret: value.AUTH_API_CLIENT_SECRET,
    federatedIdentityClientId: value.AUTH_API_FEDERATED_CLIENT_ID,
    origin: new URL(value.APP_ORIGIN).origin,
    workspace: { resourceId: value.SENTINEL_WORKSPACE_RESOURCE_ID, customerId: value.SENTINEL_WORKSPACE_ID },
    plantRoleId: value.PLANT_ROLE_ID,
    retireRoleId: value.RETIRE_ROLE_ID,
    identities: {
      planter,
      collector: identity(env, "COLLECTOR", planter),
      registrar: identity(env, "REGISTRAR", planter),
      granter: identity(env, "GRANTER", planter),
      drill: identity(env, "DRILL", planter),
    },
  };
}

const identityOf = z.object({ clientId: z.string(), objectId: z.string() });
const SimulatedTenant = z.object({
  tenantId: guid,
  spaClientId: guid,
  apiClientId: guid,
  workspace: z.object({ resourceId: workspaceResourceId, customerId: guid }),
  identities: z.object({
    collector: identityOf,
    registrar: identityOf,
    planter: identityOf,
    granter: identityOf,
    drill: identityOf,
  }),
  plantRoleId: guid,
  retireRoleId: guid,
  watchlistAlias,
  delays: SimulatedDelays,
});

/** What `npm start` hands to the product about the simulated tenant that it started. */
export function readSimulated(env: Variables) {
  const names = ["SIMULATOR_URL", "SIMULATOR_TENANT", "SIMULATOR_API_SECRET", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"];
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new ConfigError(
      "No Azure settings were found, and no simulated tenant is running for this process " +
        `(missing: ${missing.join(", ")}). Start the product with: npm start`,
    );
  }
  const value = parse(
    env,
    z.object({
      SIMULATOR_URL: z.string().refine(isLoopback, "is not an http address of this machine"),
      SIMULATOR_API_SECRET: z.string(),
      SIMULATOR_TENANT: z
        .string()
        .transform((text, context): unknown => {
          try {
            return JSON.parse(text);
          } catch {
            context.addIssue({ code: "custom", message: "is not JSON" });
            return z.NEVER;
          }
        })
        .pipe(SimulatedTenant),
    }),
  );
  return {
    url: new URL(value.SIMULATOR_URL).origin,
    apiSecret: value.SIMULATOR_API_SECRET,
    tenant: value.SIMULATOR_TENANT,
  };
}

function identity(env: Variables, name: string, planter: { clientId: string; objectId: string }) {
  const clientId = env[`${name}_CLIENT_ID`]?.trim().toLowerCase();
  const objectId = env[`${name}_OBJECT_ID`]?.trim().toLowerCase();
  if (!clientId && !objectId) return planter;
  if (!clientId || !objectId) {
    throw new ConfigError(
      `${name}_CLIENT_ID and ${name}_OBJECT_ID belong together. Missing: ${name}_${clientId ? "OBJECT" : "CLIENT"}_ID.`,
    );
  }
  return { clientId, objectId };
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const bare = url.pathname === "/" && !url.search && !url.hash && !url.username;
  return bare && (url.protocol === "https:" || (url.protocol === "http:" && url.hostname === "localhost"));
}

function isLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "http:" && (url.hostname === "127.0.0.1" || url.hostname === "localhost");
}

/** Parses the variables; an empty one counts as not set. Values never reach the message: some are secrets. */
function parse<T>(env: Variables, schema: z.ZodType<T>): T {
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map(({ path: [name], message }) => `${String(name)} ${message}`);
  throw new ConfigError(`The settings are not usable: ${sentences.join("; ")}.`);
}
