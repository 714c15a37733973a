import Link from "next/link";
import { type ReactNode, type Ref, useId } from "react";
import s from "./page.module.css";

interface PageProps {
  title: string;
  /** Beside the title: a state badge. */
  badge?: ReactNode;
  /** Under the title: one sentence. */
  lead?: ReactNode;
  /** At the far end: buttons. */
  actions?: ReactNode;
  /** The pages above this one. */
  trail?: { href: string; name: string }[];
  children: ReactNode;
}

/** A page: trail, title with badge, lead, actions, and what it is about. */
export function Page({ title, badge, lead, actions, trail, children }: PageProps) {
  return (
    <main id="content" className={s.page} tabIndex={-1}>
      <div className={s.header}>
        <div className={s.words}>
          {trail && (
            <nav aria-label="Breadcrumb">
              <ol className={s.trail}>
                {trail.map(({ href, name }) => (
                  <li key={href}>
                    <Link href={href}>{name}</Link>
                  </li>
                ))}
                <li aria-current="page">{title}</li>
              </ol>
            </nav>
          )}
          <div className={s.titleLine}>
            <h1 className={s.title} tabIndex={-1}>
              {title}
            </h1>
            {badge}
          </div>
          {lead && <div className={s.lead}>{lead}</div>}
        </div>
        {actions}
      </div>
      {children}
    </main>
  );
}

interface CardProps {
  title: string;
  ref?: Ref<HTMLElement>;
  children: ReactNode;
}

/** A titled part of a page. */
export function Card({ title, ref, children }: CardProps) {
  const id = useId();
  return (
    <section ref={ref} className={s.card} aria-labelledby={id}>
      <h2 id={id} className={s.cardTitle} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}

/** Words for those who do not see the picture. */
export function Hidden({ children }: { children: ReactNode }) {
  return <div className={s.hidden}>{children}</div>;
}
