"use client";
import dynamic from "next/dynamic";

/** The same as `OwnerNotices`, loaded after the page: most people have nothing to be told. */
export const LazyNotices = dynamic(() => import("./owner-notices").then((file) => file.OwnerNotices), { ssr: false });
