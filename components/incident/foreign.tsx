import Link from "next/link";
import { OutsideText } from "@/components/ui/outside-text";
import { visibleText } from "@/lib/outside-text.pure";
import s from "./incident.module.css";
import { lastPart, vaultHref } from "./incident-words";

/** A text that may be anybody's, broken anywhere where it is long. */
export function Foreign({ children }: { children: string }) {
  return <OutsideText className={s.foreign}>{children}</OutsideText>;
}

/** The same for what people wrote: its lines stay lines. */
export function ForeignLines({ children }: { children: string }) {
  return <bdi className={s.foreign}>{children.split(/\r?\n/).map(visibleText).join("\n")}</bdi>;
}

/** The name of a vault, leading to its page. */
export function VaultName({ id }: { id: string }) {
  const href = vaultHref(id);
  return href ? <Link href={href}>{lastPart(id)}</Link> : <Foreign>{id}</Foreign>;
}
