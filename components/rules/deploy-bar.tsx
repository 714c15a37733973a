"use client";
import { Button } from "@fluentui/react-components";
import dynamic from "next/dynamic";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice, Sentences } from "@/components/ui/notice";
import { plural } from "@/components/ui/plural";
import { useDialog } from "@/components/ui/use-dialog";
import { type Deployed, needsOverwrite, type PackRuleView } from "@/lib/rules/pack.pure";
import s from "./rules.module.css";
import { type DeployAction, useDeploy } from "./use-rules";

const ConfirmDialog = dynamic(() => import("@/components/ui/confirm-dialog").then((file) => file.ConfirmDialog), {
  ssr: false,
});

interface DeployBarProps {
  /** Whether any rule is missing or differs. */
  work: boolean;
  chosen: readonly PackRuleView[];
  deploy: DeployAction;
  onDone: () => void;
}

/** Deploys what is ticked, after saying once more what is created and what is replaced. */
export function DeployBar({ work, chosen, deploy, onDone }: DeployBarProps) {
  const asking = useDialog();
  const deploying = useDeploy(deploy);
  const replaced = chosen.filter(needsOverwrite);
  const created = chosen.filter((rule) => !needsOverwrite(rule));
  const order = () => {
    asking.close();
    const rules = chosen.map((rule) => ({ id: rule.id, etag: rule.etag, overwrite: needsOverwrite(rule) }));
    deploying.mutate({ rules }, { onSuccess: onDone });
  };
  return (
    <>
      {deploying.isError && <FailureNotice error={deploying.error} />}
      {deploying.data && <Outcome deployed={deploying.data} />}
      {work ? (
        <div className={s.bar}>
          <Button appearance="primary" disabled={chosen.length === 0 || deploying.isPending} onClick={asking.ask}>
            {deploying.isPending
              ? "Deploying…"
              : chosen.length === 0
                ? "Deploy"
                : `Deploy ${plural(chosen.length, "rule")}`}
          </Button>
          <span role="status">
            {deploying.isPending && "The workspace runs each query once before it takes a rule."}
          </span>
        </div>
      ) : (
        <p>Every rule in the workspace equals the shipped one.</p>
      )}
      {asking.asked && (
        <ConfirmDialog
          open={asking.open}
          title={`Deploy ${plural(chosen.length, "rule")} to the workspace?`}
          confirm="Deploy"
          onClose={asking.close}
          onConfirm={order}
        >
          {created.length > 0 && <Named words="Created:" rules={created} />}
          {replaced.length > 0 && <Named words="Replaced, and what somebody has changed is lost:" rules={replaced} />}
          <p>They are written with your own rights. A rule that changes in the meantime is left alone.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Named({ words, rules }: { words: string; rules: readonly PackRuleView[] }) {
  return (
    <div>
      <p>{words}</p>
      <ul>
        {rules.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
    </div>
  );
}

function Outcome({ deployed: { rules } }: { deployed: Deployed }) {
  const failed = rules.filter(({ outcome }) => outcome === "refused");
  const written = rules.filter(({ outcome }) => outcome === "created" || outcome === "updated");
  const done = `${plural(written.length, "rule")} written.`;
  if (failed.length === 0) {
    return (
      <Notice intent="success" title="Deployed">
        <p>{done}</p>
      </Notice>
    );
  }
  return (
    <Notice urgent intent="warning" title={`${plural(failed.length, "rule")} not written`}>
      <Sentences
        all={[
          ...(written.length > 0 ? [done] : []),
          ...failed.map(({ title, problem }) => `${title}: ${problem ?? ""}`),
        ]}
      />
    </Notice>
  );
}
