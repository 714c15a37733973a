import { Button } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import type { SettingsView } from "@/lib/settings/settings.pure";
import s from "./settings.module.css";

interface GroupFormProps {
  title: string;
  changed: SettingsView["changed"]["decoys"];
  mayChange: boolean;
  form: {
    saving: { isPending: boolean; isSuccess: boolean; error: Error | null };
    submit(): void;
    startAgain(): Promise<void>;
  };
  children: ReactNode;
}

/** The frame of a group of settings: its fields, who changed them last, and saving them. */
export function GroupForm({ title, changed, mayChange, form, children }: GroupFormProps) {
  const { saving, submit, startAgain } = form;
  return (
    <Card title={title}>
      <form
        className={s.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <fieldset className={s.fields} disabled={!mayChange} aria-label={title}>
          {children}
        </fieldset>
        {saving.error && <FailureNotice error={saving.error} onRetry={() => void startAgain()} />}
        <div className={s.footer}>
          {mayChange && (
            <Button type="submit" appearance="primary" disabled={saving.isPending}>
              {saving.isPending ? "Saving…" : "Save"}
            </Button>
          )}
          <span role="status" className={s.state}>
            {saving.isSuccess ? "Saved" : ""}
          </span>
          <span className={s.changed}>
            {changed ? (
              <>
                Changed by {changed.by}, <Age at={changed.at} />
              </>
            ) : (
              "Never changed: these are the defaults"
            )}
          </span>
        </div>
      </form>
    </Card>
  );
}
