import { expect, test } from "vitest";
import { z } from "zod";
import { Readiness } from "@/lib/health/readiness.pure";
import { launchBrowser, openPage, signIn } from "./harness/browser";
import { startProduct } from "./harness/product";

/** By the machine's number, as whoever watches a container asks. */
async function readiness(url: string): Promise<{ status: number; answer: Readiness }> {
  const answer = await fetch(`${url.replace("localhost", "127.0.0.1")}/api/ready`);
  return { status: answer.status, answer: Readiness.parse(await answer.json()) };
}

test("when Azure stops answering, the page says so and keeps what it showed; when it answers again, so does the page", async () => {
  const product = await startProduct({ vaults: 20 });
  const browser = await launchBrowser();
  const health = await (await fetch(`${product.simulatorUrl}/sim/health`)).json();
  const { pid } = z.object({ pid: z.number() }).parse(health);
  try {
    const { page } = await openPage(browser);
    await signIn(page, `${product.url}/vaults`, "Administrator");
    await page.getByRole("table", { name: "Vaults", exact: true }).waitFor();
    expect(await readiness(product.url)).toMatchObject({ status: 200, answer: { status: "ready" } });
    process.kill(pid, "SIGSTOP");
    const failure = page.getByText(/no answer/i).first();
    await failure.waitFor({ timeout: 100_000 });
    expect(await page.getByRole("table", { name: "Vaults", exact: true }).isVisible()).toBe(true);
    // People are still sent to it, since it shows what it knows.
    const away = await readiness(product.url);
    expect(away).toMatchObject({ status: 200, answer: { status: "degraded" } });
    expect(away.answer.parts).toContainEqual({ name: "azure", ok: false, detail: "Azure does not answer." });
    expect(
      await page
        .getByText(/could not/i)
        .first()
        .isVisible(),
    ).toBe(true);
    process.kill(pid, "SIGCONT");
    await failure.waitFor({ state: "detached", timeout: 60_000 });
  } finally {
    process.kill(pid, "SIGCONT");
    await browser.close();
    await product.stop();
  }
}, 300_000);
