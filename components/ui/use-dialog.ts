import { type MouseEvent, useCallback, useRef, useState } from "react";

/**
 * A dialog that is mounted when it is first asked for and stays mounted when it is closed: one that is taken away while
 * it is open leaves the page behind it hidden from assistive technology. Closing gives the focus back to the button.
 */
export function useDialog() {
  const [asked, setAsked] = useState(false);
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLElement>(null);
  const ask = useCallback((event: MouseEvent<HTMLElement>) => {
    opener.current = event.currentTarget;
    setAsked(true);
    setOpen(true);
  }, []);
  const close = useCallback(() => {
    setOpen(false);
    opener.current?.focus();
  }, []);
  return { asked, open, ask, close };
}
