import { z } from "zod";
import type { ActorName } from "./actors";
import type { Script, Stage } from "./play";
import { carefulPicker, listThenGet, slowAndLow } from "./reading";
import { backupThief, deniedOutsider, keyUser, logOffFirst } from "./taking";

/** One attack that can be played. */
export interface Play {
  name: string;
  title: string;
  /** One or two sentences for the person who chooses. */
  about: string;
  /** User agent of each actor in it. */
  actors: Partial<Record<ActorName, string>>;
  /** Its own parameters; every one has a default. */
  parameters: z.ZodObject;
  /** Reads the parameters once more and begins. */
  begin(stage: Stage, parameters: unknown): Script;
}

const PYTHON = "Python/3.12.4 (Linux-6.6.58-x86_64-with-glibc2.39)";
const CLI = "AzureCLI/2.61.0 (DEB) azsdk-python-keyvault-secrets/4.7.0 Python/3.11.9 (Linux)";
const upTo = (most: number, fallback: number, about: string) =>
  z.int().min(1).max(most).default(fallback).describe(about);

function play<S extends z.ZodObject>(
  about: Omit<Play, "parameters" | "begin">,
  parameters: S,
  script: (stage: Stage, chosen: z.infer<S>) => Script,
): Play {
  return { ...about, parameters, begin: (stage, chosen) => script(stage, parameters.parse(chosen)) };
}

/** Every play, in the order in which they are offered. */
export const PLAYS: readonly Play[] = [
  play(
    {
      name: "list-then-get",
      title: "List, then get everything",
      about:
        "The stolen token of the team's application lists all secrets and reads each value within seconds, as a sweeping tool does.",
      actors: { workload: "python-requests/2.32.3" },
    },
    z.strictObject({ limit: upTo(500, 500, "How many values at most") }),
    listThenGet,
  ),
  play(
    {
      name: "careful-picker",
      title: "Careful picker",
      about:
        "The stolen account of the vault's contact (the application's token where that account may not read) only lists, chooses by name and dates, and reads one single value hours later.",
      actors: { person: CLI, workload: CLI },
    },
    z.strictObject({
      by: z.enum(["name", "age"]).default("name").describe("What the choice goes by"),
      waitHours: z.number().min(0).max(72).default(6).describe("Hours between the list and the read"),
    }),
    carefulPicker,
  ),
  play(
    {
      name: "backup-thief",
      title: "Backup thief",
      about:
        "The stolen identity of the nightly backup backs up every secret and key from another address: no value is ever read.",
      actors: { backup: `azsdk-python-keyvault-secrets/4.8.0 ${PYTHON}` },
    },
    z.strictObject({ limit: upTo(500, 500, "How many objects of each kind at most") }),
    backupThief,
  ),
  play(
    {
      name: "key-user",
      title: "Key user",
      about: "The stolen token of the team's application signs, decrypts and unwraps with the keys that it finds.",
      actors: { workload: `azsdk-python-keyvault-keys/4.10.0 ${PYTHON}` },
    },
    z.strictObject({ keys: upTo(50, 10, "How many keys at most") }),
    keyUser,
  ),
  play(
    {
      name: "log-off-first",
      title: "Log off first",
      about:
        "The stolen account of the vault's contact removes the diagnostic settings; then the application's token lists and reads, with no log to see it.",
      actors: {
        person: "AzureCLI/2.61.0 (DEB) azsdk-python-mgmt-monitor/6.0.2 Python/3.11.9 (Linux)",
        workload: `azsdk-python-keyvault-secrets/4.9.0 ${PYTHON}`,
      },
    },
    z.strictObject({
      waitMinutes: z.number().min(0).max(1440).default(3).describe("Minutes between removing the log and reading"),
      reads: upTo(500, 500, "How many values at most"),
    }),
    logOffFirst,
  ),
  play(
    {
      name: "denied-outsider",
      title: "Denied outsider",
      about:
        "Another company's application, without any right here, knocks at many vaults with names that often exist. Every answer is a refusal.",
      actors: { outsider: "curl/8.5.0" },
    },
    z.strictObject({ count: upTo(200, 8, "How many vaults, the chosen one first") }),
    deniedOutsider,
  ),
  play(
    {
      name: "slow-and-low",
      title: "Slow and low",
      about:
        "The stolen token of the team's application lists once, then reads one value every few hours for days, looking like the application.",
      actors: { workload: "azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11; Linux)" },
    },
    z.strictObject({
      reads: upTo(200, 12, "How many values"),
      everyHours: z.number().min(0.01).max(72).default(5).describe("Hours between two reads, more or less"),
    }),
    slowAndLow,
  ),
];
