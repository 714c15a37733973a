import s from "./check.module.css";

interface CheckProps {
  label: string;
  /** What it is called where the label alone does not tell it from others; begins with the label. */
  name?: string;
  checked: boolean;
  /** On hover: what ticking it does. */
  hint?: string;
  onChange: (checked: boolean) => void;
}

/** A tick box with its label: the browser's own, in the theme's colour. */
export function Check({ label, name, checked, hint, onChange }: CheckProps) {
  return (
    <label className={s.check} {...(hint && { title: hint })}>
      <input
        type="checkbox"
        checked={checked}
        {...(name !== undefined && { "aria-label": name })}
        onChange={(event) => onChange(event.target.checked)}
      />
      {label}
    </label>
  );
}
