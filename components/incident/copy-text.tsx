"use client";
import { Button } from "@fluentui/react-components";
import { CopyRegular } from "@fluentui/react-icons";
import { useState } from "react";
import s from "./incident.module.css";

/** A text of ours to be run elsewhere, with the button that copies it. `name` says of what, to those who do not see. */
export function CopyText({ name, text }: { name: string; text: string }) {
  const [said, setSaid] = useState("");
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      () => setSaid("The browser did not let it be copied"),
    );
  };
  return (
    <span className={s.copy}>
      <Button size="small" icon={<CopyRegular />} aria-label={`Copy ${name}`} onClick={copy}>
        Copy
      </Button>
      <span role="status">{said}</span>
    </span>
  );
}

/** A command line, to be read and copied. */
export function CommandLine({ about, command }: { about: string; command: string }) {
  return (
    <div className={s.command}>
      <span>{about}:</span>
      <code>{command}</code>
      <CopyText name={`the command: ${about}`} text={command} />
    </div>
  );
}
