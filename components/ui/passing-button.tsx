"use client";
import { Button, type ButtonProps } from "@fluentui/react-components";
import type { MouseEvent } from "react";
import { useFocusPassedOn } from "./use-focus-passed-on";

interface PassingButtonProps extends Pick<ButtonProps, "appearance" | "size" | "children" | "aria-label"> {
  disabled?: boolean;
  onClick: (event: MouseEvent<HTMLElement>) => void;
  onPointerEnter?: () => void;
  onFocus?: () => void;
}

/**
 * A button that goes away when what it asked for is done. Until then it keeps the focus, while it is disabled too; then
 * the heading around it gets it.
 */
export function PassingButton({ disabled = false, ...props }: PassingButtonProps) {
  const ref = useFocusPassedOn();
  return <Button {...props} ref={ref} disabledFocusable={disabled} />;
}
