"use client";
import { Button } from "@fluentui/react-components";
import { AlertOffRegular, AlertRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { notifyState, switchOff, switchOn } from "./notifications";

/** Switches the browser's own notifications of new incidents on and off. */
export function NotifyButton() {
  const [state, setState] = useState(notifyState);
  if (state === "unsupported") return null;
  if (state === "blocked") {
    return (
      <Button
        disabledFocusable
        icon={<AlertOffRegular />}
        title="Allow notifications for this address in the browser first"
      >
        Notifications are blocked
      </Button>
    );
  }
  const on = state === "on";
  const change = () => {
    if (on) setState(switchOff());
    // A browser that refuses to ask has answered; the button stays as it was.
    else switchOn().then(setState, () => {});
  };
  return (
    <Button
      icon={<AlertRegular />}
      aria-pressed={on}
      title="While this page can be seen, the browser tells of new incidents, by number and severity only"
      onClick={change}
    >
      {on ? "Notifications are on" : "Notify me"}
    </Button>
  );
}
