import type { Metadata } from "next";
import { AlertExceptionsPage } from "@/components/alert-exceptions/alert-exceptions-page";
import {
  addAlertExceptionAction,
  dismissProposalAction,
  endAlertExceptionAction,
  removeForeignExceptionAction,
  renewAlertExceptionAction,
  takeOverExceptionAction,
} from "./actions";

export const metadata: Metadata = { title: "Alert exceptions" };

const ACTIONS = {
  add: addAlertExceptionAction,
  renew: renewAlertExceptionAction,
  end: endAlertExceptionAction,
  dismiss: dismissProposalAction,
  takeOver: takeOverExceptionAction,
  remove: removeForeignExceptionAction,
};

export default function Page() {
  return <AlertExceptionsPage {...ACTIONS} />;
}
