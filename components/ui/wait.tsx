import s from "./wait.module.css";

/** Something is being asked for, and what. */
export function Wait({ children }: { children: string }) {
  return (
    <div className={s.wait} role="status">
      <span className={s.spinner} aria-hidden />
      {children}
    </div>
  );
}

/** The turning ring alone, where words stand beside it. */
export function Ring() {
  return <span className={s.ring} aria-hidden />;
}
