import type { ReactNode } from "react";
import s from "./empty-state.module.css";

/** Says in words why nothing is here, and what to do. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={s.empty}>
      <p className={s.title}>{title}</p>
      {children && <p className={s.text}>{children}</p>}
      {action}
    </div>
  );
}
