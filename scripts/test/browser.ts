import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const NAMES = [
  "google-chrome",
  "google-chrome-stable",
  "chromium",
  "chromium-browser",
  "microsoft-edge",
  "microsoft-edge-stable",
];

const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ...["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((variable) => {
    const root = process.env[variable];
    return root === undefined
      ? []
      : [
          path.join(root, "Google/Chrome/Application/chrome.exe"),
          path.join(root, "Microsoft/Edge/Application/msedge.exe"),
        ];
  }),
];

/**
 * The browser that the tests drive: one that BROWSER_PATH names, an installed Chrome, Chromium or Edge, else
 * Playwright's own download, else the distribution's package where we are root on Debian or Ubuntu.
 * Resolves with its path, or with what a person can do.
 */
export async function findBrowser(): Promise<string | { help: string }> {
  const named = process.env.BROWSER_PATH;
  if (named !== undefined)
    return existsSync(named) ? named : { help: `BROWSER_PATH names ${named}, and there is no such file.` };
  return installed() ?? downloaded() ?? packaged() ?? { help: HELP };
}

const HELP = [
  "No browser was found for the browser tests, and none could be fetched.",
  "Install Chrome, Chromium or Edge, or run: npx playwright-core install --with-deps chromium",
  "A browser in an unusual place can be named: BROWSER_PATH=/path/to/chrome npm test",
].join("\n");

function installed(): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))), ...PLACES];
  return candidates.find((candidate) => existsSync(candidate));
}

function downloaded(): string | undefined {
  const target = chromium.executablePath();
  if (existsSync(target)) return target;
  console.log("No installed browser was found; fetching Playwright's Chromium.");
  const result = spawnSync(process.execPath, ["node_modules/playwright-core/cli.js", "install", "chromium"], {
    stdio: "ignore",
    timeout: 300_000,
  });
  return result.status === 0 && existsSync(target) ? target : undefined;
}

function packaged(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  console.log("Playwright's download could not be had; installing the distribution's package chromium.");
  const apt = (...args: string[]) =>
    spawnSync("apt-get", args, {
      stdio: "ignore",
      timeout: 300_000,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update");
  apt("install", "-y", "--no-install-recommends", "chromium", "fonts-liberation");
  return installed();
}
