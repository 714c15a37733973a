import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import type { ReactNode } from "react";
import s from "./notice.module.css";

interface NoticeProps {
  intent: "error" | "warning" | "success" | "info";
  title: string;
  /** Read out at once; for what the person must not miss. */
  urgent?: boolean;
  actions?: ReactNode;
  children: ReactNode;
}

/** A message that belongs to the place where it stands: what it is about, then what it says. */
export function Notice({ intent, title, urgent = false, actions, children }: NoticeProps) {
  return (
    <MessageBar intent={intent} layout="multiline" {...(urgent && { role: "alert" })}>
      <MessageBarBody className={s.body}>
        <MessageBarTitle className={s.title}>{title}</MessageBarTitle>
        {children}
      </MessageBarBody>
      {actions && <MessageBarActions>{actions}</MessageBarActions>}
    </MessageBar>
  );
}

/** One sentence, or several as a list. */
export function Sentences({ all }: { all: readonly string[] }) {
  if (all.length < 2) return <p>{all[0]}</p>;
  return (
    <ul className={s.sentences}>
      {all.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
