"use client";
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { saveFile } from "@/components/ui/save-file";
import s from "./recommendation.module.css";

interface CodeViewProps {
  label: string;
  text: string;
  file: string;
}

/** What is longer scrolls; a field of its own is reached by the keyboard without more. */
const LINES_MAX = 22;

const TYPES: Record<string, string> = { json: "application/json", kql: "text/plain" };

/** A text to read, to copy and to download. */
export function CodeView({ label, text, file }: CodeViewProps) {
  const [said, setSaid] = useState<{ of: string; words: string }>();
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid({ of: text, words: "Copied" }),
      () => setSaid({ of: text, words: "The browser did not allow it: select the text and copy it." }),
    );
  return (
    <>
      <textarea
        readOnly
        rows={Math.min(LINES_MAX, text.split("\n").length)}
        wrap="off"
        spellCheck={false}
        aria-label={label}
        className={s.code}
        value={text}
      />
      <div className={s.buttons}>
        <Button onClick={copy}>Copy</Button>
        <Button onClick={() => saveFile(file, TYPES[file.split(".").at(-1) ?? ""] ?? "text/plain", [text])}>
          Download {file}
        </Button>
        <span role="status">{said?.of === text ? said.words : ""}</span>
      </div>
    </>
  );
}
