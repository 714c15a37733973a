/** The one region in which the simulated Defender for Cloud keeps what it knows of all subscriptions. */
export const DATA_LOCATION = "westeurope";
