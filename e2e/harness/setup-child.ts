import { setTimeout as pause } from "node:timers/promises";
import { asUser } from "@/lib/auth/on-behalf-of";
import { authenticate } from "@/lib/auth/token";
import { loadConfig } from "@/lib/config";
import { accessOf, openService } from "@/lib/service";
import { setupJobs } from "@/lib/setup/jobs";
import { readSetupPlan } from "@/lib/setup/plan";
import { readSetupRun, startSetup } from "@/lib/setup/run";
import { startJobs } from "@/lib/store/jobs";

/*
 * A process of the product that sets a tenant up for the person whose token is TEST_TOKEN, and is killed while it does.
 */

const token = process.env.TEST_TOKEN ?? "";
const config = loadConfig();
const { service, store } = await openService(config);
await startJobs(store, await setupJobs(service, store));
const user = await authenticate(config, token);
const ctx = { ...service, user, requestId: "r", asUser: accessOf(service, asUser(config, token)) };
const { seen } = await readSetupPlan(ctx, {});
const { id } = await startSetup(ctx, { choice: {}, seen });
process.stdout.write(`${id}\n`);
while ((await readSetupRun(ctx, { id })).endedAt === null) await pause(100);
process.exit(0);
