import { plural } from "./plural";

/** Says that there is more, in vaults that the person may not read; nothing when there is not. Names none of them. */
export function LeftOut({ vaults }: { vaults: number }) {
  return vaults > 0 && <p>What was found in {plural(vaults, "vault")} that you may not read is not shown.</p>;
}
