import type { Page } from "playwright-core";
import { median } from "./table";

export interface Feel {
  /** Median over the keystrokes, milliseconds from key press to the next paint. */
  keyToPaintMs: number;
  /** Longest main-thread task while typing; 0 when none passed 50 ms, which is what the browser reports from. */
  longestTypingTaskMs: number;
  /** Longest main-thread task while scrolling; 0 when none passed 50 ms, which is what the browser reports from. */
  longestTaskMs: number;
}

declare global {
  interface Window {
    __paints?: number[];
    __tasks?: number[];
  }
}

/**
 * Measures how a list with a filter field feels, whatever it is made of. `scroller` is what the wheel turns over, `text`
 * what is typed into the field and taken out again.
 */
export async function measureFeel(page: Page, field: string, scroller: string, text = "prod-pay"): Promise<Feel> {
  await page.evaluate(() => {
    window.__paints = [];
    window.__tasks = [];
    document.addEventListener(
      "keydown",
      () => {
        const pressed = performance.now();
        // The frame after the next one begins once the frame with the change has been painted.
        requestAnimationFrame(() => requestAnimationFrame(() => window.__paints?.push(performance.now() - pressed)));
      },
      { capture: true },
    );
    new PerformanceObserver((list) =>
      window.__tasks?.push(...list.getEntries().map((entry) => entry.duration)),
    ).observe({ type: "longtask" });
  });
  await page.locator(field).click();
  for (const key of text) {
    await page.keyboard.press(key);
    await page.waitForTimeout(400);
  }
  for (let i = 0; i < text.length; i++) {
    await page.keyboard.press("Backspace");
    await page.waitForTimeout(400);
  }
  const paints = await page.evaluate(() => window.__paints ?? []);
  const typing = await page.evaluate(() => window.__tasks ?? []);
  await page.locator(scroller).hover();
  await page.evaluate(() => {
    window.__tasks = [];
  });
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, 300);
    await page.waitForTimeout(30);
  }
  await page.waitForTimeout(500);
  const tasks = await page.evaluate(() => window.__tasks ?? []);
  return {
    keyToPaintMs: Math.round(median(paints)),
    longestTypingTaskMs: Math.round(Math.max(0, ...typing)),
    longestTaskMs: Math.round(Math.max(0, ...tasks)),
  };
}

/** The baseline: all rows in a native table, none left out, filtered by hiding rows on each key. */
export async function openPlainTable(page: Page, rows: readonly (readonly string[])[]): Promise<void> {
  await page.setContent(
    `<!doctype html><title>Plain</title><input id="filter" aria-label="Filter"><div id="scroll" style="height:700px;overflow:auto"><table><tbody></tbody></table></div>`,
  );
  await page.evaluate((data) => {
    const body = document.querySelector("tbody");
    for (const cells of data) {
      const row = document.createElement("tr");
      for (const cell of cells) row.appendChild(document.createElement("td")).textContent = cell;
      body?.append(row);
    }
    const field = document.querySelector("input");
    field?.addEventListener("input", () => {
      for (const row of body?.rows ?? []) row.hidden = !(row.textContent ?? "").toLowerCase().includes(field.value);
    });
  }, rows);
}
