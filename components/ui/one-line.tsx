import { visibleText } from "@/lib/outside-text.pure";
import s from "./one-line.module.css";

/** Characters at the end that are always shown: enough for what tells the vaults of one system apart. */
const END = 14;

/**
 * Text that somebody outside chose, on one line: where it has no room its middle is left out, since names of one kind
 * begin alike and differ at their end. What holds it says the whole text to those who hear it, as an `aria-label` does.
 */
export function OneLine({ children }: { children: string }) {
  const text = visibleText(children);
  const characters = [...text];
  return (
    <bdi className={s.line} title={text}>
      <span className={s.start}>{characters.slice(0, -END).join("")}</span>
      <span className={s.end}>{characters.slice(-END).join("")}</span>
    </bdi>
  );
}
