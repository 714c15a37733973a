import s from "./check.module.css";

interface CheckProps {
  label: string;
  checked: boolean;
  /** On hover: what ticking it does. */
  hint?: string;
  onChange: (checked: boolean) => void;
}

/** A tick box with its label: the browser's own, in the theme's colour. */
export function Check({ label, checked, hint, onChange }: CheckProps) {
  return (
    <label className={s.check} {...(hint && { title: hint })}>
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
