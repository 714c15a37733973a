import { expect, test } from "vitest";
import { GroupCommit } from "./group-commit";

function recorder(faultOf: (entry: number) => Error | undefined = () => undefined) {
  const commits: number[][] = [];
  const open: (() => void)[] = [];
  const group = new GroupCommit<number>(async (entries) => {
    commits.push([...entries]);
    await new Promise<void>((resolve) => open.push(resolve));
    return entries.map(faultOf);
  }, 3);
  /** Lets the commit that is under way end. */
  const finish = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    for (const resolve of open.splice(0)) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { group, commits, finish };
}

test("what comes in one turn is one commit, what comes during it is the next, and none is larger than the most", async () => {
  const { group, commits, finish } = recorder();
  const first = [1, 2].map((entry) => group.add(entry));
  await new Promise((resolve) => setImmediate(resolve));
  const later = [3, 4, 5, 6].map((entry) => group.add(entry));
  await finish();
  await Promise.all(first);
  await finish();
  await finish();
  await Promise.all(later);
  expect(commits).toEqual([[1, 2], [3, 4, 5], [6]]);
});

test("what is wrong with one entry fails it alone", async () => {
  const { group, finish } = recorder((entry) => (entry === 2 ? new Error("lost") : undefined));
  const added = [1, 2, 3].map((entry) => group.add(entry).then(() => "written", String));
  await finish();
  expect(await Promise.all(added)).toEqual(["written", "Error: lost", "written"]);
});

test("a commit that fails fails all of its entries, and the next one goes on", async () => {
  let broken = true;
  const group = new GroupCommit<number>(async (entries) => {
    if (broken) throw new Error("no disk");
    return entries.map(() => undefined);
  }, 10);
  await expect(Promise.all([group.add(1), group.add(2)])).rejects.toThrow("no disk");
  broken = false;
  await expect(group.add(3)).resolves.toBeUndefined();
});
