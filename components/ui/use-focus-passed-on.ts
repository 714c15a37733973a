"use client";
import { useCallback, useLayoutEffect, useRef } from "react";

/**
 * For what is taken away when it has done its work, such as the button that was pressed: the focus that it has then goes
 * to the heading of what stays around it, instead of being lost to the top of the page.
 *
 * @returns the ref of what may be taken away; it comes and goes with the component that asks for it
 */
export function useFocusPassedOn(): (element: HTMLElement | null) => void {
  const ref = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    // React asks for this before it takes anything out of the page, and first for what holds the rest.
    return () => {
      if (element?.contains(document.activeElement)) headingAround(element)?.focus();
    };
  }, []);
  return useCallback((element: HTMLElement | null) => {
    ref.current = element;
  }, []);
}

/** That of the card around it, else that of the page; both can take the focus. */
function headingAround(element: HTMLElement): HTMLElement | null | undefined {
  const card = element.parentElement?.closest("section")?.querySelector("h2");
  return card ?? element.closest("main")?.querySelector("h1");
}
