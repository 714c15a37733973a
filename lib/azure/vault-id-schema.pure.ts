import { z } from "zod";
import { parseVaultId, type VaultId } from "./resource-id.pure";

/** A vault's ARM id as a person or a page may send it, any casing; parsed into the normalised form. */
export const VaultIdText = z
  .string()
  .max(400)
  .transform((text, context): VaultId => {
    const id = parseVaultId(text);
    if (id) return id;
    context.addIssue({ code: "custom", message: "This is not the resource id of a key vault." });
    return z.NEVER;
  });
