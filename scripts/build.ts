import { parseArgs } from "node:util";
import { buildIsFresh, noteBuild, startBuild } from "./start/build";
import { bundleSimulator, bundleWorker } from "./start/bundle";
import { sourceHash } from "./start/source-hash";

/**
 * Builds the product, unless the build on disk is of the present sources. With `--whole` also what a start would else make
 * beside it, so that a start on a read-only disk finds everything.
 */
const root = process.cwd();
const { values } = parseArgs({ options: { whole: { type: "boolean", default: false } } });
if (buildIsFresh(root)) {
  console.log("The build is of the present sources.");
} else {
  const hash = sourceHash(root);
  const { code } = await startBuild(root, (line) => console.log(line)).ended;
  if (code === 0) noteBuild(root, hash);
  process.exitCode = code ?? 1;
}
if (values.whole) {
  for (const bundle of [bundleSimulator, bundleWorker]) console.log(await bundle(root));
}
