import type { Metadata } from "next";
import { openLinkAction } from "@/app/share/actions";
import { OpenLink } from "@/components/share/open-link";

export const metadata: Metadata = { title: "Shared link" };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <OpenLink key={id} id={decodeURIComponent(id)} open={openLinkAction} />;
}
