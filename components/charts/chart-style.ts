/** The box beside the pointer, in the theme's colours. */
export const TOOLTIP = {
  padding: "6px 10px",
  border: "1px solid var(--colorNeutralStroke1)",
  borderRadius: "var(--borderRadiusMedium)",
  background: "var(--colorNeutralBackground1)",
  boxShadow: "var(--shadow8)",
  fontSize: "var(--fontSizeBase200)",
};
