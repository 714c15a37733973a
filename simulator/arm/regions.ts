/** An Azure region as ARM lists it. Coordinates and pairs: Azure's published list of regions. */
export interface Region {
  name: string;
  displayName: string;
  geography: string;
  geographyGroup: string;
  longitude: string;
  latitude: string;
  physicalLocation: string;
  paired: string;
}

type Row = readonly [
  name: string,
  display: string,
  geography: string,
  group: string,
  longitude: string,
  latitude: string,
  city: string,
  paired: string,
];

const ROWS: readonly Row[] = [
  ["westeurope", "West Europe", "Europe", "Europe", "4.9", "52.3667", "Netherlands", "northeurope"],
  ["northeurope", "North Europe", "Europe", "Europe", "-6.2597", "53.3478", "Ireland", "westeurope"],
  [
    "germanywestcentral",
    "Germany West Central",
    "Germany",
    "Europe",
    "8.682127",
    "50.110924",
    "Frankfurt",
    "germanynorth",
  ],
  ["germanynorth", "Germany North", "Germany", "Europe", "8.806422", "53.073635", "Berlin", "germanywestcentral"],
  ["swedencentral", "Sweden Central", "Sweden", "Europe", "17.14127", "60.67488", "Gävle", "swedensouth"],
  ["swedensouth", "Sweden South", "Sweden", "Europe", "13.0007", "55.6059", "Malmö", "swedencentral"],
  ["eastus", "East US", "United States", "US", "-79.8164", "37.3719", "Virginia", "westus"],
  ["westus", "West US", "United States", "US", "-122.417", "37.783", "California", "eastus"],
];

export const REGIONS: readonly Region[] = ROWS.map(
  ([name, displayName, geography, geographyGroup, longitude, latitude, physicalLocation, paired]) => ({
    name,
    displayName,
    geography,
    geographyGroup,
    longitude,
    latitude,
    physicalLocation,
    paired,
  }),
);

/** Whether the simulated Azure has that region, by name or display name, in any case. */
export function isLocation(text: string): boolean {
  const wanted = text.replaceAll(" ", "").toLowerCase();
  return REGIONS.some(({ name }) => name === wanted);
}
