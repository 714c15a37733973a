import type { CheckLink } from "@/lib/setup/checks.pure";
import s from "./remedy.module.css";
import { WayOut } from "./way-out";

interface RemedyProps {
  /** A sentence; empty where there is nothing to say. */
  fix: string;
  command?: string | null | undefined;
  link?: CheckLink | null | undefined;
}

/** What puts a thing right: a sentence, the command that does it, the page where it is done. */
export function Remedy({ fix, command, link }: RemedyProps) {
  return (
    <>
      {fix !== "" && <p>{fix}</p>}
      {command && <code className={s.command}>{command}</code>}
      {link && (
        <p>
          <WayOut link={link} />
        </p>
      )}
    </>
  );
}
