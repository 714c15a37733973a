import { visibleText } from "@/lib/outside-text.pure";

/** Text that somebody outside chose: always text, apart from what stands around it, with nothing unseen in it. */
export function OutsideText({ children, className }: { children: string; className?: string | undefined }) {
  return <bdi className={className}>{visibleText(children)}</bdi>;
}
