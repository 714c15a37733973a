"use client";
import { Button } from "@fluentui/react-components";
import s from "./incident.module.css";

/** The way to the rows beyond the first ones of a list; nothing where all are shown. */
export function ShowAll({ count, shown, onShow }: { count: number; shown: number; onShow: () => void }) {
  if (count <= shown) return null;
  return (
    <div className={s.rest}>
      <Button size="small" onClick={onShow}>{`Show all ${count}`}</Button>
    </div>
  );
}
