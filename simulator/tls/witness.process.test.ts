import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { parseOptions } from "../options";
import { allServices } from "../services";
import { type RunningTenant, startTenant } from "../tenant";
import { worldIds } from "../world/ids";

const IDENTITY_HEADER = "header-of-this-test";
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

let tenant: RunningTenant;
let folder: string;
let authority: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "witness-"));
  authority = path.join(folder, "authority.pem");
  tenant = await startTenant({
    settings: parseOptions(["--port", "0", "--tls", "0", "--vaults", "12", "--fast"]).settings,
    services: allServices,
    identityHeader: IDENTITY_HEADER,
    onFault: (error) => {
      throw error;
    },
  });
  const answer = await fetch(`http://127.0.0.1:${tenant.port}/sim/authority.pem`);
  writeFileSync(authority, await answer.text());
});

afterAll(async () => {
  await tenant.stop();
  rmSync(folder, { recursive: true, force: true });
});

const Token = z.object({ access_token: z.string() });

async function collectorToken(resource: string): Promise<string> {
  const { clientId } = worldIds(tenant.context).identities.collector;
  const query = new URLSearchParams({ "api-version": "2019-08-01", resource, client_id: clientId });
  const answer = await fetch(`http://127.0.0.1:${tenant.port}/msi/token?${query}`, {
    headers: { "x-identity-header": IDENTITY_HEADER },
  });
  return Token.parse(await answer.json()).access_token;
}

/** A child process on its own: output, or the error with what it said. */
function run(command: string, args: string[], input: string, env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env: { ...process.env, ...env } }, (error, out, said) =>
      error ? reject(new Error(`${error.message}\n${said}`)) : resolve(out),
    );
    child.stdin?.end(input);
  });
}

/** What the proxy answers to `CONNECT target`, first line. */
function connect(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request({ port: tenant.port, host: "127.0.0.1", method: "CONNECT", path: target });
    request.on("connect", (answer, socket) => {
      socket.destroy();
      resolve(`${answer.statusCode}`);
    });
    request.on("error", reject);
    request.end();
  });
}

describe("clients that the product does not use", () => {
  test("an older SDK with its own HTTP stack finds the vaults under Azure's own address", async () => {
    const token = await collectorToken("https://management.azure.com");
    const [subscription = ""] = worldIds(tenant.context).subscriptions;
    const output = await run(
      process.execPath,
      ["simulator/tls/testing/older-client.mjs", String(tenant.port), subscription],
      token,
      { NODE_EXTRA_CA_CERTS: authority },
    );
    const expected = [...tenant.context.model.vaults.values()]
      .filter((vault) => vault.subscriptionId === subscription)
      .map((vault) => vault.name)
      .sort();
    expect(expected.length).toBeGreaterThan(0);
    expect(JSON.parse(output)).toEqual(expected);
  });

  test.skipIf(!hasCurl)("curl reads the challenge of a vault, through the proxy and by mapping the host", async () => {
    const [vault] = tenant.context.model.vaults.values();
    const url = `https://${vault?.name}.vault.azure.net/secrets?api-version=7.4`;
    const common = ["--silent", "--include", "--cacert", authority, url];
    for (const way of [
      ["--proxy", `http://127.0.0.1:${tenant.port}`],
      ["--noproxy", "*", "--connect-to", `::127.0.0.1:${tenant.tlsPort}`],
    ]) {
      const output = await run("curl", [...way, ...common], "");
      expect(output).toContain("401 Unauthorized");
      expect(output).toMatch(/www-authenticate: Bearer authorization="https:\/\/login\.microsoftonline\.com\//i);
      expect(output).toContain("AKV10000");
    }
  });

  test.skipIf(!hasCurl)("curl does not trust another authority", async () => {
    const url = "https://management.azure.com/subscriptions?api-version=2022-12-01";
    const way = ["--proxy", `http://127.0.0.1:${tenant.port}`];
    await expect(run("curl", [...way, "--silent", "--show-error", url], "")).rejects.toThrow(/certificate/);
  });
});

describe("the proxy", () => {
  test.each(["example.org:443", "169.254.169.254:443", "127.0.0.1:22", "management.azure.com:80", "x"])(
    "refuses to lead to %s",
    async (target) => {
      expect(await connect(target)).toBe("403");
    },
  );

  test("leads to the tenant's own names only, under a certificate for them", async () => {
    expect(await connect("kv-any.vault.azure.net:443")).toBe("200");
    const names = await new Promise<string>((resolve, reject) => {
      const socket = tls.connect({ port: tenant.tlsPort, host: "127.0.0.1", rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().subjectaltname ?? "");
        socket.destroy();
      });
      socket.on("error", reject);
    });
    expect(names).toContain("*.vault.azure.net");
    expect(names).toContain("graph.microsoft.com");
    expect(names).not.toContain("localhost");
  });
});
