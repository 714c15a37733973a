import type { Metadata } from "next";
import { compareAction, importAction, leaveAction, repairAction } from "@/app/setup/register/actions";
import { RegisterPage } from "@/components/register/register-page";

export const metadata: Metadata = { title: "Register" };

export default function Page() {
  return (
    <RegisterPage compare={compareAction} repair={repairAction} leave={leaveAction} importPublished={importAction} />
  );
}
