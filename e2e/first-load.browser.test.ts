import { gzipSync } from "node:zlib";
import { expect, inject, test } from "vitest";

/** DESIGN section 7: first-load JavaScript with MSAL in it, gzip. */
const BUDGET_KB = 340;

const url = inject("productUrl");

async function scriptsOf(path: string): Promise<{ name: string; text: string }[]> {
  const html = await (await fetch(`${url}${path}`)).text();
  // Scripts marked nomodule are for browsers that the product does not support; no other fetches them.
  const tags = [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag).filter((tag) => !/nomodule/i.test(tag));
  const sources = new Set(tags.flatMap((tag) => /\ssrc="([^"]+)"/.exec(tag)?.[1] ?? []));
  return Promise.all(
    [...sources].map(async (name) => ({ name, text: await (await fetch(new URL(name, url))).text() })),
  );
}

test.each(["/vaults", "/deployments", "/vaults/00000000-0000-4000-8000-000000000000/group/name"])(
  "the first load of %s stays in the budget",
  async (path) => {
    const scripts = await scriptsOf(path);
    expect(scripts.length).toBeGreaterThan(3);
    const kilobytes = scripts.reduce((sum, { text }) => sum + gzipSync(text).length, 0) / 1000;
    expect(kilobytes).toBeGreaterThan(100);
    expect(kilobytes).toBeLessThanOrEqual(BUDGET_KB);
  },
);

test("no server-only code reaches the browser", async () => {
  const scripts = await scriptsOf("/vaults");
  const secrets = /AUTH_API_CLIENT_SECRET|acquireTokenOnBehalfOf|pglite|roleAssignments\/write|setSecret/i;
  expect(scripts.filter(({ text }) => secrets.test(text)).map(({ name }) => name)).toEqual([]);
});
