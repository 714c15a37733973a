// Points git at the repository's hooks. A tarball or a container build has no .git, and needs none.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

if (existsSync(".git")) spawnSync("git", ["config", "core.hooksPath", ".githooks"], { stdio: "ignore" });
