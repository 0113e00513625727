// Whether the server knows who we are: to strangers health says that it is well, and no more.

/** Resolves to true or false; null where the server does not say, or cannot. */
export async function isKnown(healthUrl) {
  try {
    const response = await fetch(healthUrl, { cache: "no-store" });
    return response.ok ? "database" in (await response.json()) : null;
  } catch {
    return null;
  }
}
