import { buildIsFresh, noteBuild, startBuild } from "./start/build";
import { sourceHash } from "./start/source-hash";

/** Builds the product, unless the build on disk is of the present sources. */
const root = process.cwd();
if (buildIsFresh(root)) {
  console.log("The build is of the present sources.");
} else {
  const hash = sourceHash(root);
  const { code } = await startBuild(root, (line) => console.log(line)).ended;
  if (code === 0) noteBuild(root, hash);
  process.exitCode = code ?? 1;
}
