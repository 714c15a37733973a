import { expect, test } from "vitest";
import { z } from "zod";
import { launchBrowser, openPage, signIn } from "./harness/browser";
import { startProduct } from "./harness/product";

test("when Azure stops answering, the page says so and keeps what it showed; when it answers again, so does the page", async () => {
  const product = await startProduct({ vaults: 20 });
  const browser = await launchBrowser();
  const health = await (await fetch(`${product.simulatorUrl}/sim/health`)).json();
  const { pid } = z.object({ pid: z.number() }).parse(health);
  try {
    const { page } = await openPage(browser);
    await signIn(page, `${product.url}/vaults`, "Administrator");
    await page.getByRole("table", { name: "Vaults", exact: true }).waitFor();
    process.kill(pid, "SIGSTOP");
    const failure = page.getByText(/no answer/i).first();
    await failure.waitFor({ timeout: 100_000 });
    expect(await page.getByRole("table", { name: "Vaults", exact: true }).isVisible()).toBe(true);
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
